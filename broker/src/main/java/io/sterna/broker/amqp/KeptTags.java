package io.sterna.broker.amqp;

import io.sterna.amqp.IncomingDelivery;
import io.sterna.amqp.UnsettledDelivery;
import io.sterna.broker.partition.KeptLink;
import io.sterna.broker.partition.KeptTag;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The tags of a producer's deliveries that the store keeps from their acceptance until the sender has settled. Owned by
 * the connection's loop.
 */
final class KeptTags {
    private final Optional<KeptLink> link;
    private final ClientTasks tasks;
    private List<byte[]> settled = new ArrayList<>(0);

    KeptTags(Optional<KeptLink> link, ClientTasks tasks) {
        this.link = link;
        this.tasks = tasks;
    }

    /**
     * The link is attached.
     *
     * @param former what was left of its earlier life
     * @param held what of that is unsettled still
     */
    void goOnWith(SuspendedTarget former, List<UnsettledDelivery> held) {
        if (!former.kept().equals(link)) {
            former.discard();
        } else {
            former.unsettled().stream()
                    .filter(delivery -> !held.contains(delivery))
                    .forEach(delivery -> onSettled(delivery.tag()));
        }
    }

    /** What is to be kept of a delivery. */
    Optional<KeptTag> of(IncomingDelivery delivery) {
        return link.filter(its -> its.keepsUnsettled() && delivery.outlivesOutcome())
                .map(its -> new KeptTag(its, delivery.tag()));
    }

    /** A delivery has its outcome. */
    void onOutcome(IncomingDelivery delivery) {
        if (!delivery.outlivesOutcome()) {
            onSettled(delivery.tag());
        }
    }

    /** Both sides have settled a delivery. What is settled in one turn is forgotten together. */
    void onSettled(byte[] tag) {
        if (link.isPresent() && link.get().keepsUnsettled()) {
            if (settled.isEmpty()) {
                tasks.post(this::flush);
            }
            settled.add(tag);
        }
    }

    private void flush() {
        List<byte[]> now = settled;
        settled = new ArrayList<>(0);
        link.ifPresent(its -> its.node().loop().run(() -> its.onSettled(now)));
    }
}
