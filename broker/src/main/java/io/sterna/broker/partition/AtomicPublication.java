package io.sterna.broker.partition;

import java.util.Optional;

/** A message that is published as a transaction of its own, which is answered as a whole. Any thread. */
record AtomicPublication(Publication publication) implements TransactedPublication {
    @Override
    public BrokerMessage message() {
        return publication.message();
    }

    @Override
    public Producer producer() {
        return publication.producer();
    }

    @Override
    public Optional<KeptTag> tag() {
        return publication.tag();
    }
}
