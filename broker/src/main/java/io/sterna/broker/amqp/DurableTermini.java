package io.sterna.broker.amqp;

import io.sterna.amqp.SettleMode;
import io.sterna.amqp.Terminus;
import io.sterna.amqp.Terminus.Durability;
import io.sterna.broker.partition.Node;
import io.sterna.broker.partition.NodeKind;

/**
 * How much of a terminus outlives the broker's process (AMQP 1.0 §3.5.5): what the client asks for, as far as there is
 * somewhere to keep it, and something to come back to. The attach is answered with that (§3.5.3).
 */
final class DurableTermini {
    private DurableTermini() {}

    /** Of a source. Of a subscription without a link that is resumed, what lasts is the subscription. */
    static Durability of(ConsumerSetup setup) {
        Terminus.Node asked = setup.granted().node();
        if (setup.node().kind() == NodeKind.SUBSCRIPTION && setup.node().stored() && !setup.resumes()) {
            return atMost(Durability.CONFIGURATION, asked);
        }
        return setup.node().stored() && setup.mayOutlive() ? lasting(asked) : Durability.NONE;
    }

    /**
     * Of a target. Its unsettled state is kept only where the sender settles last: where we do, nothing of it is left
     * when the sender can hear of it (§2.6.12).
     */
    static Durability of(Terminus.Node asked, Node node, SettleMode.Receiver mode) {
        Durability lasting = node.stored() && !asked.dynamic() ? lasting(asked) : Durability.NONE;
        return mode == SettleMode.Receiver.SECOND || lasting == Durability.NONE ? lasting : Durability.CONFIGURATION;
    }

    /** A process that ends closes its connections: what expires at once with that does not outlive it. */
    private static Durability lasting(Terminus.Node asked) {
        return LinkEnd.CONNECTION_CLOSED.leaves(asked) ? asked.durability() : Durability.NONE;
    }

    private static Durability atMost(Durability most, Terminus.Node asked) {
        return asked.durability().compareTo(most) > 0 ? most : asked.durability();
    }
}
