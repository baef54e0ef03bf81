package io.sterna.broker.amqp;

import io.sterna.amqp.AmqpTypes.Described;
import io.sterna.amqp.AmqpTypes.Unsigned;
import io.sterna.amqp.ErrorCondition;
import io.sterna.amqp.Terminus;
import io.sterna.broker.config.BrokerConfig;
import io.sterna.broker.partition.Addresses;
import io.sterna.broker.partition.CreationRule;
import io.sterna.broker.partition.Node;
import io.sterna.broker.partition.NodeKind;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Which termini this version grants. */
final class NodeRules {
    private static final Set<String> QUEUE_CAPABILITIES = Set.of("queue", "temporary-queue");
    private static final Set<String> TOPIC_CAPABILITIES = Set.of("topic", "temporary-topic");

    /** apache.org:no-local-filter:list and apache.org:selector-filter:string by their codes. */
    private static final Set<String> REFUSED_CODES = Set.of("468c00000003", "468c00000004");

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

    /** What is created at an address that is named for the first time. */
    static CreationRule creation(BrokerConfig config, Optional<NodeKind> asked) {
        return address -> {
            if (Addresses.isSubscription(address)) {
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
        if (node.dynamic()) {
            throw new Refusal(
                    ErrorCondition.NOT_IMPLEMENTED, "temporary queues and topics are not offered; name a queue");
        }
        String address =
                node.address().orElseThrow(() -> new Refusal(ErrorCondition.INVALID_FIELD, "no address is given"));
        checkAddress(address);
        return address;
    }

    /** Refuses what a source asks for and this version does not have, rather than deliver what was not asked for. */
    static void checkSource(Terminus.Source source) throws Refusal {
        if (source.distributionMode().filter("copy"::equals).isPresent()) {
            throw new Refusal(ErrorCondition.NOT_IMPLEMENTED, "browsing (distribution-mode copy) is not offered");
        }
        for (Map.Entry<String, Object> filter : source.filter().entrySet()) {
            String descriptor = filter.getValue() instanceof Described described ? describe(described) : "";
            if (isRefused(filter.getKey()) || isRefused(descriptor) || REFUSED_CODES.contains(descriptor)) {
                throw new Refusal(
                        ErrorCondition.NOT_IMPLEMENTED,
                        "the filter " + filter.getKey() + " is not offered; receive without selector and no-local");
            }
        }
    }

    private static boolean isRefused(String filter) {
        return filter.contains("selector") || filter.contains("no-local");
    }

    private static String describe(Described filter) {
        return filter.descriptor() instanceof Unsigned code
                ? Long.toHexString(code.value())
                : filter.descriptor().toString();
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

    /** The node as it is: what was asked for, with the capabilities that it has. */
    static Terminus.Node granted(Terminus.Node asked, Node node) {
        return asked.withCapabilities(List.of(node.kind() == NodeKind.TOPIC ? "topic" : "queue"));
    }

    static Refusal notFound(String address, Optional<NodeKind> asked) {
        return new Refusal(
                ErrorCondition.NOT_FOUND,
                "there is no " + asked.orElse(NodeKind.QUEUE) + " '" + printable(address)
                        + "', and the configuration (auto-create) does not let it come into being by itself");
    }

    private static String printable(String address) {
        String shown = address.length() > 80 ? address.substring(0, 80) + "…" : address;
        return shown.replaceAll("\\p{Cntrl}", "?");
    }
}
