package io.sterna.broker.partition;

/**
 * What can hold producers back for a while: memory or a disk that is tight, deliveries that arrive, or a queue that is
 * full.
 */
public interface Brake {

    /** A producer that may be held back by this is gone. Any thread. */
    void release(Producer producer);
}
