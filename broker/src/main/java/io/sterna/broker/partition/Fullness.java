package io.sterna.broker.partition;

import io.sterna.amqp.AmqpError;
import io.sterna.amqp.ErrorCondition;
import io.sterna.broker.config.QueueLimits;
import io.sterna.broker.config.QueueLimits.Overflow;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Keeps the limits of a queue towards its producers: they are rejected, or get no credit until there is room. What they
 * have under way when the queue gets full still enters. Owned by the partition's loop.
 */
final class Fullness implements Brake {
    private final QueueNode node;
    private final NodeSettings settings;

    /** Those that are held back, and whether what they send may be refused instead. */
    private final Map<Producer, Boolean> halted = new LinkedHashMap<>(0);

    /** Messages that have their place and wait for their record to be durable. */
    private long pendingMessages;

    private long pendingBytes;

    /** For messages of transactions that are prepared. */
    private long reservedMessages;

    private long reservedBytes;

    Fullness(QueueNode node, NodeSettings settings) {
        this.node = node;
        this.settings = settings;
    }

    private QueueLimits limits() {
        return settings.policy().limits();
    }

    /** So few that the limit is not much exceeded by what a producer has under way. Any thread. */
    int mostUnderWay() {
        QueueLimits limits = limits();
        return limits.overflow() == Overflow.BLOCK && limits.maxMessages() != 0
                ? (int) Math.max(1, Math.min(Integer.MAX_VALUE, limits.maxMessages() / 8))
                : Integer.MAX_VALUE;
    }

    /** Whether it has limits and refuses what exceeds them. */
    boolean rejects() {
        return limits().overflow() == Overflow.REJECT && !limits().unlimited();
    }

    /** Why a message is not taken now; empty when it is. */
    Optional<AmqpError> refusal(Publication publication) {
        if (!publication.mayBeRefused()) {
            return Optional.empty();
        }
        if (isOverrunBy(publication.producer())) {
            return Optional.of(
                    full("twice as many as its policy allows; send later, or on a link to the queue, which gets"
                            + " credit when there is room"));
        }
        return refusal(1, publication.message().sizeBytes());
    }

    /** As above, of several messages that come together. */
    Optional<AmqpError> refusal(long messages, long sizeBytes) {
        return rejects() && exceededBy(messages, sizeBytes)
                ? Optional.of(full("as many as its policy allows"))
                : Optional.empty();
    }

    /**
     * Whether producers that are to wait have brought so many all the same, each the first ones that it had credit for
     * when nobody knew where they would go. One that is held back already goes on with the credit that it has: that is
     * bounded.
     */
    private boolean isOverrunBy(Producer producer) {
        return limits().overflow() == Overflow.BLOCK
                && !producer.isAdmittedByNodes()
                && !halted.containsKey(producer)
                && exceededBy(limits().doubled(), 1, 1);
    }

    private AmqpError full(String howFull) {
        return AmqpError.of(
                ErrorCondition.RESOURCE_LIMIT_EXCEEDED,
                "queue " + node.address() + " is full: with what is on its way into it, it holds " + messages()
                        + " messages of " + bytes() + " bytes, " + howFull);
    }

    private boolean exceededBy(long moreMessages, long moreBytes) {
        return exceededBy(limits(), moreMessages, moreBytes);
    }

    private boolean exceededBy(QueueLimits limits, long moreMessages, long moreBytes) {
        return !limits.unlimited() && limits.exceededBy(messages() + moreMessages, bytes() + moreBytes);
    }

    private long messages() {
        return node.queue().figures().depth() + pendingMessages + reservedMessages;
    }

    private long bytes() {
        return node.queue().figures().bytes() + pendingBytes + reservedBytes;
    }

    /** Whether messages are on their way into the queue. */
    boolean pending() {
        return pendingMessages > 0;
    }

    /** Keeps room for messages that may come. */
    void reserve(long messages, long bytes) {
        reservedMessages += messages;
        reservedBytes += bytes;
    }

    /** They get their place now, or do not come. */
    void release(long messages, long bytes) {
        reserve(-messages, -bytes);
        maybeGoOn();
    }

    /** A message gets its place. */
    void onComing(long sizeBytes) {
        pendingMessages++;
        pendingBytes += sizeBytes;
    }

    /** A message that was coming is there. */
    void onCome(long sizeBytes) {
        pendingMessages--;
        pendingBytes -= sizeBytes;
    }

    /**
     * Holds the producer back if there is no room for another message. Where messages are to be rejected this is for
     * those that can't be any more, since they are in other queues already.
     */
    void maybeHalt(Publication publication) {
        maybeHalt(publication.producer(), publication.mayBeRefused());
    }

    void maybeHalt(Producer producer, boolean mayBeRefused) {
        if (holdsBack(mayBeRefused) && halted.putIfAbsent(producer, mayBeRefused) == null) {
            producer.onTight(this);
        }
    }

    private boolean holdsBack(boolean mayBeRefused) {
        boolean byPolicy =
                switch (limits().overflow()) {
                    case BLOCK -> true;
                    case REJECT -> !mayBeRefused;
                    case DROP_OLDEST, DEAD_LETTER -> false;
                };
        return byPolicy && exceededBy(1, 1);
    }

    /** Something has left the queue, perhaps, or its policy has changed. */
    void maybeGoOn() {
        if (!halted.isEmpty()) {
            goOn(mayBeRefused -> !holdsBack(mayBeRefused));
        }
    }

    /** Lets all producers go on. */
    void goOn() {
        goOn(mayBeRefused -> true);
    }

    private void goOn(Predicate<Boolean> which) {
        List<Producer> now = halted.entrySet().stream()
                .filter(entry -> which.test(entry.getValue()))
                .map(Map.Entry::getKey)
                .toList();
        now.forEach(halted::remove);
        now.forEach(producer -> producer.onRoom(this));
    }

    @Override
    public void release(Producer producer) {
        node.loop().run(() -> halted.remove(producer));
    }
}
