package io.sterna.broker.partition;

import java.util.Optional;

/**
 * A message as one of several topics gets it: the one that it was sent to, and those with wildcards that match. Any
 * thread.
 *
 * @param forwardedFrom as {@link Publication#forwardedFrom()}
 * @param whenStored runs when it is in that one for good; that it was deleted or has stopped is told as it is, and once
 *     is enough for the publisher, who never hears that the message is stored then
 */
record SharedPublication(Publication publication, Optional<String> forwardedFrom, Runnable whenStored)
        implements Publication {
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
    public boolean beginsAnew() {
        return publication.beginsAnew();
    }

    @Override
    public void onStored() {
        whenStored.run();
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
