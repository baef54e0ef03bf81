package io.sterna.cluster;

import io.sterna.store.LogOperation;
import io.sterna.store.LogOperation.Acknowledged;
import io.sterna.store.LogOperation.Atomic;
import io.sterna.store.LogOperation.DeliveryUpdated;
import io.sterna.store.LogOperation.Enqueued;
import io.sterna.store.LogOperation.NodeChanged;
import io.sterna.store.LogOperation.NodeCreated;
import io.sterna.store.LogOperation.Published;
import io.sterna.store.LogOperation.ValuePut;
import io.sterna.store.LogOperation.ValueRemoved;
import io.sterna.store.LogRecord;
import java.util.List;

/** About how many bytes records take, in memory and on their way. What is under way is bounded by it. */
public final class RecordSize {
    /** Of an operation without its arrays. */
    private static final int OVERHEAD = 48;

    private RecordSize() {}

    public static long of(LogRecord record) {
        return of(record.operation());
    }

    public static long of(List<LogRecord> records) {
        return records.stream().mapToLong(RecordSize::of).sum();
    }

    public static long of(LogOperation operation) {
        return OVERHEAD + payload(operation);
    }

    private static long payload(LogOperation operation) {
        if (operation instanceof Enqueued enqueued) {
            return (long) enqueued.traits().length + enqueued.message().length;
        } else if (operation instanceof Published published) {
            return (long) published.traits().length + published.message().length + longs(published.queueIds().length);
        } else if (operation instanceof Acknowledged acknowledged) {
            return longs(acknowledged.sequences().length);
        } else if (operation instanceof DeliveryUpdated updated) {
            return (long) updated.traits().length + updated.annotations().length;
        } else if (operation instanceof ValuePut put) {
            return (long) put.key().length + put.value().length;
        } else if (operation instanceof ValueRemoved removed) {
            return removed.key().length;
        } else if (operation instanceof NodeCreated created) {
            return 2L * created.address().length() + created.settings().length;
        } else if (operation instanceof NodeChanged changed) {
            return changed.settings().length;
        } else if (operation instanceof Atomic atomic) {
            return atomic.operations().stream().mapToLong(RecordSize::of).sum();
        }
        return 0; // An epoch that starts, and a node that is deleted, are a number each.
    }

    private static long longs(int count) {
        return (long) Long.BYTES * count;
    }
}
