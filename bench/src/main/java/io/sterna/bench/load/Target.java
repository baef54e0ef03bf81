package io.sterna.bench.load;

import java.net.URI;
import java.util.function.Predicate;

/**
 * The broker under load.
 *
 * @param uri its AMQP address, {@code amqp://host:port}
 * @param user empty for an anonymous connection
 * @param password of the user
 * @param topicPrefix what a topic's address begins with
 * @param probe what can be seen of its processes
 * @param queues names that queues may have
 */
record Target(URI uri, String user, String password, String topicPrefix, BrokerProbe probe, Predicate<String> queues) {

    private static final int AMQP_PORT = 5672;

    /** A broker for which one name of a queue is as good as another. */
    Target(URI uri, String user, String password, String topicPrefix, BrokerProbe probe) {
        this(uri, user, password, topicPrefix, probe, any -> true);
    }

    Target {
        if (!"amqp".equals(uri.getScheme()) || uri.getHost() == null) {
            throw new IllegalArgumentException("not an address of the form amqp://host:port: " + uri);
        }
    }

    int port() {
        return uri.getPort() < 0 ? AMQP_PORT : uri.getPort();
    }
}
