package io.sterna.broker.partition;

import io.sterna.broker.queue.ConsumerOptions;
import java.util.List;
import java.util.Optional;

/** Understands the settings of links that the store has kept. Called by the thread that recovers the store. */
public interface LinkRestorer {

    /**
     * A consumer's place at its queue.
     *
     * @param options how it takes part
     * @param keeper stands in for it until its link is resumed
     * @param throughTopic whether it subscribed to the topic that the queue belongs to, rather than to the queue
     */
    record Place(ConsumerOptions options, DeliveryTaker keeper, boolean throughTopic) {}

    /** Reads the settings of a link; empty for one on which the client sends. */
    Optional<Place> place(QueueNode queue, byte[] settings);

    /**
     * A link on which a client sends is there again, suspended; with the tags of what was accepted and is unsettled.
     */
    void onProducer(KeptLink link, byte[] settings, List<byte[]> tags);

    /**
     * A link on which a client receives is there again, suspended.
     *
     * @param place as it was asked for by {@link #place}
     * @param heldBytes of the messages that it has not settled
     */
    void onConsumer(Place place, byte[] settings, Subscription subscription, Seat seat, long heldBytes);
}
