package io.sterna.broker.forward;

import io.sterna.amqp.AmqpError;
import io.sterna.amqp.DeliveryState;
import io.sterna.amqp.ErrorCondition;
import io.sterna.amqp.LinkTerms;
import io.sterna.amqp.OutgoingDelivery;
import io.sterna.amqp.ReceiverLink;
import io.sterna.amqp.SenderHandler;
import io.sterna.amqp.SenderLink;
import io.sterna.amqp.SettleMode;
import io.sterna.amqp.Terminus;
import io.sterna.amqp.message.OutgoingMessage;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The messages of one of a client's links that say themselves where they go ({@code ANONYMOUS-RELAY}), as far as that is to
 * other nodes: such a link to each of them, and what waits for one. Bounded by the credit of the client's link. Owned by the
 * loop of the client's connection.
 */
public final class ForwardedPosts {
    private static final Terminus.Node ANONYMOUS = new Terminus.Node(
            Optional.empty(),
            Terminus.Durability.NONE,
            Terminus.ExpiryPolicy.LINK_DETACH,
            0,
            false,
            Map.of(),
            List.of());

    private final Forwarding forwarding;
    private final ForwardingClient client;
    private final Routing routing;
    private final ReceiverLink link;
    private final Map<Mirror, Relay> relays = new HashMap<>(1);

    /** In the order in which they came; one that has to wait holds up those behind it. */
    private final Deque<Entry> waiting = new ArrayDeque<>();

    private boolean pausing;
    private boolean closing;
    private long lastTag;

    ForwardedPosts(Forwarding forwarding, ForwardingClient client, Routing routing, ReceiverLink link) {
        this.forwarding = forwarding;
        this.client = client;
        this.routing = routing;
        this.link = link;
    }

    /** A message and what becomes of it. Called on the loop; one of these is, once. */
    public interface Post {
        String address();

        int messageFormat();

        byte[] octets();

        /** It goes to this node. */
        void goHere();

        void onStored();

        void onRefused(AmqpError error);
    }

    private static final class Entry {
        private final Post post;
        private final long beginMillis;

        Entry(Post post, long beginMillis) {
            this.post = post;
            this.beginMillis = beginMillis;
        }
    }

    /** Brings a message to where its address is served, after those before it. */
    public void send(Post post) {
        if (waiting.isEmpty() && routing.of(post.address()) instanceof Route.Here) {
            post.goHere();
            return;
        }
        waiting.add(new Entry(post, client.nowMillis()));
        goOn();
    }

    private void goOn() {
        while (!waiting.isEmpty() && sent(waiting.element())) {
            waiting.remove();
        }
        maybeEnd();
    }

    /** Sends the first one, or waits; returns whether it is done with. */
    private boolean sent(Entry entry) {
        Route route = routing.of(entry.post.address());
        if (route instanceof Route.Here) {
            entry.post.goHere();
            return true;
        } else if (client.isPeer()) {
            entry.post.onRefused(AmqpError.of(Attempt.NOT_OWNER, "this node does not own the address"));
            return true;
        } else if (route instanceof Route.At elsewhere) {
            return sent(entry, forwarding.mirror(elsewhere.owner()));
        }
        return refusedInTime(entry, ((Route.Nowhere) route).why());
    }

    private boolean sent(Entry entry, Mirror mirror) {
        if (!mirror.isOpen() || link.session().ended()) {
            return refusedInTime(entry, "there is no connection to " + mirror.owner());
        }
        Relay relay = relays.computeIfAbsent(mirror, Relay::new);
        if (!relay.owner.attached() || relay.owner.credit() <= 0) {
            return false; // Goes on with its credit.
        }
        relay.send(entry);
        return true;
    }

