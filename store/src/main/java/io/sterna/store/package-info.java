/**
 * Keeps what the partitions of this node have promised to keep: a journal in front, H2 MVStore behind it.
 *
 * <p>Moving parts: a {@link io.sterna.store.Store} takes {@link io.sterna.store.LogRecord}s of all partitions through
 * {@link io.sterna.store.Lane}s, one for each event loop. One journal thread writes and forces them, many at a time. One
 * worker moves what is still alive out of old journal segments into MVStore and recycles the segments; the same worker
 * answers reads.
 *
 * <p>It knows queues only as numbers and messages only as bytes. It decides nothing: who gets a message, when one
 * expires and what a policy says belong to the broker.
 */
@NullMarked
package io.sterna.store;

import org.jspecify.annotations.NullMarked;
