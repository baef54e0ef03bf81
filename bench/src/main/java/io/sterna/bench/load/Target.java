package io.sterna.bench.load;

import java.net.URI;

/**
 * The broker under load.
 *
 * @param uri its AMQP address, {@code amqp://host:port}
 * @param user empty for an anonymous connection
 * @param password of the user
 * @param topicPrefix what a topic's address begins with
 * @param probe what can be seen of its process
 */
record Target(URI uri, String user, String password, String topicPrefix, BrokerProbe probe) {

    private static final int AMQP_PORT = 5672;

    Target {
        if (!"amqp".equals(uri.getScheme()) || uri.getHost() == null) {
            throw new IllegalArgumentException("not an address of the form amqp://host:port: " + uri);
        }
    }

    int port() {
        return uri.getPort() < 0 ? AMQP_PORT : uri.getPort();
    }
}
