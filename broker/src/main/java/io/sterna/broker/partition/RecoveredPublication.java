package io.sterna.broker.partition;

import io.sterna.amqp.codec.DecodeException;
import java.util.Optional;

/** A message of a transaction that was decided before a crash; nobody is left to be told. */
final class RecoveredPublication implements TransactedPublication, Producer {
    private final BrokerMessage message;
    private final String containerId;
    private final long arrivedAtMillis;
    private final boolean beginsAnew;
    private final Optional<String> forwardedFrom;

    RecoveredPublication(PreparedWork.Post post) {
        arrivedAtMillis = post.arrivedAtMillis();
        containerId = post.containerId();
        beginsAnew = post.beginsAnew();
        forwardedFrom = post.forwardedFrom();
        try {
            message = BrokerMessage.stored(post.stored());
        } catch (DecodeException ourOwnDefect) {
            throw new IllegalStateException(ourOwnDefect);
        }
    }

    @Override
    public BrokerMessage message() {
        return message;
    }

    @Override
    public boolean beginsAnew() {
        return beginsAnew;
    }

    @Override
    public Optional<String> forwardedFrom() {
        return forwardedFrom;
    }

    @Override
    public Producer producer() {
        return this;
    }

    @Override
    public long arrivedAtMillis(long nowMillis) {
        return arrivedAtMillis;
    }

    @Override
    public String containerId() {
        return containerId;
    }

    @Override
    public void onTight(Brake brake) {}

    @Override
    public void onRoom(Brake brake) {}
}
