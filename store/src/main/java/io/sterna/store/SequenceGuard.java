package io.sterna.store;

import io.sterna.store.LogOperation.Atomic;
import io.sterna.store.LogOperation.Enqueued;
import io.sterna.store.LogOperation.LogRestarted;
import io.sterna.store.LogOperation.PartitionRemoved;
import io.sterna.store.LogOperation.Published;
import java.util.HashMap;
import java.util.Map;

/**
 * Refuses sequences that do not rise within their partition, as long as its log goes on. Refused on the way in, a broken order is the caller's fault;
 * found on disk, it would be damage for ever. Owned by one lane.
 */
final class SequenceGuard {
    private final Map<Integer, Long> highest;

    /** Starts from the highest sequences that are alive, by partition. */
    SequenceGuard(Map<Integer, Long> recovered) {
        highest = new HashMap<>(recovered);
    }

    /** Takes note of an operation's sequences; throws {@link IllegalArgumentException} when one does not rise. */
    void check(int partition, LogOperation operation) {
        if (operation instanceof Enqueued enqueued) {
            check(partition, enqueued.sequence());
        } else if (operation instanceof Published published) {
            check(partition, published.sequence());
        } else if (operation instanceof Atomic atomic) {
            for (LogOperation part : atomic.operations()) {
                check(partition, part);
            }
        } else if (operation instanceof LogRestarted || operation instanceof PartitionRemoved) {
            highest.remove(partition);
        }
    }

    private void check(int partition, long sequence) {
        Long before = highest.get(partition);
        if (before != null && before >= sequence) {
            throw new IllegalArgumentException("sequence " + sequence + " after " + before + " in partition "
                    + partition + "; sequences must rise");
        }
        highest.put(partition, sequence);
    }
}
