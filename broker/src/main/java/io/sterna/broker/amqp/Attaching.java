package io.sterna.broker.amqp;

import io.sterna.amqp.ErrorCondition;
import io.sterna.amqp.Link;
import io.sterna.amqp.LinkTerms;
import io.sterna.amqp.ReceiverLink;
import io.sterna.amqp.SenderLink;
import io.sterna.amqp.Terminus;
import io.sterna.amqp.Terminus.Durability;
import io.sterna.broker.partition.Addresses;
import io.sterna.broker.partition.Lookup;
import io.sterna.broker.partition.Node;
import io.sterna.broker.partition.NodeKind;
import io.sterna.broker.partition.Partition;
import io.sterna.broker.partition.QueueNode;
import io.sterna.broker.partition.Seat;
import io.sterna.broker.partition.Subscribing;
import io.sterna.broker.partition.SubscriptionId;
import io.sterna.broker.partition.SubscriptionRequest;
import io.sterna.broker.queue.ConsumerOptions;
import java.util.Optional;

/** Finds what the links of a connection are to be attached to. Owned by the connection's loop. */
final class Attaching {
    private final ClientContext client;
    private final TemporaryNodes temporary;
    private final ManagementLinks management;

    Attaching(ClientContext client) {
        this.client = client;
        temporary = new TemporaryNodes(client);
        management = new ManagementLinks(client);
    }

    /** The client wants to receive. */
    void attach(SenderLink link) {
        Optional<Terminus.Node> node = link.remote().source().map(Terminus.Source::node);
        bring(link, node, () -> client.links().claim(link, client.tasks(), former -> attach(link, former)));
    }

    /** Attaches a link here, or forwards it to the owner of its address. */
    private void bring(Link link, Optional<Terminus.Node> asked, Runnable here) {
        Optional<String> address = asked.flatMap(Terminus.Node::address).filter(Addresses::isValid);
        if (address.isPresent()) {
            client.forwarding().attach(link, address.get(), here);
        } else {
            here.run();
        }
    }

    private void attach(SenderLink link, Optional<SuspendedLink> former) {
        if (former.orElse(null) instanceof SuspendedSource suspended && suspended.fits(link.remote())) {
            ConsumerLink.resume(client, link, suspended, () -> attach(link, Optional.empty()));
            return;
        }
        former.ifPresent(SuspendedLink::discard);
        Optional<Terminus.Source> source = link.remote().source();
        if (source.isEmpty()) {
            lookUp(link);
        } else if (ManagementLinks.isAt(source.get().node())) {
            management.attach(link);
        } else {
            ConsumerTerms terms = ConsumerTerms.of(source.get(), link.remote().properties());
            answer(link, () -> find(terms.source().node(), link, node -> receive(link, terms, node)));
        }
    }

    private void receive(SenderLink link, ConsumerTerms terms, Node node) throws Refusal {
        temporary.checkOwner(node);
        Terminus.Source source = terms.source();
        SourceFilters filters = SourceFilters.of(source.filter());
        ConsumerOptions options = terms.consumer();
        if (node instanceof QueueNode queue) {
            Terminus.Source granted = NodeRules.granted(source, queue, filters.atQueue());
            ConsumerOptions choosing =
                    filters.messageFilter().map(options::withFilter).orElse(options);
            consume(link, granted, Seat.at(queue), node, NodeRules.browses(source) ? choosing.asBrowser() : choosing);
            return;
        }
        SubscriptionRequest request = SubscriptionRules.request(link, source, client.containerId(), filters);
        Terminus.Source granted = SubscriptionRules.granted(source, filters);
        // Who was there under the same name, on a link that was stolen or lost, is to be gone before.
        client.leaves().whenNone(() -> client.services()
                .partitions()
                .subscriptions()
                .open(node.address(), request, found -> client.tasks()
                        .run(() -> answer(link, () -> onSubscribed(link, node, granted, options, found)))));
    }

    private void onSubscribed(
            SenderLink link, Node node, Terminus.Source granted, ConsumerOptions options, Subscribing found)
            throws Refusal {
        if (found instanceof Subscribing.Seated seated) {
            consume(link, granted, seated.seat(), node, options);
        } else if (found instanceof Subscribing.InUse inUse) {
            throw new Refusal(ErrorCondition.RESOURCE_LOCKED, inUse.description());
        } else if (found instanceof Subscribing.Unfit unfit) {
            throw new Refusal(ErrorCondition.NOT_ALLOWED, unfit.description());
        } else if (found instanceof Subscribing.Stopped stopped) {
            throw new Refusal(ErrorCondition.INTERNAL_ERROR, stopped.reason());
        } else {
            throw new Refusal(ErrorCondition.RESOURCE_DELETED, "the topic was deleted in the meantime");
        }
    }

