package io.sterna.broker.partition;

import io.sterna.broker.config.PolicySettings;
import io.sterna.store.LogOperation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The nodes of a partition by their address, how they come and how they go. Owned by the partition's loop. */
final class NodeTable {
    private static final Logger log = LoggerFactory.getLogger(NodeTable.class);

    private final Partition partition;
    private final Map<String, Node> nodes = new HashMap<>();

    /** Subscriptions that the store has kept, until their topics are known. */
    private final List<Recovered> recovered = new ArrayList<>();

    private record Recovered(QueueNode queue, SubscriptionSettings settings) {}

    /** Topics that were made anew at recovery, and that the store has to be told of. */
    private final List<Node> remade = new ArrayList<>();

    private boolean closing;

    NodeTable(Partition partition) {
        this.partition = partition;
    }

    Optional<Node> find(String address) {
        return Optional.ofNullable(nodes.get(address));
    }

    List<Node> all() {
        return List.copyOf(nodes.values());
    }

    Optional<TopicNode> findTopic(String address) {
        return nodes.get(address) instanceof TopicNode topic ? Optional.of(topic) : Optional.empty();
    }

    // ---- Before the partition starts

    Node recover(LogOperation.NodeCreated created) {
        NodeSpec spec = NodeSpec.stored(NodeKind.of(created.kind()), created.nodeId(), created.address());
        if (spec.kind() == NodeKind.SUBSCRIPTION) {
            QueueNode queue = (QueueNode) make(spec, PolicySettings.NONE, true);
            recovered.add(new Recovered(queue, SubscriptionSettings.decode(created.settings())));
            return queue;
        }
        return make(spec, NodeSettings.decode(spec.address(), created.settings()), true);
    }

    /** Ties subscriptions to their topics. */
    void onRecovered() {
        recovered.sort(Comparator.comparingLong(each -> each.queue().id()));
        for (Recovered each : recovered) {
            String address = Addresses.base(each.queue().address());
            TopicNode topic = findTopic(address).orElseGet(() -> remakeTopic(address));
            topic.subscriptions().recover(each.queue(), each.settings());
        }
        recovered.clear();
        for (Node node : nodes.values()) {
            if (node instanceof QueueNode queue) {
                queue.onRecovered();
            } else {
                intakeOf(node).onRecovered();
            }
        }
    }

    private TopicNode remakeTopic(String address) {
        log.error("the store has a subscription to the topic {}, but not the topic any more: it is made anew", address);
        Node topic = make(NodeSpec.stored(NodeKind.TOPIC, partition.nextNodeId(), address), PolicySettings.NONE, false);
        remade.add(topic);
        return (TopicNode) topic;
    }

    /** A value that the store has kept for a node. */
    void recoverValue(Node node, byte[] key, byte[] value) {
        if (!linksOf(node).recover(key, value)) {
            intakeOf(node).recover(key, value);
        }
    }

    /** The place of a subscriber whose link the store has kept; before the partition starts. */
    Seat restoreSeat(QueueNode queue) {
        return findTopic(Addresses.base(queue.address()))
                .flatMap(topic -> topic.subscriptions().restoreSeat(queue))
                .orElseGet(() -> Seat.at(queue));
    }

    static KeptLinks linksOf(Node node) {
        return node instanceof QueueNode queue ? queue.links() : ((TopicNode) node).links();
    }

    private static Intake intakeOf(Node node) {
        return node instanceof QueueNode queue ? queue.intake() : ((TopicNode) node).intake();
    }

    /** The store is open for writing; on the loop. */
    void onOpened() {
        remade.forEach(topic -> record(topic, NodeSettings.encoded(PolicySettings.NONE)));
        remade.clear();
    }

    // ---- Coming

    /** Creates a queue or topic that the store keeps. */
    Node create(NodeKind kind, String address) {
        return create(kind, address, PolicySettings.NONE);
    }

    /** As above, with settings of its own, which are known to be acceptable. */
    Node create(NodeKind kind, String address, PolicySettings own) {
        return create(NodeSpec.stored(kind, partition.nextNodeId(), address), NodeSettings.encoded(own), own);
    }

    /** Creates a node that lives in memory only. */
    Node createTemporary(NodeKind kind, String address, Optional<NodeOwner> owner, Optional<TemporaryLife> life) {
        return create(
                new NodeSpec(kind, partition.nextNodeId(), address, false, owner, life),
                Partition.NONE,
                PolicySettings.NONE);
    }

