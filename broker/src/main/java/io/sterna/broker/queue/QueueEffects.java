package io.sterna.broker.queue;

/**
 * What a queue asks of the world around it. One instance for each queue. Called by the queue's owner from within a
 * command, after the queue's own state has changed; must neither call the queue back nor
 * throw: a shell that fails remembers it and stops its queues afterwards.
 */
public interface QueueEffects {

    /**
     * A durable message has left the queue for good: accepted or purged. Called once for each, so
     * that the caller of the command can put many into one record.
     */
    void acknowledged(long sequence);

    /**
     * A message whose payload was spilled has left the queue as with {@link #acknowledged}: its place on disk is free.
     */
    void spillUnneeded(long sequence);

    /**
     * A message has left the queue without being processed and has to be moved to the dead letters, in one atomic step
     * if it is durable, or to be dropped, as the node's policy says. Neither {@link #acknowledged} nor {@link
     * #spillUnneeded} is called for it. A rejected attempt is in its delivery count (AMQP 1.0 §3.4.3).
     *
     * @param entry the message, with its payload if that is in memory, as it is if it is neither durable nor spilled;
     *     valid during the call only
     * @param condition the error condition given by the consumer, empty when none was
     * @param description in words, empty when a consumer gave none
     */
    void deadLetter(Entry entry, DeadLetterReason reason, String condition, String description);

    /**
     * Whether more messages may be taken out for the dead letters now. When they may not, the clock takes out nothing,
     * and nothing is handed out before what is due; {@link Queue#onTime} is called as soon as they may again.
     */
    boolean takesDeadLetters();

    /**
     * {@link Queue#onTime} is to be called when this time has come, in place of what was asked for before. Called from
     * within {@link Queue#restore} as well.
     *
     * @param atMillis since 1970-01-01T00:00Z; may be past
     */
    void wakeAt(long atMillis);

    /**
     * A durable message went back with another delivery count or other annotations.
     *
     * @param entry the message; valid during the call only
     */
    void deliveryUpdated(Entry entry);

    /**
     * Payloads are needed. Answered by {@link Loading#onLoaded} or {@link Loading#onFailed}, later; no other load is
     * asked for until then.
     *
     * @param fromSequence the first message wanted; the answer holds those that the store has, or that were spilled,
     *     from here on, rising
     */
    void load(long fromSequence, LoadLimits limits);

    /**
     * There is more to do than one turn of the loop should hold: {@link Queue#goOn} is to be called in a later turn.
     * Not asked for again before that.
     */
    void continueLater();

    /**
     * A message that the queue counted on is not in the store, or not where it was spilled. It has been taken out of
     * the queue; nothing was acknowledged.
     */
    void missing(Entry entry);
}
