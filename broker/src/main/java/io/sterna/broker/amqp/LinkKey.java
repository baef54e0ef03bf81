package io.sterna.broker.amqp;

import io.sterna.amqp.Link;
import io.sterna.amqp.SenderLink;

/**
 * What identifies a link among all links of all clients (AMQP 1.0 §2.6.1). A container is one user's: another user that
 * takes its name gets none of its links.
 *
 * @param sending whether the broker sends
 */
record LinkKey(String user, String containerId, String name, boolean sending) {
    static LinkKey of(Link link) {
        return new LinkKey(
                link.connection().user(),
                link.connection().remote().containerId(),
                link.name(),
                link instanceof SenderLink);
    }
}
