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
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;

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
    private final Queue<Entry> waiting = new PriorityQueue<>(Comparator.comparingLong(entry -> entry.number));

    private boolean pausing;
    private boolean closing;
    private long lastNumber;

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
        private final long number;
        private final long beginMillis;

        Entry(Post post, long number, long beginMillis) {
            this.post = post;
            this.number = number;
            this.beginMillis = beginMillis;
        }
    }

    /** Brings a message to where its address is served, after those before it. */
    public void send(Post post) {
        if (waiting.isEmpty()
                && routing.of(post.address()) instanceof Route.Here
                && mayGo(post.address(), Optional.empty())) {
            post.goHere();
            return;
        }
        waiting.add(new Entry(post, ++lastNumber, client.nowMillis()));
        goOn();
    }

    private void goOn() {
        while (!pausing && !waiting.isEmpty() && !isMisled() && sent(waiting.element())) {
            waiting.remove();
        }
        maybeEnd();
    }

    /** Whether what is under way may come back, to go on before what came after it. */
    private boolean isMisled() {
        return relays.values().stream().anyMatch(relay -> relay.misled);
    }

    /** Whether nothing for an address is under way but where the next is to go: it might come back. */
    private boolean mayGo(String address, Optional<Relay> way) {
        return relays.values().stream()
                .allMatch(relay -> way.filter(relay::equals).isPresent() || !relay.addresses.containsKey(address));
    }

    /** Sends the first one, or waits; returns whether it is done with. */
    private boolean sent(Entry entry) {
        Route route = routing.of(entry.post.address());
        if (route instanceof Route.Here) {
            return wentHere(entry.post);
        } else if (client.isPeer()) {
            entry.post.onRefused(AmqpError.of(Attempt.NOT_OWNER, "this node does not own the address"));
            return true;
        } else if (route instanceof Route.At elsewhere) {
            return sent(entry, forwarding.mirror(elsewhere.owner()));
        }
        return refusedInTime(entry, ((Route.Nowhere) route).why());
    }

    private boolean wentHere(Post post) {
        boolean goes = mayGo(post.address(), Optional.empty());
        if (goes) {
            post.goHere();
        }
        return goes;
    }

    private boolean sent(Entry entry, Mirror mirror) {
        if (!mirror.isOpen() || link.session().ended()) {
            return refusedInTime(entry, "there is no connection to " + mirror.owner());
        }
        Relay relay = relays.computeIfAbsent(mirror, Relay::new);
        if (!relay.owner.attached() || relay.owner.credit() <= 0 || !mayGo(entry.post.address(), Optional.of(relay))) {
            return false; // Goes on with its credit, or the outcomes of those before it.
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

    /** The client's link is gone; what it has sent goes on, unless its session is gone, too. */
    public void close() {
        closing = true;
        client.post(this::goOn); // It may be on its way here.
    }

    private void maybeEnd() {
        if (closing && waiting.isEmpty()) {
            relays.values().stream()
                    .filter(relay -> relay.underWay.isEmpty())
                    .toList()
                    .forEach(Relay::detach);
        }
    }

    /** A link to one of the other nodes. */
    private final class Relay implements SenderHandler {
        private final Mirror mirror;
        private final MirrorSession session;
        private final SenderLink owner;
        private final Set<Entry> underWay = new LinkedHashSet<>();

        /** How many of them there are for each address. */
        private final Map<String, Integer> addresses = new HashMap<>();

        /** It has refused a message that is not for its node, and may refuse others that are under way. */
        private boolean misled;

        private int unsent;

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
            byte[] tag =
                    ByteBuffer.allocate(Long.BYTES).putLong(0, entry.number).array();
            unsent++;
            underWay.add(entry);
            addresses.merge(entry.post.address(), 1, Integer::sum);
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
            underWay.remove(entry);
            addresses.computeIfPresent(entry.post.address(), (address, count) -> count == 1 ? null : count - 1);
            mirror.use(-1);
            if (state.orElse(null) instanceof DeliveryState.Accepted) {
                entry.post.onStored();
            } else if (state.orElse(null) instanceof DeliveryState.Rejected rejected) {
                onRefused(entry, rejected.error());
            } else {
                onRefused(entry, Optional.empty());
            }
            misled &= !underWay.isEmpty();
            goOn();
        }

        private void onRefused(Entry entry, Optional<AmqpError> error) {
            if (error.filter(its -> its.condition().equals(Attempt.NOT_OWNER)).isPresent()) {
                misled = true;
                if (!refusedInTime(entry, error.get().description())) {
                    waiting.add(entry);
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
            if (!underWay.isEmpty()) {
                lose(why);
            } else if (!waiting.isEmpty() && refusedInTime(waiting.element(), why)) {
                waiting.remove();
                goOn();
            }
        }

        /** Nobody knows what has become of what is under way: the client is to find out, if it is there. */
        private void lose(String why) {
            List<Entry> lost = List.copyOf(underWay);
            underWay.clear();
            mirror.use(-lost.size());
            if (!link.session().ended()) {
                mirror.fail(why);
            }
            AmqpError unknown = AmqpError.of(
                    ErrorCondition.DETACH_FORCED, "it is not known what " + mirror.owner() + " has done with it");
            lost.forEach(entry -> entry.post.onRefused(unknown)); // Of which its sender does not hear any more.
        }
    }
}
