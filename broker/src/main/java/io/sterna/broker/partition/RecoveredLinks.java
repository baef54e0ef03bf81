package io.sterna.broker.partition;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Puts the links that the store has kept in their places again. Owned by the thread that recovers. */
final class RecoveredLinks {
    private final LinkRestorer restorer;
    private final Map<KeptLink, Optional<Seated>> seated = new HashMap<>();
    private final Map<KeptLink, Long> heldBytes = new HashMap<>();
    private final List<Runnable> recovered = new ArrayList<>();

    /** A link on which a client receives, with its place at the queue. */
    private record Seated(LinkRestorer.Place place, Subscription subscription) {}

    RecoveredLinks(LinkRestorer restorer) {
        this.restorer = restorer;
    }

    /** The consumer that has a message. */
    Optional<Subscription> holder(QueueNode queue, long sequence, int sizeBytes) {
        KeptLinks links = queue.links();
        links.onValuesRecovered();
        Optional<KeptLink> holder = links.holder(sequence);
        holder.ifPresent(link -> heldBytes.merge(link, (long) sizeBytes, Long::sum));
        return holder.flatMap(link -> seated(queue, link, links.settings(link))).map(Seated::subscription);
    }

    private Optional<Seated> seated(QueueNode queue, KeptLink link, byte[] settings) {
        return seated.computeIfAbsent(link, absent -> restorer.place(queue, settings)
                .map(place -> new Seated(place, queue.seats().restore(place, link))));
    }

    /** All nodes and messages are there; the partition does not serve yet. */
    void onRecovered(Partition partition) {
        for (Node node : partition.nodes().all()) {
            KeptLinks links = NodeTable.linksOf(node);
            links.onValuesRecovered();
            links.takeRecovered((link, settings) -> recovered.add(restore(partition, node, link, settings)));
        }
    }

    private Runnable restore(Partition partition, Node node, KeptLink link, byte[] settings) {
        if (node instanceof QueueNode queue) {
            Optional<Seated> its = seated(queue, link, settings);
            if (its.isPresent()) {
                LinkRestorer.Place place = its.get().place();
                Seat seat = place.throughTopic() ? partition.nodes().restoreSeat(queue) : Seat.at(queue);
                long bytes = heldBytes.getOrDefault(link, 0L);
                return () -> restorer.onConsumer(place, settings, its.get().subscription(), seat, bytes);
            }
        }
        return () -> restorer.onProducer(link, settings, link.tags());
    }

    /** The loops are open: the links are told of, in the order in which they were kept within their nodes. */
    void finish() {
        recovered.forEach(Runnable::run);
    }
}
