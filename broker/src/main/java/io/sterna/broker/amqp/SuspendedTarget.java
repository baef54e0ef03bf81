package io.sterna.broker.amqp;

import io.sterna.amqp.DeliveryState;
import io.sterna.amqp.RemoteAttach;
import io.sterna.amqp.Terminus;
import io.sterna.amqp.UnsettledDelivery;
import io.sterna.broker.partition.KeptLink;
import io.sterna.broker.partition.Node;
import java.util.List;
import java.util.Optional;

/**
 * A producer without a link: the outcomes of what it has sent and not settled, so that nothing is stored twice when it
 * asks again (AMQP 1.0 §2.6.12).
 *
 * @param granted the target of its last link
 * @param unsettled with their outcomes
 * @param made the node that was made for the link
 * @param kept what the store keeps of it
 */
record SuspendedTarget(
        Terminus.Target granted, List<UnsettledDelivery> unsettled, Optional<Node> made, Optional<KeptLink> kept)
        implements SuspendedLink {
    /** A delivery-tag with all that is around it, about. */
    private static final long ENTRY_BYTES = 128;

    @Override
    public Terminus.Node terminus() {
        return granted.node();
    }

    @Override
    public long bytes() {
        return ENTRY_BYTES * unsettled.size();
    }

    @Override
    public void discard() {
        // The messages are where they belong; only their senders might still have asked.
        made.ifPresent(node -> node.loop().run(() -> node.partition().creatorLeft(node)));
        kept.ifPresent(link -> link.node().loop().run(link::end));
    }

    /** As a restart has brought it back. */
    static SuspendedTarget restored(Terminus.Target granted, List<byte[]> acceptedTags, KeptLink link) {
        return new SuspendedTarget(
                granted,
                acceptedTags.stream()
                        .map(tag -> new UnsettledDelivery(tag, Optional.of(DeliveryState.Accepted.INSTANCE)))
                        .toList(),
                Optional.empty(),
                Optional.of(link));
    }

    boolean fits(RemoteAttach attach) {
        return attach.target()
                .map(target -> target instanceof Terminus.Target node && names(node.node()))
                .orElse(true);
    }

    /** As before, or by the address that its node was given. */
    private boolean names(Terminus.Node asked) {
        boolean anew = asked.dynamic() && made.isPresent();
        return anew || asked.address().equals(granted.node().address());
    }

    /**
     * What is still unsettled when a sender attaches: what it holds too, or may hold. What only we hold is settled
     * (§2.6.13).
     */
    List<UnsettledDelivery> heldByBoth(RemoteAttach attach) {
        if (!attach.resumes()) {
            return List.of();
        }
        return unsettled.stream()
                .filter(delivery -> attach.incompleteUnsettled()
                        || attach.unsettled().find(delivery.tag()).isPresent())
                .toList();
    }

    static Optional<SuspendedTarget> of(Optional<SuspendedLink> former, RemoteAttach attach) {
        return former.filter(SuspendedTarget.class::isInstance)
                .map(SuspendedTarget.class::cast)
                .filter(target -> target.fits(attach));
    }
}
