package io.sterna.cluster;

import io.sterna.store.LogOperation;
import io.sterna.store.LogOperation.Atomic;
import io.sterna.store.LogOperation.Enqueued;
import io.sterna.store.LogOperation.Published;
import io.sterna.store.LogRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which content goes with which place of a partition's log: the same on every whole replica, in memory and on disk. */
final class SimContents {
    private final int partition;
    private final Map<Place, Long> fingerprints = new HashMap<>();
    private final Set<Long> committed = new HashSet<>();

    private record Place(long lineage, Position end) {}

    SimContents(int partition) {
        this.partition = partition;
    }

    /** A whole replica holds this where its log ends there. */
    void onContent(SimNode node, long lineage, Position end, SimContent content) {
        check(node.id(), new Place(lineage, end), content);
    }

    /** This is what is committed with a record. */
    void onCommitted(long lineage, LogRecord record, SimContent model) {
        check("what is committed", new Place(lineage, Position.of(record)), model);
        messagesOf(record.operation()).forEach(message -> committed.add(message.sequence()));
    }

    private void check(String who, Place end, SimContent content) {
        Long before = fingerprints.putIfAbsent(end, content.fingerprint());
        if (before != null && before != content.fingerprint()) {
            throw new Violation(
                    Violation.Invariant.EQUAL_CONTENT,
                    "partition " + partition + ": " + who + " at " + end + " is not what others have there: "
                            + content);
        }
    }

    /** Whether a message with this sequence has ever been committed. */
    boolean wasCommitted(long sequence) {
        return committed.contains(sequence);
    }

    /** The messages that an operation brings. */
    static List<SimMessage> messagesOf(LogOperation operation) {
        if (operation instanceof Enqueued enqueued) {
            return List.of(SimMessage.of(enqueued));
        } else if (operation instanceof Published published) {
            return List.of(SimMessage.of(published));
        }
        List<SimMessage> messages = new ArrayList<>();
        if (operation instanceof Atomic atomic) {
            atomic.operations().forEach(each -> messages.addAll(messagesOf(each)));
        }
        return messages;
    }
}
