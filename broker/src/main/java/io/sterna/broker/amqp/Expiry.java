package io.sterna.broker.amqp;

import io.sterna.amqp.Terminus;
import io.sterna.amqp.Terminus.ExpiryPolicy;
import io.sterna.broker.config.BrokerConfig;

/** When a terminus expires: as the client asks for, as far as suspended links are kept (AMQP 1.0 §2.6.3, §3.5.6). */
final class Expiry {
    private static final long MILLIS = 1000;

    private Expiry() {}

    /**
     * What never expires does so when it was suspended for as long as any link may be; for what goes with its connection see
     * {@link TemporaryNodes#granted}.
     */
    static Terminus.Node bounded(Terminus.Node asked, BrokerConfig config) {
        if (asked.dynamic()) {
            return asked;
        }
        long mostSeconds = config.amqp().suspendedLinks().maxTimeMillis() / MILLIS;
        return asked.expiryPolicy() == ExpiryPolicy.NEVER
                ? asked.withExpiry(ExpiryPolicy.LINK_DETACH, mostSeconds)
                : asked.withExpiry(asked.expiryPolicy(), Math.min(asked.timeoutSeconds(), mostSeconds));
    }

    /** With the link at once. */
    static Terminus.Node withLink(Terminus.Node asked) {
        return asked.withExpiry(ExpiryPolicy.LINK_DETACH, 0);
    }
}
