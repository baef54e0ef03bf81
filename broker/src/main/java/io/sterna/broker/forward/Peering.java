package io.sterna.broker.forward;

import io.sterna.amqp.sasl.SharedSecret;
import java.util.Optional;

/**
 * What a broker needs to know of the other nodes.
 *
 * @param routing who owns what
 * @param secret what nodes know each other by; absent where no other node is let in
 */
public record Peering(Routing routing, Optional<SharedSecret> secret) {
    /** Of a node that is alone. */
    public static final Peering ALONE = new Peering(Routing.ALONE, Optional.empty());

    /**
     * With the secret that is configured.
     *
     * @param secret without one, whoever connects can say that it is a node, and act for any user
     * @param trusting whether that is as good as what they may do anyway: the node listens on loopback only, and lets in
     *     clients that do not name themselves. Otherwise no node is let in without a secret
     */
    public static Peering of(Routing routing, Optional<String> secret, boolean trusting) {
        return new Peering(
                routing,
                secret.or(() -> trusting ? Optional.of("") : Optional.empty()).map(SharedSecret::new));
    }
}
