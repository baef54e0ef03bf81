package io.sterna.broker.amqp;

import io.sterna.amqp.AmqpTypes;
import io.sterna.amqp.AmqpTypes.Symbol;
import io.sterna.amqp.ErrorCondition;
import io.sterna.amqp.Terminus;
import io.sterna.amqp.Terminus.LifetimePolicy;
import io.sterna.broker.config.BrokerConfig;
import io.sterna.broker.partition.Addresses;
import io.sterna.broker.partition.CreationRule;
import io.sterna.broker.partition.Lookup;
import io.sterna.broker.partition.Node;
import io.sterna.broker.partition.NodeKind;
import io.sterna.broker.partition.QueueNode;
import io.sterna.broker.partition.TopicNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Which termini this version grants. */
final class NodeRules {
    private static final Set<String> QUEUE_CAPABILITIES = Set.of("queue", "temporary-queue");
    private static final Set<String> TOPIC_CAPABILITIES = Set.of("topic", "temporary-topic");

    private static final Set<String> OFFERED = Set.of("SHARED-SUBS", "DELAYED_DELIVERY");

    private static final String DISTRIBUTION_MODES = "supported-dist-modes";
    private static final String COPY = "copy";

    private NodeRules() {}

    /** The kind of node that a terminus asks for; empty when it takes any. */
    static Optional<NodeKind> kind(Terminus.Node node) throws Refusal {
        boolean queue = node.capabilities().stream().anyMatch(QUEUE_CAPABILITIES::contains);
        boolean topic = node.capabilities().stream().anyMatch(TOPIC_CAPABILITIES::contains);
        if (queue && topic) {
            throw new Refusal(ErrorCondition.INVALID_FIELD, "a node is either a queue or a topic, not both");
        }
        return queue ? Optional.of(NodeKind.QUEUE) : topic ? Optional.of(NodeKind.TOPIC) : Optional.empty();
    }

    /** The kind that a dynamic node has to be, if nothing else says so: what copies to everybody is a topic (§3.5.9). */
    static NodeKind dynamicKind(Terminus.Node node) {
        Object modes = node.dynamicNodeProperties().get(DISTRIBUTION_MODES);
        List<?> asked = modes instanceof AmqpTypes.Array array ? array.elements() : List.of(String.valueOf(modes));
        boolean copiesOnly = !asked.isEmpty() && asked.stream().allMatch(mode -> COPY.equals(mode.toString()));
        return copiesOnly ? NodeKind.TOPIC : NodeKind.QUEUE;
    }

    /** What a dynamic node that was made is like, of what a client may ask for (§3.5.9). */
    static Map<String, Object> dynamicProperties(Terminus.Node asked, Node made, LifetimePolicy policy) {
        Map<String, Object> actual = new LinkedHashMap<>(Map.of(LifetimePolicy.KEY, policy));
        if (asked.dynamicNodeProperties().containsKey(DISTRIBUTION_MODES)) {
            // A queue can be browsed.
            List<Object> modes = made.kind() == NodeKind.TOPIC
                    ? List.of(new Symbol(COPY))
                    : List.of(new Symbol("move"), new Symbol(COPY));
            actual.put(DISTRIBUTION_MODES, new AmqpTypes.Array(modes));
        }
        return actual;
    }

    /** What is created at an address that is named for the first time. */
    static CreationRule creation(BrokerConfig config, Optional<NodeKind> asked) {
        return address -> {
            if (Addresses.isSubscription(address) || Addresses.isTemporary(address)) {
                return Optional.empty();
            }
            NodeKind kind = configured(config, address).or(() -> asked).orElse(NodeKind.QUEUE);
            boolean allowed = kind == NodeKind.TOPIC
                    ? config.topics().mayAutoCreate(address)
                    : config.queues().mayAutoCreate(address);
            return allowed ? Optional.of(kind) : Optional.empty();
        };
    }

    private static Optional<NodeKind> configured(BrokerConfig config, String address) {
        if (Addresses.isDeadLetterQueue(address)) {
            return Optional.of(NodeKind.QUEUE);
        }
        return config.topics().has(address) ? Optional.of(NodeKind.TOPIC) : Optional.empty();
    }

