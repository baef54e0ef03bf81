package io.sterna.broker.cluster;

import io.sterna.broker.config.ClusterConfig;
import io.sterna.broker.partition.Partitions;
import io.sterna.cluster.Coordinator;
import io.sterna.cluster.ReplicaSettings;
import io.sterna.cluster.net.ClusterSecret;
import io.sterna.cluster.net.PeerAddress;
import io.sterna.cluster.net.PeerLimits;
import io.sterna.cluster.net.PeerSettings;
import io.sterna.cluster.net.PeerTls;
import java.nio.file.Path;
import java.util.List;

/**
 * Who this node is, and what it knows of its cluster by its configuration.
 *
 * @param directory of this node's data
 * @param maxMessageBytes the longest message that a client may send
 */
public record ClusterIdentity(ClusterConfig config, Path directory, long maxMessageBytes) {
    /** What nodes without a secret know each other by; they listen on loopback only. */
    private static final String NO_SECRET = "no secret is configured on loopback";

    private static final String NAME = "sterna";
    private static final int ROOM_AROUND_A_MESSAGE = 1 << 20;

    /** This node's id. */
    String node() {
        return config.self().id();
    }

    boolean witness() {
        return config.witness();
    }

    /** Where this node listens for others. */
    PeerAddress address() {
        return new PeerAddress(config.host(), config.port());
    }

    /** How many nodes there have to be that have copies. */
    int leastHolders() {
        return Math.max(1, config.minInSync());
    }

    /** Who keeps the partition table, sorted. */
    List<String> founders() {
        return config.members().stream()
                .map(ClusterConfig.NodeName::id)
                .sorted()
                .toList();
    }

    /** Nodes that clients are told of. */
    List<String> announced() {
        return config.announce() ? founders() : List.of();
    }

    /** @param clientPort where other nodes reach this one over AMQP */
    PeerSettings peers(int clientPort) {
        List<PeerAddress> members = config.members().stream()
                .map(member -> new PeerAddress(member.host(), member.port()))
                .toList();
        PeerLimits preset = PeerLimits.defaults();
        int frame = (int) Math.min(Integer.MAX_VALUE, maxMessageBytes + ROOM_AROUND_A_MESSAGE);
        PeerLimits limits = new PeerLimits(
                preset.heartbeatMillis(),
                preset.silenceMillis(),
                preset.handshakeMillis(),
                Math.max(preset.maxQueuedBytes(), 2L * frame),
                Math.max(preset.maxFrameBytes(), frame));
        return new PeerSettings(
                NAME,
                new ClusterSecret(config.secret().orElse(NO_SECRET)),
                address(),
                clientPort,
                config.witness(),
                founders(),
                members,
                config.tls().map(tls -> new PeerTls(tls.key(), tls.certificate(), tls.trusted(), tls.verifyHost())),
                limits);
    }

    Coordinator.Settings coordination(long silenceMillis) {
        return new Coordinator.Settings(Partitions.COUNT, config.backups(), founders(), silenceMillis);
    }

    ReplicaSettings replicas() {
        ReplicaSettings preset = ReplicaSettings.defaults();
        ReplicaSettings.Limits limits = preset.limits();
        return new ReplicaSettings(
                preset.times(),
                new ReplicaSettings.Limits(
                        config.minInSync(), limits.maxUncommittedBytes(), limits.batchBytes(), limits.partBytes()));
    }
}
