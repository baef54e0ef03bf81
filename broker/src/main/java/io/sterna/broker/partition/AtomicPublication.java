package io.sterna.broker.partition;

import java.util.Optional;

/** A message that is published as a transaction of its own, which is answered as a whole. Any thread. */
record AtomicPublication(Publication publication) implements Publication {
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

    @Override
    public void onStored() {
        // The commit is answered as a whole.
    }

    @Override
    public void onDeleted() {
        // What is posted to a node that goes before it can enter, goes with the node.
    }

    @Override
    public void onStopped(String reason) {
        // As above.
    }
}