    /** Refuses a node that is not what was asked for: to the client there is none of that kind. */
    static void checkKind(Node node, Optional<NodeKind> asked) throws Refusal {
        boolean isTopic = node.kind() == NodeKind.TOPIC;
        if (asked.isPresent() && (asked.get() == NodeKind.TOPIC) != isTopic) {
            throw new Refusal(
                    ErrorCondition.NOT_FOUND,
                    "there is no " + asked.get() + " '" + printable(node.address()) + "': it is a " + node.kind());
        }
    }

    /** The address that a terminus names, or why it can't be had. */
    static String address(Terminus.Node node) throws Refusal {
        String address =
                node.address().orElseThrow(() -> new Refusal(ErrorCondition.INVALID_FIELD, "no address is given"));
        checkAddress(address);
        return address;
    }

    /** Whether a source asks to look at the messages of a queue without acquiring them (AMQP 1.0 §3.5.3). */
    static boolean browses(Terminus.Source source) {
        return source.distributionMode().filter(COPY::equals).isPresent();
    }

    /** Refuses to send where messages are only received from. */
    static void checkTarget(Node node) throws Refusal {
        if (node instanceof TopicNode topic && topic.isPattern()) {
            throw new Refusal(
                    ErrorCondition.NOT_FOUND,
                    "there is no topic '" + printable(node.address())
                            + "' to send to: wildcards are for subscribers, name one topic");
        }
    }

    static void checkAddress(String address) throws Refusal {
        if (!Addresses.isValid(address)) {
            throw new Refusal(
                    ErrorCondition.NOT_FOUND,
                    "no node can have the address '" + printable(address)
                            + "': it is blank, too long, begins with $, has control characters, or is of dead letters"
                            + " of dead letters");
        }
    }

    /** The source as it is: what was asked for, with what the queue has, and the filters that are in force. */
    static Terminus.Source granted(Terminus.Source asked, QueueNode queue, SourceFilters filters) {
        boolean browses = browses(asked);
        Terminus.Node node = granted(asked.node(), queue);
        return new Terminus.Source(
                browses ? Expiry.withLink(node) : node, // There is nothing that a browser could come back to.
                Optional.of(browses ? COPY : "move"),
                filters.known(),
                asked.defaultOutcome().map(outcome -> Outcomes.inForce(outcome, queue)),
                ConsumerLink.OUTCOMES);
    }

    /** The node as it is: what was asked for, with the capabilities that it has. */
    static Terminus.Node granted(Terminus.Node asked, Node node) {
        boolean topic = node.kind() == NodeKind.TOPIC;
        if (!Addresses.isTemporary(node.address())) {
            return asked.withCapabilities(List.of(topic ? "topic" : "queue"));
        }
        return asked.withCapabilities(
                topic ? List.of("temporary-topic", "topic") : List.of("temporary-queue", "queue"));
    }

    /** The anonymous terminus, which is no node, and of which nothing is stored. */
    static Terminus.Node anonymous(Terminus.Node asked, BrokerConfig config) {
        return Expiry.bounded(asked, config)
                .withDurability(Terminus.Durability.NONE)
                .withCapabilities(List.of());
    }

    /** Of what a link desires, that which every link has. */
    static List<String> offered(List<String> desired) {
        return desired.stream().filter(OFFERED::contains).toList();
    }

    /** The node that was found, or why it can't be had. */
    static Node found(String address, Optional<NodeKind> asked, Lookup found) throws Refusal {
        if (found instanceof Lookup.Found there) {
            return there.node();
        } else if (found instanceof Lookup.Stopped stopped) {
            throw new Refusal(ErrorCondition.INTERNAL_ERROR, stopped.reason());
        }
        throw notFound(address, asked);
    }

    private static Refusal notFound(String address, Optional<NodeKind> asked) {
        return new Refusal(
                ErrorCondition.NOT_FOUND,
                "there is no " + asked.orElse(NodeKind.QUEUE) + " '" + printable(address)
                        + "', and the configuration (auto-create) does not let it come into being by itself");
    }

    static String printable(String address) {
        String shown = address.length() > 80 ? address.substring(0, 80) + "…" : address;
        return shown.replaceAll("\\p{Cntrl}", "?");
    }
}
