package io.sterna.cluster.net;

import static org.awaitility.Awaitility.await;

import io.sterna.cluster.NodeReport;
import io.sterna.cluster.ReplicaMessage;
import io.sterna.cluster.table.TableMessage;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A node with nothing but its connections, which notes all that it hears. */
final class TestPeer extends AbstractVerticle implements PeerListener {
    static final Duration LIMIT = Duration.ofSeconds(20);
    static final int CLIENT_PORT = 5672;
    static final List<String> FOUNDERS = List.of("n1", "n2", "n3");

    /** The clock's offset. */
    final AtomicLong offsetMillis = new AtomicLong();

    final List<String> ups = new CopyOnWriteArrayList<>();
    final List<String> downs = new CopyOnWriteArrayList<>();
    final List<String> octets = new CopyOnWriteArrayList<>();
    final List<ReplicaMessage> messages = new CopyOnWriteArrayList<>();
    final List<Long> generations = new CopyOnWriteArrayList<>();
    final List<NodeReport> reports = new CopyOnWriteArrayList<>();
    final List<String> notes = new CopyOnWriteArrayList<>();
    final List<TableMessage> tableMessages = new CopyOnWriteArrayList<>();
    private final String node;
    private final PeerSettings settings;
    private volatile Predicate<PeerIdentity> unwanted = other -> false;
    private volatile Runnable onMessage = () -> {};
    private @Nullable PeerNetwork network;
    private @Nullable PeerAddress address;

    TestPeer(String node, PeerSettings settings) {
        this.node = node;
        this.settings = settings;
    }

    static PeerSettings settings(
            String cluster,
            ClusterSecret secret,
            PeerAddress own,
            List<PeerAddress> members,
            Optional<PeerTls> tls,
            PeerLimits limits) {
        return new PeerSettings(cluster, secret, own, CLIENT_PORT, false, FOUNDERS, members, tls, limits);
    }

    /** Starts, and waits until it listens. */
    TestPeer startOn(Vertx host) {
        try {
            host.deployVerticle(this)
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(LIMIT.toSeconds(), TimeUnit.SECONDS);
            return this;
        } catch (InterruptedException | ExecutionException | TimeoutException failure) {
            throw new AssertionError(failure);
        }
    }

    @Override
    public void start(Promise<Void> started) {
        PeerNetwork created = new PeerNetwork(
                vertx, settings, node, 1, this, () -> System.nanoTime() / 1_000_000 + offsetMillis.get());
        network = created;
        created.start()
                .map(used -> {
                    address = used;
                    return (Void) null;
                })
                .onComplete(started);
    }

    @Override
    public void stop(Promise<Void> stopped) {
        network().stop().onComplete(stopped);
    }

    /** Stops, and waits until it has. */
    void stopAndWait() {
        try {
            vertx.undeploy(deploymentID())
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException failure) {
            throw new AssertionError(failure);
        }
    }

    PeerNetwork network() {
        if (network == null) {
            throw new IllegalStateException("not started");
        }
        return network;
    }

    PeerAddress address() {
        if (address == null) {
            throw new IllegalStateException("not started");
        }
        return address;
    }

    void rejects(Predicate<PeerIdentity> others) {
        unwanted = others;
    }

    void onMessage(Runnable action) {
        onMessage = action;
    }

    /** Waits until there is a connection. */
    void awaitUp(String other) {
        await().atMost(LIMIT).until(() -> ups.contains(other) && isUp(other));
    }

    boolean isUp(String other) {
        return network().figures().stream().anyMatch(figures -> figures.node().equals(other) && figures.up());
    }

    @Override
    public Optional<String> objection(PeerIdentity other) {
        return unwanted.test(other) ? Optional.of(other.node() + " is no member") : Optional.empty();
    }

    @Override
    public void onPeerUp(PeerIdentity other) {
        ups.add(other.node());
    }

    @Override
    public void onPeerDown(PeerIdentity other, String reason) {
        downs.add(other.node() + ": " + reason);
    }

    @Override
    public void onMessage(String from, long generation, ReplicaMessage message) {
        messages.add(message);
        generations.add(generation);
        onMessage.run();
    }

    @Override
    public void onOctets(String from) {
        octets.add(from);
    }

    @Override
    public void onTableMessage(String from, TableMessage message) {
        tableMessages.add(message);
    }

    @Override
    public void onNote(String from, byte[] note) {
        notes.add(from + ": " + new String(note, StandardCharsets.UTF_8));
    }

    @Override
    public void onReport(String from, NodeReport report) {
        reports.add(report);
    }
}
