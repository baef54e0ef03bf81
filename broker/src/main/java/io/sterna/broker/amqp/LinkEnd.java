package io.sterna.broker.amqp;

import io.sterna.amqp.Link;
import io.sterna.amqp.Terminus;

/** How much has ended with a link, in the order in which the expiry policies name them (AMQP 1.0 §3.5.6). */
enum LinkEnd {
    DETACHED,
    SESSION_ENDED,
    CONNECTION_CLOSED;

    static LinkEnd of(Link link) {
        if (!link.connection().isOpen()) {
            return CONNECTION_CLOSED;
        }
        return link.session().ended() ? SESSION_ENDED : DETACHED;
    }

    /** Whether the expiry timer of a terminus runs from now on. */
    boolean startsTimer(Terminus.ExpiryPolicy policy) {
        return switch (policy) {
            case LINK_DETACH -> true;
            case SESSION_END -> this != DETACHED;
            case CONNECTION_CLOSE -> this == CONNECTION_CLOSED;
            case NEVER -> false;
        };
    }

    /** Whether a terminus outlives this. */
    boolean leaves(Terminus.Node terminus) {
        return !startsTimer(terminus.expiryPolicy()) || terminus.timeoutSeconds() > 0;
    }
}
