package io.sterna.broker.partition;

import io.sterna.broker.queue.DeadLetterReason;
import io.sterna.broker.queue.MessageTraits;
import io.sterna.broker.queue.Outcome;
import io.sterna.store.LogOperation;
import io.sterna.store.RecoveredMessage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a partition has prepared of a transaction that a crash has interrupted, and, if it was decided, what it does to
 * the messages that come back: the same as {@code Lifecycle} in a queue that they are in. Filled by the thread that
 * recovers; then handed over to the partition's loop.
 */
final class RecoveredBranch {
    private final TransactionKey key;
    private final int partition;
    private final PreparedWork work;
    private final List<LogOperation> operations = new ArrayList<>();
    private final Map<QueueNode, List<RecoveredLetter>> letters = new LinkedHashMap<>();

    RecoveredBranch(TransactionKey key, int partition, PreparedWork work) {
        this.key = key;
        this.partition = partition;
        this.work = work;
    }

    TransactionKey key() {
        return key;
    }

    int partition() {
        return partition;
    }

    PreparedWork work() {
        return work;
    }

    /** What is to be recorded of messages. */
    List<LogOperation> operations() {
        return operations;
    }

    /** What goes to the dead letters, by queue. */
    Map<QueueNode, List<RecoveredLetter>> letters() {
        return letters;
    }

    /** Gives a message of a decided branch its outcome; the message as it stays in its queue, or empty. */
    Optional<RecoveredMessage> retire(QueueNode node, RecoveredMessage message, Outcome said) {
        Outcome outcome = node.seats().allowed(said);
        if (outcome instanceof Outcome.Accepted) {
            operations.add(acknowledged(node, message));
            return Optional.empty();
        } else if (outcome instanceof Outcome.Rejected) {
            bury(node, message, message.deliveryCount() + 1, message.annotations(), outcome);
            return Optional.empty();
        } else if (outcome instanceof Outcome.Modified modified) {
            return modify(node, message, modified);
        }
        assert outcome instanceof Outcome.Released;
        return Optional.of(message);
    }

    private static LogOperation acknowledged(QueueNode node, RecoveredMessage message) {
        return new LogOperation.Acknowledged(node.id(), new long[] {message.sequence()});
    }

    /** Who could not process it is not remembered: its consumers are gone with the crash. */
    private Optional<RecoveredMessage> modify(QueueNode node, RecoveredMessage message, Outcome.Modified modified) {
        int count = message.deliveryCount() + (modified.deliveryFailed() ? 1 : 0);
        byte[] annotations = modified.annotations().length == 0
                ? message.annotations()
                : Annotations.merge(message.annotations(), modified.annotations());
        if (modified.deliveryFailed() && node.policy().redelivery().exhaustedBy(count)) {
            bury(node, message, count, annotations, modified);
            return Optional.empty();
        }
        byte[] traits = traits(node, message, count, modified);
        operations.add(new LogOperation.DeliveryUpdated(node.id(), message.sequence(), count, traits, annotations));
        return Optional.of(new RecoveredMessage(message.sequence(), message.sizeBytes(), count, traits, annotations));
    }

    private static byte[] traits(QueueNode node, RecoveredMessage message, int count, Outcome.Modified modified) {
        long nowMillis = node.loop().nowMillis();
        long delayMillis =
                modified.deliveryFailed() ? node.policy().redelivery().delayMillis(count) : 0;
        long atMillis = modified.deliverAtMillis() != 0 ? modified.deliverAtMillis() : nowMillis + delayMillis;
        if (atMillis <= nowMillis) {
            return message.traits();
        }
        MessageTraits traits = TraitsCodec.decode(message.traits());
        return TraitsCodec.encode(traits.withDeliverAtMillis(atMillis));
    }

    private void bury(QueueNode node, RecoveredMessage message, int count, byte[] annotations, Outcome outcome) {
        DeadLetterReason reason = RecoveredLetter.reason(outcome);
        if (DeadLetters.drops(node.policy(), reason)) {
            operations.add(acknowledged(node, message));
        } else {
            letters.computeIfAbsent(node, its -> new ArrayList<>())
                    .add(new RecoveredLetter(node, message.sequence(), count, annotations, outcome));
        }
    }

    /**
     * What is left to be done when all but the dead letters is: payloads have to be read before they can be moved, and
     * another crash may come before that.
     */
    Optional<PreparedWork> rest() {
        List<PreparedWork.Retirement> left = letters.values().stream()
                .flatMap(List::stream)
                .map(letter -> new PreparedWork.Retirement(
                        letter.node().id(), new long[] {letter.sequence()}, letter.outcome()))
                .toList();
        return left.isEmpty() ? Optional.empty() : Optional.of(new PreparedWork(List.of(), left));
    }
}
