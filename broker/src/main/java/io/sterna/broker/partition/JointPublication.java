package io.sterna.broker.partition;

import java.util.concurrent.atomic.AtomicInteger;

/** A message on its way to several nodes: its publisher hears of it when it is in all of them. Any thread. */
final class JointPublication implements Publication {
    private final Publication publication;
    private final AtomicInteger pending;

    JointPublication(Publication publication, int nodes) {
        this.publication = publication;
        pending = new AtomicInteger(nodes);
    }

    @Override
    public BrokerMessage message() {
        return publication.message();
    }

    @Override
    public boolean beginsAnew() {
        return publication.beginsAnew();
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
    public void onStored() {
        if (pending.decrementAndGet() == 0) {
            publication.onStored();
        }
    }

    /** One of them is enough for the publisher to hear of it; it never hears that the message is stored then. */
    @Override
    public void onDeleted() {
        publication.onDeleted();
    }

    @Override
    public void onStopped(String reason) {
        publication.onStopped(reason);
    }
}
