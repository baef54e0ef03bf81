package io.sterna.broker.amqp;

import io.sterna.amqp.DeliveryState;
import io.sterna.amqp.IncomingDelivery;
import io.sterna.amqp.ReceiverLink;
import io.sterna.amqp.SettleMode;
import io.sterna.amqp.UnsettledDelivery;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a producer's link leaves unsettled (AMQP 1.0 §2.6.12, §2.6.13). While the link lives, the engine knows most of it;
 * when it is gone, the outcomes of what is on its way to a queue are waited for. Owned by the connection's loop.
 */
final class TargetDeliveries {
    private static final int MOST_UNSETTLED = 1024;
    private static final int LEAST_ROOM = 2;

    private final ReceiverLink link;

    /** Of an earlier life of the link, and not resumed yet. */
    private final Map<ByteBuffer, UnsettledDelivery> earlier = new LinkedHashMap<>(0);

    /** Those that have no outcome yet, once the link is gone. */
    private final Set<IncomingDelivery> pending = new HashSet<>(0);

    private final List<IncomingDelivery> left = new ArrayList<>(0);
    private @Nullable Consumer<List<UnsettledDelivery>> whenKnown;

    TargetDeliveries(ReceiverLink link) {
        this.link = link;
    }

    /** The link begins with these. */
    void resume(List<UnsettledDelivery> held) {
        held.forEach(delivery -> earlier.put(ByteBuffer.wrap(delivery.tag()), delivery));
    }

    /** How many more deliveries may be unsettled; never none, since also what is resumed needs credit. */
    int room() {
        return Math.max(LEAST_ROOM, MOST_UNSETTLED - earlier.size());
    }

    /** Both sides have settled a delivery. */
    void onSettled(IncomingDelivery delivery) {
        if (delivery.resumed()) {
            earlier.remove(ByteBuffer.wrap(delivery.tag()));
        }
    }

    /** The link is gone: the answer comes when all outcomes are known. */
    void leave(Consumer<List<UnsettledDelivery>> known) {
        whenKnown = known;
        for (IncomingDelivery delivery : link.unsettled()) {
            if (!isTransactional(delivery)) {
                left.add(delivery);
                if (delivery.state().isEmpty()) {
                    pending.add(delivery);
                }
            }
        }
        maybeKnown();
    }

    /** What a transaction has taken is undone with it, unless it is committed before. */
    private static boolean isTransactional(IncomingDelivery delivery) {
        return delivery.remoteState().orElse(null) instanceof DeliveryState.Transactional
                || delivery.state().orElse(null) instanceof DeliveryState.Transactional;
    }

    /** A delivery has got its outcome. */
    void onOutcome(IncomingDelivery delivery) {
        if (pending.remove(delivery)) {
            if (!link.forgotten() && link.receiverSettleMode() == SettleMode.Receiver.FIRST) {
                left.remove(delivery); // The sender hears of it on the session, and it is settled with that.
            }
            maybeKnown();
        }
    }

    private void maybeKnown() {
        Consumer<List<UnsettledDelivery>> known = whenKnown;
        if (known != null && pending.isEmpty()) {
            whenKnown = null;
            left.stream()
                    .filter(delivery -> !delivery.remotelySettled())
                    .forEach(delivery -> earlier.put(
                            ByteBuffer.wrap(delivery.tag()), new UnsettledDelivery(delivery.tag(), delivery.state())));
            known.accept(List.copyOf(earlier.values()));
        }
    }
}
