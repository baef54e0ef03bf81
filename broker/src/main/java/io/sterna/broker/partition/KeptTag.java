package io.sterna.broker.partition;

import io.sterna.store.LogOperation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The tag of a delivery whose acceptance is to be remembered until its sender has settled, also after a restart (AMQP
 * 1.0 §2.6.13).
 *
 * @param link of the sender, kept for the node that the message goes to
 */
public record KeptTag(KeptLink link, byte[] tag) {

    /**
     * Adds the tag to a message's record.
     *
     * @param record what the log has to say of the message; empty for nothing
     */
    Optional<LogOperation> with(Optional<LogOperation> record) {
        if (link.ended()) {
            return record;
        }
        LogOperation accepted = link.accepted(tag);
        if (record.isEmpty()) {
            return Optional.of(accepted);
        }
        List<LogOperation> all = new ArrayList<>();
        if (record.get() instanceof LogOperation.Atomic atomic) {
            all.addAll(atomic.operations());
        } else {
            all.add(record.get());
        }
        all.add(accepted);
        return Optional.of(new LogOperation.Atomic(all));
    }
}