    /** Creates the queue of a subscription; in memory only when it goes with its last subscriber. */
    QueueNode createSubscription(TopicNode topic, Optional<SubscriptionSettings> named) {
        long nodeId = partition.nextNodeId();
        String address = named.map(settings -> settings.id().address(topic.address()))
                .orElseGet(() -> SubscriptionId.addressWithoutName(topic.address(), nodeId));
        boolean stored = named.isPresent() && named.get().id().lasting();
        NodeSpec spec = new NodeSpec(NodeKind.SUBSCRIPTION, nodeId, address, stored, topic.owner(), Optional.empty());
        return (QueueNode) create(
                spec,
                stored ? named.map(SubscriptionSettings::encoded).orElseThrow() : Partition.NONE,
                PolicySettings.NONE);
    }

    private Node create(NodeSpec spec, byte[] settings, PolicySettings own) {
        Node node = make(spec, own, !spec.stored());
        if (spec.stored()) {
            record(node, settings);
            log.info("{} {} created", spec.kind(), spec.address());
        }
        return node;
    }

    private void record(Node node, byte[] settings) {
        partition.append(new LogOperation.NodeCreated(node.id(), node.kind().number(), node.address(), settings));
        partition.afterAppended(() -> onDurable(node));
    }

    private Node make(NodeSpec spec, PolicySettings own, boolean durable) {
        NodeSettings settings = NodeSettings.of(partition.policies(), spec.address(), spec.kind(), own);
        Node node =
                switch (spec.kind()) {
                    case QUEUE, SUBSCRIPTION -> new QueueNode(partition, spec, settings, durable);
                    case TOPIC -> new TopicNode(partition, spec, settings, durable);
                };
        nodes.put(spec.address(), node);
        return node;
    }

    private static void onDurable(Node node) {
        if (node instanceof QueueNode queue) {
            queue.onDurable();
        } else {
            ((TopicNode) node).onDurable();
        }
    }

    /**
     * Where dead letters of a queue go. A subscriber that had no name leaves them to its topic; those of a temporary
     * node go with it.
     */
    QueueNode deadLettersOf(QueueNode source) {
        String ofMessages = source.kind() == NodeKind.SUBSCRIPTION && !source.stored()
                ? Addresses.base(source.address())
                : source.address();
        String address = ofMessages + Addresses.DEAD_LETTER_SUFFIX;
        // Always a queue: no topic is given such an address.
        return (QueueNode) find(address)
                .orElseGet(() -> Addresses.isTemporary(address)
                        ? createTemporary(NodeKind.QUEUE, address, source.owner(), Optional.empty())
                        : create(NodeKind.QUEUE, address));
    }

    // ---- Going

    /** As {@link #delete}; a subscription is taken from its topic first. */
    void deleteAny(Node node) {
        Optional<TopicNode> topic =
                node.kind() == NodeKind.SUBSCRIPTION ? findTopic(Addresses.base(node.address())) : Optional.empty();
        topic.ifPresentOrElse(found -> found.subscriptions().remove((QueueNode) node), () -> delete(node));
    }

    /** Deletes a node with all that it holds; a topic with its subscriptions. Passed over when it is gone already. */
    void delete(Node node) {
        if (!nodes.remove(node.address(), node)) {
            return;
        }
        if (node instanceof TopicNode topic) {
            topic.onDeleted();
        } else {
            ((QueueNode) node).onDeleted();
        }
        if (node.stored() && !closing) {
            partition.append(new LogOperation.NodeDeleted(node.id()));
            log.info("{} {} deleted", node.kind(), node.address());
        }
        if (Addresses.isTemporary(node.address()) && node.kind() != NodeKind.SUBSCRIPTION) {
            find(node.address() + Addresses.DEAD_LETTER_SUFFIX).ifPresent(this::delete);
        }
    }

    /** They go from memory, and are what they are where the partition is served now. */
    void close() {
        closing = true;
        for (Node node : all()) {
            if (node instanceof QueueNode queue) {
                queue.flushDepartures(); // Which may make a queue for dead letters.
            }
        }
        all().forEach(this::deleteAny);
    }

    void tellStopped(String reason) {
        for (Node node : List.copyOf(nodes.values())) {
            if (node instanceof QueueNode queue) {
                queue.onStopped(reason);
            }
        }
    }

    @Override
    public String toString() {
        return nodes.keySet().toString();
    }
}
