package io.sterna.amqp;

import io.sterna.amqp.Terminus.Coordinator;
import io.sterna.amqp.Terminus.Durability;
import io.sterna.amqp.Terminus.ExpiryPolicy;
import io.sterna.amqp.Terminus.LifetimePolicy;
import io.sterna.amqp.Terminus.Node;
import java.util.Map;
import java.util.Optional;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.messaging.DeleteOnClose;
import org.apache.qpid.proton.amqp.messaging.DeleteOnNoLinks;
import org.apache.qpid.proton.amqp.messaging.DeleteOnNoLinksOrMessages;
import org.apache.qpid.proton.amqp.messaging.DeleteOnNoMessages;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.amqp.messaging.TerminusDurability;
import org.apache.qpid.proton.amqp.messaging.TerminusExpiryPolicy;
import org.jspecify.annotations.Nullable;

/** Termini between Proton-J's types and ours. */
final class TranslateTerminus {
    private TranslateTerminus() {}

    static Optional<Terminus> ours(@Nullable Object terminus) {
        if (terminus instanceof Source source) {
            return Optional.of(new Terminus.Source(
                    node(
                            source.getAddress(),
                            source.getDurable(),
                            source.getExpiryPolicy(),
                            source.getTimeout(),
                            source.getDynamic(),
                            source.getDynamicNodeProperties(),
                            source.getCapabilities()),
                    Optional.ofNullable(source.getDistributionMode()).map(Symbol::toString),
                    Translate.fields(source.getFilter()),
                    TranslateState.outcome(source.getDefaultOutcome()),
                    Translate.strings(source.getOutcomes())));
        } else if (terminus instanceof Target target) {
            return Optional.of(new Terminus.Target(node(
                    target.getAddress(),
                    target.getDurable(),
                    target.getExpiryPolicy(),
                    target.getTimeout(),
                    target.getDynamic(),
                    target.getDynamicNodeProperties(),
                    target.getCapabilities())));
        } else if (terminus instanceof org.apache.qpid.proton.amqp.transaction.Coordinator coordinator) {
            return Optional.of(new Coordinator(Translate.strings(coordinator.getCapabilities())));
        }
        return Optional.empty();
    }

    private static Node node(
            @Nullable String address,
            @Nullable TerminusDurability durable,
            @Nullable TerminusExpiryPolicy expiryPolicy,
            @Nullable UnsignedInteger timeout,
            boolean dynamic,
            @Nullable Map<?, ?> dynamicNodeProperties,
            Symbol @Nullable [] capabilities) {
        return new Node(
                Optional.ofNullable(address),
                durable == null ? Durability.NONE : Durability.valueOf(durable.name()),
                expiryPolicy == null ? ExpiryPolicy.SESSION_END : ExpiryPolicy.valueOf(expiryPolicy.name()),
                timeout == null ? 0 : timeout.longValue(),
                dynamic,
                Translate.fields(dynamicNodeProperties),
                Translate.strings(capabilities));
    }

    static LifetimePolicy lifetimePolicy(org.apache.qpid.proton.amqp.messaging.LifetimePolicy policy) {
        if (policy instanceof DeleteOnNoLinks) {
            return LifetimePolicy.DELETE_ON_NO_LINKS;
        } else if (policy instanceof DeleteOnNoMessages) {
            return LifetimePolicy.DELETE_ON_NO_MESSAGES;
        } else if (policy instanceof DeleteOnNoLinksOrMessages) {
            return LifetimePolicy.DELETE_ON_NO_LINKS_OR_MESSAGES;
        }
        return LifetimePolicy.DELETE_ON_CLOSE;
    }

    static Object theirLifetimePolicy(LifetimePolicy policy) {
        return switch (policy) {
            case DELETE_ON_CLOSE -> DeleteOnClose.getInstance();
            case DELETE_ON_NO_LINKS -> DeleteOnNoLinks.getInstance();
            case DELETE_ON_NO_MESSAGES -> DeleteOnNoMessages.getInstance();
            case DELETE_ON_NO_LINKS_OR_MESSAGES -> DeleteOnNoLinksOrMessages.getInstance();
        };
    }

    /**
     * What an attach may not ask of a node that the peer wants (§3.5.3, §3.5.4, §3.5.9); empty when all is well.
     *
     * @param node the terminus on our side
     */
    static Optional<AmqpError> problem(Node node) {
        if (node.dynamic() && node.address().isPresent()) {
            return invalid("a node that is to be created has no address yet; leave it unset where dynamic is true");
        }
        if (!node.dynamic() && !node.dynamicNodeProperties().isEmpty()) {
            return invalid("dynamic-node-properties are for nodes that are to be created; set dynamic too");
        }
        Object policy = node.dynamicNodeProperties().get(LifetimePolicy.KEY);
        if (policy != null
                && policy != AmqpTypes.Null.NULL
                && node.lifetimePolicy().isEmpty()) {
            return invalid("the lifetime-policy has to be one of delete-on-close, delete-on-no-links,"
                    + " delete-on-no-messages and delete-on-no-links-or-messages");
        }
        return Optional.empty();
    }

    private static Optional<AmqpError> invalid(String description) {
        return Optional.of(AmqpError.of(ErrorCondition.INVALID_FIELD, description));
    }

    static @Nullable Source theirs(Optional<Terminus.Source> source) {
        if (source.isEmpty()) {
            return null;
        }
        Source result = new Source();
        fill(result, source.get().node());
        source.get().distributionMode().ifPresent(mode -> result.setDistributionMode(Translate.symbol(mode)));
        result.setFilter(Translate.protonFields(source.get().filter()));
        TranslateState.setDefaultOutcome(result, source.get().defaultOutcome());
        result.setOutcomes(Translate.symbols(source.get().outcomes()));
        return result;
    }

    static org.apache.qpid.proton.amqp.transport.@Nullable Target theirTarget(Optional<Terminus> terminus) {
        if (terminus.isEmpty()) {
            return null;
        }
        if (terminus.get() instanceof Coordinator coordinator) {
            org.apache.qpid.proton.amqp.transaction.Coordinator result =
                    new org.apache.qpid.proton.amqp.transaction.Coordinator();
            result.setCapabilities(Translate.symbols(coordinator.capabilities()));
            return result;
        }
        Target result = new Target();
        fill(result, ((Terminus.Target) terminus.get()).node());
        return result;
    }

    private static void fill(org.apache.qpid.proton.amqp.messaging.Terminus terminus, Node node) {
        terminus.setAddress(node.address().orElse(null));
        terminus.setDurable(TerminusDurability.valueOf(node.durability().name()));
        terminus.setExpiryPolicy(
                TerminusExpiryPolicy.valueOf(node.expiryPolicy().name()));
        terminus.setTimeout(UnsignedInteger.valueOf(node.timeoutSeconds()));
        terminus.setDynamic(node.dynamic());
        terminus.setDynamicNodeProperties(Translate.protonFields(node.dynamicNodeProperties()));
        terminus.setCapabilities(Translate.symbols(node.capabilities()));
    }
}
