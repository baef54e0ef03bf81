package io.sterna.amqp;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** An end of a link (AMQP 1.0 §3.5). Maps hold values as in {@link AmqpTypes}. */
public sealed interface Terminus {

    /** What of a terminus survives its container (§3.5.5). */
    enum Durability {
        NONE,
        CONFIGURATION,
        UNSETTLED_STATE
    }

    /** When the expiry timer of a terminus starts (§3.5.6). */
    enum ExpiryPolicy {
        LINK_DETACH("link-detach"),
        SESSION_END("session-end"),
        CONNECTION_CLOSE("connection-close"),
        NEVER("never");

        private final String symbol;

        ExpiryPolicy(String symbol) {
            this.symbol = symbol;
        }

        public String symbol() {
            return symbol;
        }
    }

    /** When a node that was created for a link goes (§3.5.10 to §3.5.13). */
    enum LifetimePolicy {
        /** With the link that created it. */
        DELETE_ON_CLOSE("amqp:delete-on-close:list"),

        /** When it is no link's source or target. */
        DELETE_ON_NO_LINKS("amqp:delete-on-no-links:list"),

        /** When the link that created it is gone, and it has no messages. */
        DELETE_ON_NO_MESSAGES("amqp:delete-on-no-messages:list"),

        /** When it is no link's source or target, and has no messages. */
        DELETE_ON_NO_LINKS_OR_MESSAGES("amqp:delete-on-no-links-or-messages:list");

        /** The key of the policy among the properties of a dynamic node (§3.5.9). */
        public static final String KEY = "lifetime-policy";

        private final String symbol;

        LifetimePolicy(String symbol) {
            this.symbol = symbol;
        }

        public String symbol() {
            return symbol;
        }
    }

    /**
     * What sources and targets have in common.
     *
     * @param address the node, absent for a dynamic node or the anonymous terminus
     * @param timeoutSeconds how long the terminus lives after its expiry timer started
     * @param dynamic whether the peer is asked to create the node
     * @param dynamicNodeProperties of the node to be created or that was; a {@link LifetimePolicy} is one of its values
     */
    record Node(
            Optional<String> address,
            Durability durability,
            ExpiryPolicy expiryPolicy,
            long timeoutSeconds,
            boolean dynamic,
            Map<String, Object> dynamicNodeProperties,
            List<String> capabilities) {
        public Node {
            dynamicNodeProperties = Map.copyOf(dynamicNodeProperties);
            capabilities = List.copyOf(capabilities);
        }

        /** A node with that address and otherwise the specification's defaults. */
        public static Node at(String address) {
            return new Node(
                    Optional.of(address), Durability.NONE, ExpiryPolicy.SESSION_END, 0, false, Map.of(), List.of());
        }

        public Node withAddress(String newAddress) {
            return new Node(
                    Optional.of(newAddress),
                    durability,
                    expiryPolicy,
                    timeoutSeconds,
                    dynamic,
                    dynamicNodeProperties,
                    capabilities);
        }

        /** With that policy and time-out of its expiry. */
        public Node withExpiry(ExpiryPolicy policy, long newTimeoutSeconds) {
            return new Node(
                    address, durability, policy, newTimeoutSeconds, dynamic, dynamicNodeProperties, capabilities);
        }

        public Node withDurability(Durability newDurability) {
            return new Node(
                    address, newDurability, expiryPolicy, timeoutSeconds, dynamic, dynamicNodeProperties, capabilities);
        }

        /** How long the node is to live, when that was said. */
        public Optional<LifetimePolicy> lifetimePolicy() {
            return dynamicNodeProperties.get(LifetimePolicy.KEY) instanceof LifetimePolicy policy
                    ? Optional.of(policy)
                    : Optional.empty();
        }

        public Node withDynamicNodeProperties(Map<String, Object> newProperties) {
            return new Node(address, durability, expiryPolicy, timeoutSeconds, dynamic, newProperties, capabilities);
        }

        public Node withCapabilities(List<String> newCapabilities) {
            return new Node(
                    address, durability, expiryPolicy, timeoutSeconds, dynamic, dynamicNodeProperties, newCapabilities);
        }
    }

    /**
     * A source (§3.5.3).
     *
     * @param distributionMode {@code move} or {@code copy}, when given
     * @param filter filters by name, each a {@link AmqpTypes.Described}
     * @param defaultOutcome what becomes of deliveries that end without an outcome
     * @param outcomes symbols of the outcomes that may be used; empty means any
     */
    record Source(
            Node node,
            Optional<String> distributionMode,
            Map<String, Object> filter,
            Optional<DeliveryState.Outcome> defaultOutcome,
            List<String> outcomes)
            implements Terminus {
        public Source {
            filter = Map.copyOf(filter);
            outcomes = List.copyOf(outcomes);
        }

        public static Source at(String address) {
            return new Source(Node.at(address), Optional.empty(), Map.of(), Optional.empty(), List.of());
        }

        public Source withNode(Node newNode) {
            return new Source(newNode, distributionMode, filter, defaultOutcome, outcomes);
        }

        public Source withFilter(Map<String, Object> newFilter) {
            return new Source(node, distributionMode, newFilter, defaultOutcome, outcomes);
        }
    }

    /** A target that is a node (§3.5.4). */
    record Target(Node node) implements Terminus {
        public static Target at(String address) {
            return new Target(Node.at(address));
        }
    }

    /** The target of a link that controls transactions (§4.5.1). */
    record Coordinator(List<String> capabilities) implements Terminus {
        public Coordinator {
            capabilities = List.copyOf(capabilities);
        }
    }
}
