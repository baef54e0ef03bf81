package io.sterna.broker.queue;

/** Combines the message annotations of {@link Outcome.Modified}, which are opaque to the queue. */
@FunctionalInterface
public interface AnnotationMerger {

    /**
     * Adds entries to those gathered so far; an added one replaces one of the same key (AMQP 1.0 §3.4.5). Called by the
     * queue's owner. Neither array is changed.
     *
     * @param current gathered from earlier outcomes, may be empty
     * @param added of this outcome, not empty
     */
    byte[] merge(byte[] current, byte[] added);
}
