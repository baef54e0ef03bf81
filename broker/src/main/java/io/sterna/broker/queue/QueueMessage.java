package io.sterna.broker.queue;

/** A message's payload, opaque to the queue. Immutable as far as the queue is concerned. */
public interface QueueMessage {

    /** What the payload weighs against the memory budget, bytes; never changes. */
    int sizeBytes();
}
