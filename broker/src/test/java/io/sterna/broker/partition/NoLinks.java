package io.sterna.broker.partition;

import java.util.List;
import java.util.Optional;

/** Of a store that keeps no links. */
final class NoLinks implements LinkRestorer {
    @Override
    public Optional<Place> place(QueueNode queue, byte[] settings) {
        throw new AssertionError("no link was kept");
    }

    @Override
    public void onProducer(KeptLink link, byte[] settings, List<byte[]> tags) {
        throw new AssertionError("no link was kept");
    }

    @Override
    public void onConsumer(Place place, byte[] settings, Subscription subscription, Seat seat, long heldBytes) {
        throw new AssertionError("no link was kept");
    }
}
