package io.sterna.broker.queue;

/** A message's payload, opaque to the queue. Immutable as far as the queue is concerned. */
public interface QueueMessage {

    /** What the payload weighs against the memory budget, bytes; never changes. */
    int sizeBytes();

    /** A queue has it in memory from now on. On the loop of the queue's partition. */
    default void onHeld() {}

    /** As often as {@link #onHeld}: a queue has it in memory no more. */
    default void onLetGo() {}
}
