package io.sterna.broker.queue;

/** Says which messages a consumer wants. Its answer for a message never changes. */
@FunctionalInterface
public interface MessageFilter {

    /** Called by the queue's owner, often: cheap, without side effects, and must not throw. */
    boolean matches(QueueMessage message);
}
