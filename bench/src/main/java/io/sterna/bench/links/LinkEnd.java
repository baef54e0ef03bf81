package io.sterna.bench.links;

import io.sterna.cluster.NodeReport;
import io.sterna.cluster.Position;
import io.sterna.cluster.ReplicaMessage;
import io.sterna.cluster.ReplicaMessage.Append;
import io.sterna.cluster.ReplicaMessage.Appended;
import io.sterna.cluster.net.ClusterSecret;
import io.sterna.cluster.net.PeerAddress;
import io.sterna.cluster.net.PeerIdentity;
import io.sterna.cluster.net.PeerLimits;
import io.sterna.cluster.net.PeerListener;
import io.sterna.cluster.net.PeerNetwork;
import io.sterna.cluster.net.PeerSettings;
import io.sterna.cluster.table.TableMessage;
import io.sterna.store.LogRecord;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.Promise;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** One of two nodes, on an event loop of its own: sends batches of records as fast as they are answered, or answers. */
final class LinkEnd extends AbstractVerticle implements PeerListener {
    /** Batches under way. */
    private static final int WINDOW = 64;

    private final String node;
    private final List<PeerAddress> members;
    private final List<LogRecord> batch;
    private final CompletableFuture<PeerAddress> address = new CompletableFuture<>();
    private @Nullable PeerNetwork network;

    // The event loop writes, any thread reads.
    private final AtomicLong answered = new AtomicLong();

    /** @param batch what is sent again and again; empty for who only answers */
    LinkEnd(String node, List<PeerAddress> members, List<LogRecord> batch) {
        this.node = node;
        this.members = members;
        this.batch = batch;
    }

    @Override
    public void start(Promise<Void> started) {
        PeerSettings settings = new PeerSettings(
                "bench",
                new ClusterSecret("a secret for a benchmark"),
                new PeerAddress("127.0.0.1", 0),
                0,
                false,
                List.of("backup", "owner"),
                members,
                Optional.empty(),
                PeerLimits.defaults());
        network = new PeerNetwork(vertx, settings, node, 1, this, () -> System.nanoTime() / 1_000_000);
        network.start().onSuccess(address::complete).<Void>mapEmpty().onComplete(started);
    }

    /** Where it listens, once it does. Any thread. */
    PeerAddress address() {
        return address.join();
    }

    /** Records that were sent and answered so far. Any thread. */
    long answered() {
        return answered.get();
    }

    private void send(String to, ReplicaMessage message) {
        if (network != null) {
            network.send(to, 1, message);
        }
    }

    private void sendBatch(String to) {
        send(to, new Append(0, 1, ReplicaMessage.IN_SYNC, 0, Position.START, batch, 0));
    }

    @Override
    public void onPeerUp(PeerIdentity other) {
        for (int i = 0; i < WINDOW && !batch.isEmpty(); i++) {
            sendBatch(other.node());
        }
    }

    @Override
    public void onMessage(String from, long generation, ReplicaMessage message) {
        if (message instanceof Append append) {
            send(
                    from,
                    new Appended(0, 1, ReplicaMessage.IN_SYNC, append.records().size(), 0, false));
        } else if (message instanceof Appended appended) {
            answered.addAndGet(appended.durable());
            sendBatch(from);
        }
    }

    @Override
    public Optional<String> objection(PeerIdentity other) {
        return Optional.empty();
    }

    @Override
    public void onPeerDown(PeerIdentity other, String reason) {
        // It ends with the measurement.
    }

    @Override
    public void onOctets(String other) {
        // Nobody waits for a sign of life.
    }

    @Override
    public void onTableMessage(String from, TableMessage message) {}

    @Override
    public void onNote(String from, byte[] note) {}

    @Override
    public void onReport(String from, NodeReport report) {
        // Nobody reports.
    }
}
