/**
 * Makes several nodes one broker that loses nothing: who owns which partition, and how its log gets to others.
 *
 * <p>Moving parts: a {@link io.sterna.cluster.Replica} for each partition on each node, which is owner, backup or candidate
 * as the partition's {@link io.sterna.cluster.PartitionView} says; a {@link io.sterna.cluster.Coordinator} on each node, of
 * which that of the oldest one finds new owners for those of dead nodes, opens partitions when all were down, and says
 * where replicas are to be. Both are state machines without IO: they take messages, what the table says and the time,
 * and call {@link io.sterna.cluster.ReplicaLog}, {@link io.sterna.cluster.Peers} and {@link
 * io.sterna.cluster.PartitionTable}, which return at once.
 *
 * <p>Each replica is owned by one event loop, the one of its partition; the coordinator by any one. What safety rests on is
 * in {@link io.sterna.cluster.SafetyRules}. It knows nothing of AMQP, and does not look into records.
 */
@NullMarked
package io.sterna.cluster;

import org.jspecify.annotations.NullMarked;
