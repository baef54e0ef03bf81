package io.sterna.broker.amqp;

import io.sterna.amqp.ErrorCondition;
import io.sterna.amqp.Link;
import io.sterna.amqp.ReceiverLink;
import io.sterna.amqp.SenderLink;
import io.sterna.amqp.Terminus;
import io.sterna.broker.partition.Lookup;
import io.sterna.broker.partition.Node;
import io.sterna.broker.partition.NodeKind;
import io.sterna.broker.partition.Partition;
import io.sterna.broker.partition.QueueNode;
import java.util.Optional;

/** Finds what the links of a connection are to be attached to. Owned by the connection's loop. */
final class Attaching {
    private final ClientContext client;

    Attaching(ClientContext client) {
        this.client = client;
    }

    /** The client wants to receive. */
    void attach(SenderLink link) {
        answer(link, () -> {
            Terminus.Source source = link.remote()
                    .source()
                    .orElseThrow(() -> new Refusal(ErrorCondition.INVALID_FIELD, "the attach names no source"));
            NodeRules.checkSource(source);
            find(source.node(), link, node -> receive(link, source, node));
        });
    }

    private void receive(SenderLink link, Terminus.Source source, Node node) throws Refusal {
        if (!(node instanceof QueueNode queue)) {
            throw new Refusal(ErrorCondition.NOT_IMPLEMENTED, "subscriptions to a topic are not offered");
        }
        new ConsumerLink(client.services(), client.tasks(), client.leaves(), link, source, queue).start();
    }

    /** The client wants to send. */
    void attach(ReceiverLink link) {
        answer(link, () -> {
            Terminus asked = link.remote()
                    .target()
                    .orElseThrow(() -> new Refusal(ErrorCondition.INVALID_FIELD, "the attach names no target"));
            if (!(asked instanceof Terminus.Target target)) {
                throw new Refusal(ErrorCondition.NOT_IMPLEMENTED, "transactions are not offered");
            }
            if (target.node().address().isEmpty() && !target.node().dynamic()) {
                new AnonymousProducerLink(client.services(), client.tasks(), link).start(target);
            } else {
                find(target.node(), link, node -> send(link, target, node));
            }
        });
    }

    private void send(ReceiverLink link, Terminus.Target target, Node node) {
        new NodeProducerLink(client.services(), client.tasks(), link, node)
                .start(new Terminus.Target(NodeRules.granted(target.node(), node)));
    }

    /** What may find out that a link can't be had. */
    private interface Step {
        void run() throws Refusal;
    }

    /** What follows once the node is there. */
    private interface NodeStep {
        void on(Node node) throws Refusal;
    }

    private static void answer(Link link, Step step) {
        try {
            step.run();
        } catch (Refusal refusal) {
            link.refuse(refusal.error());
        }
    }

    private void find(Terminus.Node asked, Link link, NodeStep then) throws Refusal {
        String address = NodeRules.address(asked);
        Optional<NodeKind> kind = NodeRules.kind(asked);
        Partition partition = client.services().partitions().of(address);
        partition
                .loop()
                .run(() -> partition.open(
                        address, NodeRules.creation(client.services().config(), kind), found -> client.tasks()
                                .run(() -> answer(link, () -> onFound(address, kind, found, then)))));
    }

    private static void onFound(String address, Optional<NodeKind> kind, Lookup found, NodeStep then) throws Refusal {
        if (found instanceof Lookup.Found there) {
            NodeRules.checkKind(there.node(), kind);
            then.on(there.node());
        } else if (found instanceof Lookup.Stopped stopped) {
            throw new Refusal(ErrorCondition.INTERNAL_ERROR, stopped.reason());
        } else {
            throw NodeRules.notFound(address, kind);
        }
    }
}