    private void consume(SenderLink link, Terminus.Source granted, Seat seat, Node node, ConsumerOptions options) {
        boolean creating = granted.node().dynamic();
        Terminus.Source answer = creating ? granted.withNode(TemporaryNodes.granted(granted.node(), node)) : granted;
        Seat taken = creating ? TemporaryNodes.creatorsSeat(client.services().partitions(), seat, node) : seat;
        new ConsumerLink(ConsumerSetup.of(client, link, answer, taken, options)).start();
    }

    /** A client that knows a subscription by the link's name only, as to delete it, gets to know its source. */
    private void lookUp(SenderLink link) {
        SubscriptionId id = SubscriptionRules.wanted(link, client.containerId());
        client.leaves()
                .whenNone(() -> client.services().partitions().subscriptions().find(id, known -> client.tasks()
                        .run(() -> known.ifPresentOrElse(
                                found -> link.accept(
                                        LinkTerms.asAsked(link.remote())
                                                .withSource(SubscriptionRules.source(found.topic(), found.settings())),
                                        new UnsubscribeLink(client, link, id)),
                                () -> client.forwarding()
                                        .lookUp(link, () -> link.refuse(SubscriptionRules.unknown(id)))))));
    }

    /** The client wants to send. */
    void attach(ReceiverLink link) {
        Optional<Terminus.Node> node = link.remote()
                .target()
                .filter(Terminus.Target.class::isInstance)
                .map(its -> ((Terminus.Target) its).node());
        bring(link, node, () -> client.links().claim(link, client.tasks(), former -> attach(link, former)));
    }

    private void attach(ReceiverLink link, Optional<SuspendedLink> former) {
        Optional<SuspendedTarget> suspended = SuspendedTarget.of(former, link.remote());
        if (suspended.isEmpty()) {
            former.ifPresent(SuspendedLink::discard);
        }
        Optional<Node> made = suspended.flatMap(SuspendedTarget::made);
        if (made.isPresent()) {
            answer(link, () -> {
                temporary.checkOwner(made.get());
                new CreatingProducerLink(client, link, made.get())
                        .start(suspended.get().granted(), suspended);
            });
            return;
        }
        answer(link, () -> {
            Terminus asked = link.remote()
                    .target()
                    .or(() -> suspended.map(SuspendedTarget::granted)) // §2.6.4: the link is recovered.
                    .orElseThrow(() -> new Refusal(ErrorCondition.INVALID_FIELD, "the attach names no target"));
            if (!(asked instanceof Terminus.Target target)) {
                new CoordinatorLink(client.transactions(), link).start();
                return;
            }
            if (ManagementLinks.isAt(target.node())) {
                management.attach(link);
            } else if (target.node().address().isEmpty() && !target.node().dynamic()) {
                new AnonymousProducerLink(client, link, management)
                        .start(
                                new Terminus.Target(NodeRules.anonymous(
                                        target.node(), client.services().config())),
                                suspended);
            } else {
                find(target.node(), link, node -> send(link, target, node, suspended));
            }
        });
    }

    private void send(ReceiverLink link, Terminus.Target target, Node node, Optional<SuspendedTarget> suspended)
            throws Refusal {
        NodeRules.checkTarget(node);
        Terminus.Node bounded = Expiry.bounded(target.node(), client.services().config());
        Durability durability = DurableTermini.of(bounded, node, link.remote().receiverSettleMode());
        Terminus.Node asked = bounded.withDurability(durability);
        if (asked.dynamic()) {
            new CreatingProducerLink(client, link, node)
                    .start(new Terminus.Target(TemporaryNodes.granted(asked, node)), suspended);
        } else {
            Terminus.Target granted = new Terminus.Target(NodeRules.granted(asked, node));
            TargetKeeping.open(client.tasks(), link, node, granted, suspended, kept -> new NodeProducerLink(
                            client, link, node, kept)
                    .start(granted, suspended));
        }
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
        if (asked.dynamic()) {
            temporary.create(asked, made -> answer(link, () -> onMade(link, made, then)));
            return;
        }
        String address = NodeRules.address(asked);
        Optional<NodeKind> kind = NodeRules.kind(asked);
        Partition partition = client.services().partitions().of(address);
        partition
                .loop()
                .run(() -> partition.open(
                        address, NodeRules.creation(client.services().config(), kind), found -> client.tasks()
                                .run(() -> answer(link, () -> onFound(address, kind, found, then)))));
    }

    private void onMade(Link link, Lookup made, NodeStep then) throws Refusal {
        Node node = NodeRules.found("", Optional.empty(), made);
        client.forwarding().onMade(link, node.address());
        try {
            then.on(node);
        } catch (Refusal refusal) {
            Partition partition = client.services().partitions().of(node.address());
            partition.loop().run(() -> partition.creatorLeft(node));
            throw refusal;
        }
    }

    private static void onFound(String address, Optional<NodeKind> kind, Lookup found, NodeStep then) throws Refusal {
        Node node = NodeRules.found(address, kind, found);
        NodeRules.checkKind(node, kind);
        then.on(node);
    }
}
