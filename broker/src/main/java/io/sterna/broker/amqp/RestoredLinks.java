package io.sterna.broker.amqp;

import io.sterna.amqp.Terminus;
import io.sterna.amqp.codec.DecodeException;
import io.sterna.broker.partition.KeptLink;
import io.sterna.broker.partition.LinkRestorer;
import io.sterna.broker.partition.QueueNode;
import io.sterna.broker.partition.Seat;
import io.sterna.broker.partition.Subscription;
import io.sterna.broker.queue.ConsumerOptions;
import java.util.List;
import java.util.Optional;

/** Suspends the links that the store has kept, as if their connections had just been lost. */
public final class RestoredLinks implements LinkRestorer {
    private final LinkRegistry registry;

    public RestoredLinks(LinkRegistry registry) {
        this.registry = registry;
    }

    @Override
    public Optional<Place> place(QueueNode queue, byte[] settings) {
        KeptSettings read = read(settings);
        if (!(read.granted() instanceof Terminus.Source granted)) {
            return Optional.empty();
        }
        boolean throughTopic = !granted.node().address().equals(Optional.of(queue.address()));
        ConsumerOptions options = options(read, granted, throughTopic);
        return Optional.of(new Place(options, new SourceKeeper(registry, read.key()), throughTopic));
    }

    private static ConsumerOptions options(KeptSettings read, Terminus.Source granted, boolean throughTopic) {
        try {
            ConsumerOptions options =
                    ConsumerOptions.of(Outcomes.defaultOf(granted)).withPriority(read.priority());
            ConsumerOptions alone = read.exclusive() ? options.asExclusive() : options;
            return throughTopic
                    ? alone // The subscription chooses.
                    : SourceFilters.of(granted.filter())
                            .messageFilter()
                            .map(alone::withFilter)
                            .orElse(alone);
        } catch (Refusal otherVersion) {
            throw new IllegalStateException("the store has link " + read.key() + ", whose source is refused: "
                    + otherVersion.error().description());
        }
    }

    private static KeptSettings read(byte[] settings) {
        try {
            return KeptSettings.decode(settings);
        } catch (DecodeException otherVersion) {
            throw new IllegalStateException("the store has " + otherVersion.getMessage());
        }
    }

    @Override
    public void onProducer(KeptLink link, byte[] settings, List<byte[]> tags) {
        KeptSettings read = read(settings);
        if (read.granted() instanceof Terminus.Target target) {
            registry.restore(read.key(), SuspendedTarget.restored(target, tags, link));
        }
    }

    @Override
    public void onConsumer(Place place, byte[] settings, Subscription subscription, Seat seat, long heldBytes) {
        KeptSettings read = read(settings);
        if (read.asked() instanceof Terminus.Source asked
                && read.granted() instanceof Terminus.Source granted
                && place.keeper() instanceof SourceKeeper keeper) {
            SuspendedSource held = new SuspendedSource(
                    seat, subscription, asked, granted, place.options(), false, List.of(), heldBytes);
            keeper.keep(held).ifPresent(kept -> registry.restore(read.key(), kept));
        }
    }
}