    private boolean refusedInTime(Entry entry, String why) {
        long waitedMillis = client.nowMillis() - entry.beginMillis;
        if (waitedMillis >= Attempt.PATIENCE_MILLIS || link.session().ended()) {
            entry.post.onRefused(AmqpError.of(
                    ErrorCondition.DETACH_FORCED,
                    "the node that serves this address can't be reached at the moment, send again later: " + why));
            return true;
        }
        if (!pausing) {
            pausing = true;
            client.after(Attempt.pauseMillis(waitedMillis), () -> {
                pausing = false;
                goOn();
            });
        }
        return false;
    }

    /** The client's link is gone; what it has sent goes on. */
    public void close() {
        closing = true;
        maybeEnd();
    }

    private void maybeEnd() {
        if (closing && waiting.isEmpty()) {
            relays.values().stream()
                    .filter(relay -> relay.underWay == 0)
                    .toList()
                    .forEach(Relay::detach);
        }
    }

    /** A link to one of the other nodes. */
    private final class Relay implements SenderHandler {
        private final Mirror mirror;
        private final MirrorSession session;
        private final SenderLink owner;
        private int unsent;
        private int underWay;

        Relay(Mirror mirror) {
            this.mirror = mirror;
            session = mirror.session(link.session());
            owner = session.atOwner()
                    .attachSender(
                            link.name(),
                            LinkTerms.of(
                                    Terminus.Source.at(link.name()),
                                    new Terminus.Target(ANONYMOUS),
                                    SettleMode.Sender.UNSETTLED,
                                    SettleMode.Receiver.FIRST),
                            this);
        }

        void send(Entry entry) {
            byte[] tag = ByteBuffer.allocate(Long.BYTES).putLong(0, ++lastTag).array();
            unsent++;
            underWay++;
            session.onUnsent(1);
            mirror.use(1);
            owner.send(tag, entry.post.messageFormat(), OutgoingMessage.untouched(entry.post.octets()), false, entry);
        }

        void detach() {
            relays.remove(mirror, this);
            owner.detach(true, Optional.empty());
        }

        @Override
        public void onCredit() {
            if (owner.drain()) {
                owner.drained();
            }
            goOn();
        }

        @Override
        public void onWritten(OutgoingDelivery delivery) {
            unsent--;
            session.onUnsent(-1);
        }

        @Override
        public void onDisposition(OutgoingDelivery delivery, Optional<DeliveryState> state, boolean settled) {
            Entry entry = (Entry) delivery.context();
            if (!settled && state.isPresent()) {
                delivery.settle(state.get());
            }
            if (!settled && state.isEmpty()) {
                return;
            }
            underWay--;
            mirror.use(-1);
            if (state.orElse(null) instanceof DeliveryState.Accepted) {
                entry.post.onStored();
            } else if (state.orElse(null) instanceof DeliveryState.Rejected rejected) {
                onRefused(entry, rejected.error());
            } else {
                onRefused(entry, Optional.empty());
            }
            maybeEnd();
        }

        private void onRefused(Entry entry, Optional<AmqpError> error) {
            if (error.filter(its -> its.condition().equals(Attempt.NOT_OWNER)).isPresent()) {
                waiting.addFirst(entry);
                if (refusedInTime(entry, error.get().description())) {
                    waiting.remove();
                }
            } else {
                entry.post.onRefused(error.orElseGet(() -> AmqpError.of(
                        ErrorCondition.INTERNAL_ERROR,
                        mirror.owner() + " has not taken the message, and not said why")));
            }
        }

        @Override
        public void onDetached(boolean closed, Optional<AmqpError> error) {
            owner.detach(closed, Optional.empty());
            end(AmqpError.describe(error));
        }

        @Override
        public void onLost(boolean inOrder) {
            end("a link or session there was ended");
        }

        private void end(String why) {
            relays.remove(mirror, this);
            session.onUnsent(-unsent);
            unsent = 0;
            mirror.use(-underWay);
            if (underWay > 0) {
                underWay = 0;
                mirror.fail(why);
            } else if (!waiting.isEmpty() && refusedInTime(waiting.element(), why)) {
                waiting.remove();
            }
        }
    }
}
