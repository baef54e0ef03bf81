package io.sterna.broker.partition;

import io.sterna.broker.queue.MessageFilter;
import java.util.Optional;

/**
 * A subscription to a topic: the queue that the topic feeds, and who receives from it. Owned by the partition's loop.
 */
final class TopicSubscription implements Seat {
    private final TopicNode topic;
    private final QueueNode queue;
    private final Optional<SubscriptionSettings> named;
    private final Optional<MessageFilter> selector;
    private final Optional<String> noLocal;
    private int subscribers;

    TopicSubscription(TopicNode topic, QueueNode queue, SubscriptionRequest request) {
        this.topic = topic;
        this.queue = queue;
        named = request.named();
        selector = request.selector();
        noLocal = request.noLocal();
    }

    @Override
    public QueueNode queue() {
        return queue;
    }

    Optional<SubscriptionSettings> named() {
        return named;
    }

    boolean lasting() {
        return named.isPresent() && named.get().id().lasting();
    }

    boolean inUse() {
        return subscribers > 0;
    }

    /** Whether a message is for this subscription. */
    boolean takes(BrokerMessage message, String containerId) {
        return !(noLocal.isPresent() && noLocal.get().equals(containerId))
                && (selector.isEmpty() || selector.get().matches(message));
    }

    void enter() {
        subscribers++;
    }

    /** One that lasts is deleted only by closing it, since its subscribers come back (AMQP 1.0 §2.6.4). */
    @Override
    public void leave(boolean closed, Runnable then) {
        subscribers--;
        boolean deleted = !inUse() && (closed || !lasting());
        if (deleted) {
            topic.subscriptions().remove(this);
        }
        topic.partition().afterAppendedOrGone(then);
    }
}
