package io.sterna.broker.amqp;

import io.sterna.amqp.SettleMode;
import io.sterna.amqp.Terminus;
import io.sterna.amqp.Terminus.Durability;
import io.sterna.broker.partition.Node;

/**
 * How much of a terminus outlives the broker's process (AMQP 1.0 §3.5.5): what the client asks for, as far as there is
 * somewhere to keep it, and something to come back to. The attach is answered with that (§3.5.3).
 */
final class DurableTermini {
    private DurableTermini() {}

    /** Of a source. Of a subscription without a link that is resumed, what lasts is the subscription. */
    static Durability of(ConsumerSetup setup) {
        if (!setup.node().stored()) {
            return Durability.NONE;
        }
        Durability link = setup.mayOutlive() ? lasting(setup.granted().node()) : Durability.NONE;
        if (setup.isLastingSubscription() && link == Durability.NONE) {
            return Durability.CONFIGURATION;
        }
        return setup.presettled() ? withoutUnsettled(link) : link;
    }

    /**
     * Of a target. Its unsettled state is kept only where the sender settles last: where we do, nothing of it is left
     * when the sender can hear of it (§2.6.12).
     */
    static Durability of(Terminus.Node asked, Node node, SettleMode.Receiver mode) {
        Durability lasting = node.stored() && !asked.dynamic() ? lasting(asked) : Durability.NONE;
        return mode == SettleMode.Receiver.SECOND ? lasting : withoutUnsettled(lasting);
    }

    private static Durability withoutUnsettled(Durability durability) {
        return durability == Durability.NONE ? Durability.NONE : Durability.CONFIGURATION;
    }

    /** A process that ends closes its connections: what expires at once with that does not outlive it. */
    private static Durability lasting(Terminus.Node asked) {
        return LinkEnd.CONNECTION_CLOSED.leaves(asked) ? asked.durability() : Durability.NONE;
    }
}
