/**
 * Partitions: the unit that owns queues, their log and their order.
 *
 * <p>Moving parts: a {@link io.sterna.broker.partition.Loop} is an event loop with its mailbox, its lane into the store
 * and its share of the memory; a {@link io.sterna.broker.partition.Partition} lives on one loop and holds {@link
 * io.sterna.broker.partition.QueueNode}s, each a queue state machine with the shell that carries out its effects, and
 * {@link io.sterna.broker.partition.TopicNode}s, which feed the queues of their subscriptions; {@link
 * io.sterna.broker.partition.Partitions} finds the partition of an address and recovers all of them.
 *
 * <p>It knows messages, not links: who asks and who is told are small interfaces. It refuses to be called from any
 * thread but the owning loop's, except where a method says so.
 */
@NullMarked
package io.sterna.broker.partition;

import org.jspecify.annotations.NullMarked;
