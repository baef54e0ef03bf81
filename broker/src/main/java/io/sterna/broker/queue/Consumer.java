package io.sterna.broker.queue;

import org.jspecify.annotations.Nullable;

/**
 * A consumer of a queue: the handle by which commands name it. Owned by the partition's event loop; elsewhere it is
 * passed on, not looked into.
 *
 * <p>Credit is a limit on the number of deliveries since the consumer was added, as AMQP's delivery-limit (§2.6.7), but
 * 64 bits wide and counted from 0: {@code credit = max(0, limit - sent)}.
 */
public final class Consumer {
    private final Receiver receiver;
    private final ConsumerOptions options;
    private final UnsettledTable unsettled = new UnsettledTable();
    private long limit;
    private long sent;
    private boolean draining;
    private boolean attached = true;

    // Links of ReadyRing; both null when in no ring.
    @Nullable
    Consumer ringNext;

    @Nullable
    Consumer ringPrevious;

    // Kept by Returned: messages in the queue that exclude this consumer, and the sequence below which it was found to
    // be excluded from every returned one.
    int exclusions;
    long restrictedFrom = Long.MIN_VALUE;

    Consumer(Receiver receiver, ConsumerOptions options) {
        this.receiver = receiver;
        this.options = options;
    }

    Receiver receiver() {
        return receiver;
    }

    ConsumerOptions options() {
        return options;
    }

    UnsettledTable unsettled() {
        return unsettled;
    }

    boolean attached() {
        return attached;
    }

    void detach() {
        attached = false;
        draining = false;
    }

    long credit() {
        return Math.max(0, limit - sent);
    }

    boolean draining() {
        return draining;
    }

    void onFlow(long newLimit, boolean drain) {
        limit = newLimit;
        draining = drain;
    }

    void countSent() {
        sent++;
        assert sent <= limit : "sent beyond the limit";
    }

    /** Ends draining and returns the credit given up. */
    long giveUpCredit() {
        long unused = credit();
        sent += unused;
        draining = false;
        return unused;
    }
}
