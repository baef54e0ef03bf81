package io.sterna.broker.partition;

import io.sterna.amqp.AmqpError;
import java.util.Optional;

/**
 * A message that a topic with wildcards gets from another topic: ids by which copies are known count for each of the other
 * topics on its own. Any thread.
 */
record ForwardedPublication(Publication publication, String topic) implements Publication {
    @Override
    public Optional<String> forwardedFrom() {
        return Optional.of(topic);
    }

    @Override
    public BrokerMessage message() {
        return publication.message();
    }

    @Override
    public Producer producer() {
        return publication.producer();
    }

    @Override
    public long arrivedAtMillis(long nowMillis) {
        return publication.arrivedAtMillis(nowMillis);
    }

    @Override
    public Optional<KeptTag> tag() {
        return publication.tag();
    }

    @Override
    public boolean beginsAnew() {
        return publication.beginsAnew();
    }

    @Override
    public boolean mayBeRefused() {
        return publication.mayBeRefused();
    }

    @Override
    public void onStored() {
        publication.onStored();
    }

    @Override
    public void onRefused(AmqpError error) {
        publication.onRefused(error);
    }

    @Override
    public void onDeleted() {
        publication.onDeleted();
    }

    @Override
    public void onStopped(String reason) {
        publication.onStopped(reason);
    }
}
