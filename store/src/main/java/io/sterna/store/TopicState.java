package io.sterna.store;

/**
 * What was published under a topic and is alive: each message once. Owned by the worker.
 *
 * <p>Invariant, but for damage: a message is among the payloads as long as its count is above 0.
 *
 * @param payloads the messages, kept like those of a queue
 */
record TopicState(QueueState payloads, ReferenceCounts counts) {

    TopicState(long topicId, int partition) {
        this(QueueState.ofTopic(topicId, partition), new ReferenceCounts());
    }

    boolean holds(long sequence) {
        return payloads.index().contains(sequence) || payloads.blockOf(sequence).isPresent();
    }
}
