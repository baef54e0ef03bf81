package io.sterna.broker.queue;

/**
 * What a consumer is told. Called by the queue's owner from within a command; must neither call the queue back nor
 * throw.
 */
public interface Receiver {

    /**
     * A message for this consumer; one of its credit is spent. The message stays acquired until {@link Queue#settle},
     * except for a browser, to which no message belongs.
     *
     * @param entry the message, with its payload; valid during the call only
     */
    void deliver(Entry entry);

    /**
     * The answer to {@link Queue#drain}, exactly once: all that was available has been delivered and no credit is left.
     *
     * @param unusedCredit credit given up, by which the link's delivery-count advances (AMQP 1.0 §2.6.7); 0 or above
     */
    void drained(long unusedCredit);

    /**
     * A delivery was not settled in time and has gone back to the queue, as if released.
     *
     * @param sequence of the message
     */
    void lockLost(long sequence);

    /** The queue is gone. The consumer has been removed from it; its unsettled deliveries went with the queue. */
    void queueDeleted();
}
