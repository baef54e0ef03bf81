package io.sterna.broker.partition;

import io.sterna.store.LogOperation;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * A message that has got its place in one or several queues, and is to enter them once its record is durable. Owned by
 * the partition's loop.
 *
 * @param record what the log has to say of it; empty when nothing of it is stored
 * @param volatileCopies whether it stays in memory somewhere, as what is stored does not have to
 * @param enter lets it enter; false when the partition does not serve any more
 */
record Arrival(Optional<LogOperation> record, boolean volatileCopies, BooleanSupplier enter) {

    /** Of a copy of a message that is there: it is accepted, when that one can't be lost, and nothing enters. */
    static final Arrival OF_NOTHING = new Arrival(Optional.empty(), false, () -> true);

    /**
     * Appends the record, and lets the message enter once it is durable. The tag of one that is not durable is not
     * kept: when that one is lost with the process, its sender is to send it again.
     */
    void happen(Publication publication, Partition partition) {
        Optional<KeptTag> tag = publication.message().durable() ? publication.tag() : Optional.empty();
        (tag.isPresent() ? tag.get().with(record) : record).ifPresent(partition::append);
        // What is not durable waits too, for what is before it: order holds between both kinds.
        partition.afterAppended(
                () -> enter(publication, partition),
                () -> publication.onStopped(partition.problem().orElseThrow()));
    }

    private void enter(Publication publication, Partition partition) {
        if (!enter.getAsBoolean()) {
            publication.onStopped(partition.problem().orElseThrow());
            return;
        }
        LoopMemory memory = partition.loop().memory();
        if (volatileCopies && memory.tight()) {
            memory.halt(publication.producer());
        }
        publication.onStored();
    }
}
