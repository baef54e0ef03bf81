package io.sterna.broker.forward;

/**
 * Where clients, and other nodes, reach a node over AMQP.
 *
 * @param node its name, for people
 */
public record PeerAddress(String node, String host, int port) {
    @Override
    public String toString() {
        return node + " (" + host + ":" + port + ")";
    }
}
