package io.sterna.broker.amqp;

import io.sterna.amqp.ErrorCondition;
import io.sterna.amqp.Terminus;
import io.sterna.amqp.Terminus.LifetimePolicy;
import io.sterna.broker.partition.Addresses;
import io.sterna.broker.partition.Lookup;
import io.sterna.broker.partition.Node;
import io.sterna.broker.partition.NodeKind;
import io.sterna.broker.partition.NodeOwner;
import io.sterna.broker.partition.Partition;
import io.sterna.broker.partition.Partitions;
import io.sterna.broker.partition.QueueNode;
import io.sterna.broker.partition.Seat;
import io.sterna.broker.partition.TemporaryLife;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import java.util.function.Consumer;

/** Nodes that a client has made for a link of its own (AMQP 1.0 §3.5.9). Owned by the connection's loop. */
final class TemporaryNodes {
    private static final int RANDOM_BYTES = 16;

    /** Of hundreds of partitions one is found to be here. */
    private static final int MOST_TRIES = 4096;

    private static final Base64.Encoder TEXT = Base64.getUrlEncoder().withoutPadding();

    /** Nobody else knows an address before its owner gives it away. */
    private final SecureRandom random = new SecureRandom();

    private final ClientContext client;
    private final NodeOwner owner = new NodeOwner();

    TemporaryNodes(ClientContext client) {
        this.client = client;
    }

    /** Makes the node that a dynamic terminus asks for. */
    void create(Terminus.Node asked, Consumer<Lookup> answer) throws Refusal {
        if (asked.address().isPresent()) {
            throw new Refusal(
                    ErrorCondition.INVALID_FIELD, "a dynamic node gets its address from the broker"); // §3.5.3
        }
        NodeKind kind = NodeRules.kind(asked).orElseGet(() -> NodeRules.dynamicKind(asked));
        LifetimePolicy policy = policy(asked);
        TemporaryLife life =
                switch (policy) {
                    case DELETE_ON_CLOSE -> new TemporaryLife(false, false);
                    case DELETE_ON_NO_LINKS -> new TemporaryLife(true, false);
                    case DELETE_ON_NO_MESSAGES -> new TemporaryLife(false, true);
                    case DELETE_ON_NO_LINKS_OR_MESSAGES -> new TemporaryLife(true, true);
                };
        // One that may outlive its link is of use to whoever comes then.
        Optional<NodeOwner> ownedBy = policy == LifetimePolicy.DELETE_ON_CLOSE ? Optional.of(owner) : Optional.empty();
        String address = newAddress(Addresses.temporaryPrefix(kind));
        Partition partition = client.services().partitions().of(address);
        partition.loop().run(() -> {
            Lookup made = partition.createTemporary(kind, address, ownedBy, life);
            client.tasks().run(() -> answer.accept(made));
        });
    }

    /** One that is served here: what a client has made for itself goes with its connection, and so with this node. */
    private String newAddress(String prefix) throws Refusal {
        for (int tries = 0; tries < MOST_TRIES; tries++) {
            String address = prefix + newName();
            if (client.forwarding().isHere(address)) {
                return address;
            }
        }
        throw new Refusal(
                ErrorCondition.DETACH_FORCED,
                "this node owns nothing at the moment, so that nothing can be made here; connect to another one");
    }

    private String newName() {
        byte[] bytes = new byte[RANDOM_BYTES];
        random.nextBytes(bytes);
        return TEXT.encodeToString(bytes);
    }

    private static LifetimePolicy policy(Terminus.Node asked) {
        return asked.lifetimePolicy().orElse(LifetimePolicy.DELETE_ON_CLOSE);
    }

    /** What the link that asked for the node is answered with. */
    static Terminus.Node granted(Terminus.Node asked, Node made) {
        Terminus.Node granted = NodeRules.granted(asked, made)
                .withAddress(made.address())
                .withDynamicNodeProperties(NodeRules.dynamicProperties(asked, made, policy(asked)));
        // The link, and with it the node, does not outlive the connection that the node belongs to.
        return switch (asked.expiryPolicy()) {
            case LINK_DETACH, SESSION_END -> granted.withExpiry(asked.expiryPolicy(), 0);
            case CONNECTION_CLOSE, NEVER -> granted.withExpiry(Terminus.ExpiryPolicy.CONNECTION_CLOSE, 0);
        };
    }

    /** Refuses to receive from what is another connection's. */
    void checkOwner(Node node) throws Refusal {
        if (node.owner().filter(other -> other != owner).isPresent()) {
            throw new Refusal(
                    ErrorCondition.RESOURCE_LOCKED,
                    "only the connection that made a temporary queue or topic receives from it");
        }
    }

    /** The place of a consumer that goes, and takes the node that was made for it with it. */
    static Seat creatorsSeat(Partitions partitions, Seat seat, Node made) {
        Partition partition = partitions.of(made.address());
        return new Seat() {
            @Override
            public QueueNode queue() {
                return seat.queue();
            }

            @Override
            public void leave(boolean closed, Runnable then) {
                seat.leave(closed, () -> {
                    partition.creatorLeft(made);
                    then.run();
                });
            }
        };
    }
}
