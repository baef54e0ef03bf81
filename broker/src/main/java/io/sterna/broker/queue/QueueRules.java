package io.sterna.broker.queue;

import io.sterna.broker.config.QueueLimits;
import io.sterna.broker.config.QueuePolicy;
import io.sterna.broker.config.Redelivery;

/**
 * What a queue is told about how to treat its messages.
 *
 * @param limits how much it holds; those that block or reject are for the shell to keep
 * @param redelivery what becomes of messages whose delivery fails
 * @param lockMillis a delivery that is not settled within this time is taken back; 0 for never
 */
public record QueueRules(QueueLimits limits, Redelivery redelivery, long lockMillis) {
    /** Whether so many messages are more than there may be, and the oldest has to make room. */
    boolean evicts(int messages, long bytes) {
        return switch (limits.overflow()) {
            case BLOCK, REJECT -> false;
            case DROP_OLDEST, DEAD_LETTER -> limits.exceededBy(messages, bytes);
        };
    }

    /** No limits at all. */
    public static final QueueRules NONE = of(QueuePolicy.OF_DEAD_LETTERS);

    /** The part of a policy that the queue itself sees to. */
    public static QueueRules of(QueuePolicy policy) {
        return new QueueRules(policy.limits(), policy.redelivery(), policy.lockMillis());
    }
}
