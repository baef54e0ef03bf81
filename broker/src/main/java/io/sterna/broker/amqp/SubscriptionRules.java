package io.sterna.broker.amqp;

import io.sterna.amqp.AmqpError;
import io.sterna.amqp.ErrorCondition;
import io.sterna.amqp.SenderLink;
import io.sterna.amqp.Terminus;
import io.sterna.broker.partition.Addresses;
import io.sterna.broker.partition.SubscriptionId;
import io.sterna.broker.partition.SubscriptionRequest;
import io.sterna.broker.partition.SubscriptionSettings;
import io.sterna.broker.selector.Selector;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which subscription a link means. Its name is that of the link, up to a {@code |}, behind which clients put what tells
 * their links from one another. It belongs to the client's container id, unless the capability {@code global} says that it
 * is everybody's.
 */
final class SubscriptionRules {
    private static final String SHARED = "shared";
    private static final String GLOBAL = "global";
    private static final char NAME_END = '|';

    private SubscriptionRules() {}

    /** The subscription that an attach with a source asks for. */
    static SubscriptionRequest request(
            SenderLink link, Terminus.Source source, String containerId, SourceFilters filters) throws Refusal {
        List<String> capabilities = source.node().capabilities();
        boolean shared = capabilities.contains(SHARED);
        boolean lasting = lasting(source);
        Optional<String> noLocal = filters.noLocal() && !shared ? Optional.of(containerId) : Optional.empty();
        if (lasting && Addresses.isTemporary(source.node().address().orElse(""))) {
            throw new Refusal(
                    ErrorCondition.NOT_FOUND,
                    "a temporary topic is not there for durable subscriptions: it goes before them");
        }
        if (!shared && !lasting) {
            return new SubscriptionRequest(Optional.empty(), filters.messageFilter(), noLocal);
        }
        SubscriptionId id = id(link.name(), containerId, capabilities.contains(GLOBAL), lasting);
        checkName(id, source.node().address().orElse(""));
        return new SubscriptionRequest(
                Optional.of(
                        new SubscriptionSettings(id, shared, filters.selector().map(Selector::text), noLocal)),
                filters.messageFilter(),
                noLocal);
    }

    /** §3.5.5, §3.5.6: whether the terminus is meant to outlive the link and the connection. */
    private static boolean lasting(Terminus.Source source) {
        return source.node().durability() != Terminus.Durability.NONE
                || source.node().expiryPolicy() == Terminus.ExpiryPolicy.NEVER;
    }

    /** The subscription that an attach without a source is looking for; only those that last can be found so. */
    static SubscriptionId wanted(SenderLink link, String containerId) {
        boolean global = link.remote().desiredCapabilities().contains(GLOBAL);
        return id(link.name(), containerId, global, true);
    }

    private static SubscriptionId id(String linkName, String containerId, boolean global, boolean lasting) {
        int end = linkName.indexOf(NAME_END);
        String name = end < 0 ? linkName : linkName.substring(0, end);
        return new SubscriptionId(global ? Optional.empty() : Optional.of(containerId), name, lasting);
    }

    private static void checkName(SubscriptionId id, String topic) throws Refusal {
        if (id.name().isEmpty()) {
            throw new Refusal(ErrorCondition.INVALID_FIELD, "the link's name, before '|', names the subscription");
        }
        if (!Addresses.isValid(id.address(topic))) {
            throw new Refusal(
                    ErrorCondition.INVALID_FIELD,
                    "topic, client id and name of the subscription are too long together: an address has at most "
                            + Addresses.MAX_CHARACTERS + " characters");
        }
    }

    /** The source of a subscription, for a client that only knew its name. */
    static Terminus.Source source(String topic, SubscriptionSettings settings) {
        Terminus.Node node = new Terminus.Node(
                Optional.of(topic),
                Terminus.Durability.CONFIGURATION,
                Terminus.ExpiryPolicy.NEVER,
                0,
                false,
                Map.of(),
                capabilities(settings.shared(), settings.id().containerId().isEmpty()));
        return new Terminus.Source(
                node,
                Optional.of("copy"),
                SourceFilters.inForce(settings.selector(), settings.noLocal().isPresent()),
                Optional.empty(),
                ConsumerLink.OUTCOMES);
    }

    /** The source of a subscription that somebody attaches to; one that lasts does so until it is deleted. */
    static Terminus.Source granted(Terminus.Source asked, SourceFilters filters) {
        boolean shared = asked.node().capabilities().contains(SHARED);
        boolean global = asked.node().capabilities().contains(GLOBAL);
        Terminus.Node node = lasting(asked) ? asked.node().withExpiry(Terminus.ExpiryPolicy.NEVER, 0) : asked.node();
        return new Terminus.Source(
                node.withCapabilities(capabilities(shared, global)),
                Optional.of("copy"),
                (shared ? filters.atQueue() : filters).known(),
                asked.defaultOutcome(),
                ConsumerLink.OUTCOMES);
    }

    private static List<String> capabilities(boolean shared, boolean global) {
        if (!shared) {
            return List.of("topic");
        }
        return global ? List.of("topic", SHARED, GLOBAL) : List.of("topic", SHARED);
    }

    static AmqpError unknown(SubscriptionId id) {
        return AmqpError.of(
                ErrorCondition.NOT_FOUND,
                "there is no durable subscription '" + NodeRules.printable(id.name()) + "'"
                        + id.containerId()
                                .map(client -> " of the client " + NodeRules.printable(client))
                                .orElse(""));
    }
}
