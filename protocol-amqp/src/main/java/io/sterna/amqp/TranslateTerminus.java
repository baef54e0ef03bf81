package io.sterna.amqp;

import io.sterna.amqp.Terminus.Coordinator;
import io.sterna.amqp.Terminus.Durability;
import io.sterna.amqp.Terminus.ExpiryPolicy;
import io.sterna.amqp.Terminus.Node;
import java.util.Map;
import java.util.Optional;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedInteger;
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
