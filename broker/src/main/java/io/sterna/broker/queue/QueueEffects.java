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
     * A rejected message has left the queue and has to be moved to the dead letters, in one atomic step if it is
     * durable. {@link #acknowledged} is not called for it. The rejected attempt is in its delivery count (AMQP 1.0
     * §3.4.3).
     *
     * @param entry the message, with its payload; valid during the call only
     * @param condition the error condition given by the consumer, empty when none was
     * @param description the description given by the consumer, empty when none was
     */
    void deadLetter(Entry entry, String condition, String description);

    /**
     * A durable message went back with another delivery count or other annotations.
     *
     * @param entry the message; valid during the call only
     */
    void deliveryUpdated(Entry entry);

    /**
     * Payloads are needed. Answered by {@link Queue#onLoaded} or {@link Queue#onLoadFailed}, later; no other load is
     * asked for until then.
     *
     * @param fromSequence the first message wanted; the answer holds those that the store has from here on, rising
     */
    void load(long fromSequence, LoadLimits limits);

    /**
     * There is more to do than one turn of the loop should hold: {@link Queue#goOn} is to be called in a later turn.
     * Not asked for again before that.
     */
    void continueLater();

    /**
     * A message that the queue counted on is not in the store. It has been taken out of the queue; nothing was
     * acknowledged.
     */
    void missing(long sequence);
}
