package io.sterna.cluster.net;

/**
 * Where a node listens for others.
 *
 * @param host a name or an IP address, IPv6 without brackets
 * @param port 0 for any free one, where this node is to listen
 */
public record PeerAddress(String host, int port) {
    private static final int MAX_PORT = 65_535;

    public PeerAddress {
        if (host.isEmpty()) {
            throw new IllegalArgumentException("an address without a host");
        }
        if (port < 0 || port > MAX_PORT) {
            throw new IllegalArgumentException("port is " + port + ", must be from 0 to " + MAX_PORT);
        }
    }

    /**
     * Reads {@code host:port}; the host of IPv6 in brackets.
     *
     * @throws IllegalArgumentException when it is none
     */
    public static PeerAddress parse(String text) {
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? "" : text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        try {
            return new PeerAddress(host, Integer.parseInt(text.substring(colon + 1)));
        } catch (IllegalArgumentException wrong) {
            throw new IllegalArgumentException("'" + text + "' is not host:port", wrong);
        }
    }

    @Override
    public String toString() {
        return host.indexOf(':') < 0 ? host + ":" + port : "[" + host + "]:" + port;
    }
}
