package io.sterna.broker.amqp;

import io.sterna.amqp.AmqpError;
import io.sterna.amqp.ErrorCondition;
import io.sterna.amqp.IncomingDelivery;
import io.sterna.amqp.ReceiverLink;
import io.sterna.broker.forward.ForwardedPosts;
import io.sterna.broker.forward.Forwarding;
import io.sterna.broker.partition.BrokerMessage;
import io.sterna.broker.partition.Lookup;
import io.sterna.broker.partition.Node;
import io.sterna.broker.partition.NodeKind;
import io.sterna.broker.partition.Partition;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** A producer whose messages say themselves where they go ({@code ANONYMOUS-RELAY}). */
final class AnonymousProducerLink extends ProducerLink {
    private final ManagementLinks management;
    private final Forwarding forwarding;
    private final ForwardedPosts posts;

    AnonymousProducerLink(ClientContext client, ReceiverLink link, ManagementLinks management) {
        super(client, link, Optional.empty());
        this.management = management;
        forwarding = client.forwarding();
        posts = forwarding.postsOf(link);
    }

    /** A message that may be for a node elsewhere. */
    private record Post(AnonymousProducerLink link, Incoming incoming, String address) implements ForwardedPosts.Post {
        @Override
        public int messageFormat() {
            return incoming.delivery().messageFormat();
        }

        @Override
        public byte[] octets() {
            return incoming.delivery().payload();
        }

        @Override
        public void goHere() {
            link.publish(incoming, address);
        }

        @Override
        public void onStored() {
            incoming.onStored();
        }

        @Override
        public void onRefused(AmqpError error) {
            incoming.refuse(error);
        }
    }

    private static boolean isRequest(BrokerMessage message) {
        return message.to().filter(ManagementLinks.ADDRESS::equals).isPresent();
    }

    /**
     * Its messages may go anywhere. It waits while its own loop has no room for those who come for one message each; if it
     * waited for all loops, any of them could stop all who might make room. Who holds deliveries may have to answer before it
     * settles them, and that on a new link each time.
     */
    @Override
    void admit(Runnable then) {
        maybeAdmitOne();
        tasks().loop().admit(this);
        then.run();
    }

    @Override
    public boolean isAdmittedByNodes() {
        return false;
    }

    @Override
    void route(Incoming incoming) {
        if (isRequest(incoming.message())) {
            management.handle(incoming.delivery().payload(), incoming::onStored, incoming::refuse);
            return;
        }
        try {
            String address = address(incoming.message());
            if (forwarding.isAlone()) {
                publish(incoming, address);
            } else {
                posts.send(new Post(this, incoming, address));
            }
        } catch (Refusal refusal) {
            incoming.refuse(refusal.error());
        }
    }

    private void publish(Incoming incoming, String address) {
        Partition partition = services().partitions().of(address);
        partition.loop().run(() -> publish(incoming, address, partition));
    }

    @Override
    void onLeft(boolean suspended, Runnable then) {
        posts.close();
        then.run();
    }

    private static String address(BrokerMessage message) throws Refusal {
        String address = message.to()
                .orElseThrow(
                        () -> new Refusal(ErrorCondition.INVALID_FIELD, "a message on an anonymous link needs a 'to'"));
        NodeRules.checkAddress(address);
        return address;
    }

    private void publish(Incoming incoming, String address, Partition partition) {
        Optional<NodeKind> kind = incoming.message().destinationKind();
        Lookup found = find(address, kind, partition);
        if (found instanceof Lookup.Stopped stopped) {
            incoming.onStopped(stopped.reason());
            return;
        }
        try {
            target(address, kind, found).publish(incoming);
        } catch (Refusal refusal) {
            incoming.refuse(refusal.error());
        }
    }

    /** A node that is there is what it is; the client's word counts where one is to be created. */
    private Lookup find(String address, Optional<NodeKind> kind, Partition partition) {
        return partition.find(address, NodeRules.creation(services().config(), kind));
    }

    private static Node target(String address, Optional<NodeKind> kind, Lookup found) throws Refusal {
        Node node = NodeRules.found(address, kind, found);
        NodeRules.checkTarget(node);
        return node;
    }

    @Override
    void locate(BrokerMessage message, NodeTaker taker) {
        try {
            if (isRequest(message)) {
                throw ManagementLinks.noTransactions();
            }
            String address = address(message);
            if (!forwarding.isHere(address)) {
                taker.onRefused(AmqpError.of(
                        ErrorCondition.NOT_IMPLEMENTED,
                        "messages that say themselves where they go can't be sent to another node in a transaction; send"
                                + " on a link to " + address));
                return;
            }
            Optional<NodeKind> kind = message.destinationKind();
            Partition partition = services().partitions().of(address);
            partition.loop().run(() -> {
                Lookup found = find(address, kind, partition);
                tasks().run(() -> onFound(address, kind, found, taker));
            });
        } catch (Refusal refusal) {
            taker.onRefused(refusal.error());
        }
    }

    /** Anonymous Terminus 1.0 §2.2.2: a sender that hears of no outcome is told which of its messages it was. */
    @Override
    AmqpError naming(IncomingDelivery delivery, AmqpError error) {
        Map<String, Object> info = new LinkedHashMap<>(error.info());
        info.put("delivery-tag", delivery.tag());
        return new AmqpError(error.condition(), error.description(), info);
    }

    private static void onFound(String address, Optional<NodeKind> kind, Lookup found, NodeTaker taker) {
        try {
            taker.onNode(target(address, kind, found));
        } catch (Refusal refusal) {
            taker.onRefused(refusal.error());
        }
    }
}
