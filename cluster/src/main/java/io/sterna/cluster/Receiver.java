package io.sterna.cluster;

import io.sterna.cluster.ReplicaMessage.Append;
import io.sterna.store.LogRecord;
import java.util.List;

/** Puts what an owner sends into the log. Owned by the replica's loop. */
final class Receiver {
    private final ReplicaContext context;

    Receiver(ReplicaContext context) {
        this.context = context;
    }

    /**
     * Appends the records that are new.
     *
     * @return false when records before them are missing, so that nothing was appended
     */
    boolean take(Append append) {
        Journal journal = context.journal();
        long end = journal.end().index();
        if (append.before().index() > end) {
            return false;
        }
        Position before = append.before();
        List<LogRecord> records = append.records();
        int known = 0;
        while (known < records.size() && records.get(known).index() <= end) {
            before = Position.of(records.get(known));
            checkSame(journal, before);
            known++;
        }
        if (known < records.size()) {
            if (!context.rules().follows(before, journal.end())) {
                throw new IllegalStateException("partition " + append.partition() + ": the owner of epoch "
                        + append.epoch() + " has " + before + " where this log has " + journal.end());
            }
            journal.append(records.subList(known, records.size()));
        }
        context.onCommitted(append.committed());
        return true;
    }

    /** The owner has compared the ends of the logs when it began: a difference now is a defect, and nothing is safe. */
    private static void checkSame(Journal journal, Position position) {
        if (journal.at(position.index()).filter(own -> !own.equals(position)).isPresent()) {
            throw new IllegalStateException(
                    "the owner has " + position + " where this log has " + journal.at(position.index()));
        }
    }
}
