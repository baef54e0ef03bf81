package io.sterna.broker.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How this node is part of a cluster.
 *
 * @param enabled a node that is alone has nothing of the following
 * @param nodeId its name for ever
 * @param host bound, and announced to the other nodes
 * @param port for the other nodes
 * @param members the nodes that the cluster begins with, which decide together who owns what; the same for ever
 * @param backups how many nodes keep each partition beside its owner
 * @param minInSync how many copies there have to be, the owner's included, for a partition to accept
 * @param announce whether clients are told where the other nodes are
 * @param witness it helps to decide who owns what, and owns nothing
 * @param secret what all nodes know and nobody else; empty only on loopback
 * @param tls between nodes, if it is wanted
 */
public record ClusterConfig(
        boolean enabled,
        String nodeId,
        String host,
        int port,
        List<NodeName> members,
        int backups,
        int minInSync,
        boolean announce,
        boolean witness,
        Optional<String> secret,
        Optional<Tls> tls) {
    private static final int LEAST_SECRET = 16;
    private static final int LEAST_MEMBERS = 3;
    private static final int MOST_BACKUPS = 4;

    private static final int HIGHEST_PORT = 65_535;
    private static final int MOST_MEMBERS = 7;

    public ClusterConfig {
        members = List.copyOf(members);
    }

    /** A node, and where it listens for others. */
    public record NodeName(String id, String host, int port) {
        @Override
        public String toString() {
            return id.equals(address(host, port)) ? id : id + "@" + address(host, port);
        }

        private static String address(String host, int port) {
            return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
        }

        static NodeName unnamed(String host, int port) {
            return new NodeName(address(host, port), host, port);
        }

        /** Reads {@code host:port} or {@code id@host:port}, IPv6 in brackets; empty when it is neither. */
        static Optional<NodeName> parse(String text) {
            int at = text.lastIndexOf('@');
            String address = text.substring(at + 1);
            int colon = address.lastIndexOf(':');
            if (at == 0 || colon < 1) {
                return Optional.empty();
            }
            String host = address.substring(0, colon);
            boolean bracketed = host.startsWith("[") && host.endsWith("]") && host.length() > 2;
            if (!bracketed && host.indexOf(':') >= 0) {
                return Optional.empty();
            }
            String bare = bracketed ? host.substring(1, host.length() - 1) : host;
            try {
                int port = Integer.parseInt(address.substring(colon + 1));
                return Optional.of(at < 0 ? unnamed(bare, port) : new NodeName(text.substring(0, at), bare, port))
                        .filter(name -> port >= 1 && port <= HIGHEST_PORT);
            } catch (NumberFormatException notANumber) {
                return Optional.empty();
            }
        }
    }

    /** PEM files. */
    public record Tls(Path certificate, Path key, Path trusted, boolean verifyHost) {
        static Optional<Tls> read(Section section) throws ConfigException {
            Optional<String> certificate = section.optionalText("certificate");
            Optional<String> key = section.optionalText("key");
            Optional<String> trusted = section.optionalText("trusted");
            boolean verifyHost = section.flag("verify-host").orElse(true);
            section.refuseUnknown();
            if (certificate.isEmpty() && key.isEmpty() && trusted.isEmpty()) {
                return Optional.empty();
            }
            if (certificate.isEmpty() || key.isEmpty() || trusted.isEmpty()) {
                throw new ConfigException(
                        "cluster.tls: certificate, key and trusted go together: give all three, or none");
            }
            return Optional.of(
                    new Tls(Path.of(certificate.get()), Path.of(key.get()), Path.of(trusted.get()), verifyHost));
        }
    }

    /** Whether only nodes of this machine can connect. */
    public boolean isLoopback() {
        return AuthConfig.isLoopback(host);
    }

    /** This node. */
    public NodeName self() {
        return new NodeName(nodeId, host, port);
    }

    static ClusterConfig read(Section section) throws ConfigException {
        boolean enabled = section.flag("enabled").orElse(false);
        List<NodeName> members = new ArrayList<>();
        for (String text : section.texts("members", List.of())) {
            members.add(NodeName.parse(text)
                    .orElseThrow(() -> section.refused(
                            "members",
                            text,
                            "host:port, or id@host:port, of each node's cluster.host and cluster.port")));
        }
        String host = section.text("host", "127.0.0.1");
        int port = section.wholeNumber("port", 5680, 1, HIGHEST_PORT);
        String nodeId = section.optionalText("node-id")
                .orElseGet(() -> NodeName.unnamed(host, port).id());
        int backups = section.wholeNumber("backups", 1, 0, MOST_BACKUPS);
        int minInSync = section.wholeNumber("min-in-sync", 1, 1, 1 + MOST_BACKUPS);
        boolean announce = section.flag("announce").orElse(false);
        boolean witness = section.flag("witness").orElse(false);
        Optional<String> secret = secret(section);
        Optional<Tls> tls = Tls.read(section.child("tls"));
        section.refuseUnknown();
        ClusterConfig config = new ClusterConfig(
                enabled, nodeId, host, port, members, backups, minInSync, announce, witness, secret, tls);
        if (enabled) {
            config.check(section);
        }
        return config;
    }

    private static Optional<String> secret(Section section) throws ConfigException {
        Optional<String> secret = section.optionalText("secret");
        if (secret.filter(text -> text.length() < LEAST_SECRET).isPresent()) {
            throw section.refused("secret", "(not shown)", "at least " + LEAST_SECRET + " characters");
        }
        return secret;
    }

    private void check(Section section) throws ConfigException {
        if (members.size() < LEAST_MEMBERS) {
            throw section.refused(
                    "members",
                    members.toString(),
                    "three nodes or more: of two neither could tell the other's death from a broken network; one may be a"
                            + " witness (cluster.witness), which keeps no messages");
        }
        long addresses = members.stream()
                .map(member -> NodeName.unnamed(member.host(), member.port()))
                .distinct()
                .count();
        long ids = members.stream().map(NodeName::id).distinct().count();
        if (addresses < members.size() || ids < members.size()) {
            throw section.refused("members", members.toString(), "each node once");
        }
        if (members.size() > MOST_MEMBERS) {
            throw section.refused(
                    "members",
                    members.toString(),
                    "at most " + MOST_MEMBERS
                            + ", which decide together; further nodes are not listed anywhere, and join");
        }
        boolean misnamed = members.stream()
                .anyMatch(
                        member -> member.id().equals(nodeId) != (member.host().equals(host) && member.port() == port));
        if (misnamed) {
            throw section.refused(
                    "members",
                    members.toString(),
                    "a list that names this node as " + self()
                            + ", by cluster.node-id, cluster.host and cluster.port, or not at all");
        }
        if (secret.isEmpty() && !isLoopback()) {
            throw new ConfigException(
                    "cluster.secret is missing: on other addresses than loopback nodes must prove to each"
                            + " other who they are; give all nodes the same text of at least " + LEAST_SECRET
                            + " characters");
        }
        if (minInSync > 1 + backups) {
            throw section.refused(
                    "min-in-sync", String.valueOf(minInSync), "at most 1 + cluster.backups, which is " + (1 + backups));
        }
    }
}
