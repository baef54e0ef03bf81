package io.sterna.broker.cli;

/** Hosts and ports as they stand in a URL. */
final class Urls {
    private Urls() {}

    static String hostAndPort(String host, int port) {
        boolean ipv6 = host.indexOf(':') >= 0 && !host.startsWith("[");
        return (ipv6 ? "[" + host + "]" : host) + ":" + port;
    }
}
