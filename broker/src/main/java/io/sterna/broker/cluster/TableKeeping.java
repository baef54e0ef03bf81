package io.sterna.broker.cluster;

import io.sterna.broker.partition.Loop;
import io.sterna.cluster.PartitionTable;
import io.sterna.cluster.PartitionView;
import io.sterna.cluster.Placement;
import io.sterna.cluster.TableContent;
import io.sterna.cluster.net.PeerNetwork;
import io.sterna.cluster.table.KeeperFile;
import io.sterna.cluster.table.KeeperState;
import io.sterna.cluster.table.KeptTable;
import io.sterna.cluster.table.TableMessage;
import io.sterna.cluster.table.TablePorts;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ties this node's part in the partition table to its disk and to the other nodes. Owned by the loop it is given; what is
 * asked of the table may be asked by any thread.
 */
final class TableKeeping implements TablePorts, PartitionTable {
    private static final Logger log = LoggerFactory.getLogger(TableKeeping.class);

    private static final int CLOSE_SECONDS = 10;

    private final Loop loop;
    private final LongSupplier clock;
    private final PeerNetwork network;
    private final KeeperFile file;
    private final Consumer<TableContent> listener;
    private final List<String> founders;
    private final KeptTable table;
    private final SecureRandom random = new SecureRandom();
    private final ExecutorService disk = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "sterna-table");
        thread.setDaemon(true);
        return thread;
    });

    private Optional<String> problem = Optional.empty();

    /** @param file closed by {@link #close} */
    TableKeeping(
            ClusterIdentity identity,
            Loop loop,
            LongSupplier clock,
            PeerNetwork network,
            KeeperFile file,
            Consumer<TableContent> listener) {
        this.loop = loop;
        this.clock = clock;
        this.network = network;
        this.file = file;
        this.listener = listener;
        founders = identity.founders();
        table = new KeptTable(identity.node(), founders, this, file.recovered());
    }

    /** To be called many times a second. */
    void tick() {
        table.tick();
    }

    void onMessage(String node, TableMessage message) {
        table.onMessage(node, message);
    }

    void onGone(String node) {
        table.onGone(node);
    }

    /** Why the table is not heard, for operators and clients. */
    String whyNotHeard() {
        List<String> missing = table.missing();
        return problem.orElseGet(() -> missing.isEmpty()
                ? "this node does not reach the majority of its cluster (of " + founders + " it has heard from "
                        + table.answering() + "); connect to another one"
                : "this node keeps the partition table, has nothing of it on its disk, and waits to hear of it from "
                        + String.join(", ", missing));
    }

    /** Closes the file after what is being written; blocks as long. Nothing may be asked of the table any more. */
    void close() {
        disk.execute(this::closeFile);
        disk.shutdown();
        try {
            if (!disk.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                log.warn("the partition table was not written within {} s", CLOSE_SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void closeFile() {
        try {
            file.close();
        } catch (IOException e) {
            log.warn("could not close the files of the partition table", e);
        }
    }

    // ---- What the table does

    @Override
    public long nowMillis() {
        return clock.getAsLong();
    }

    @Override
    public long random() {
        return random.nextLong();
    }

    @Override
    public void send(String node, TableMessage message) {
        network.send(node, message);
    }

    @Override
    public void sendAll(TableMessage message) {
        network.sendAll(message);
    }

    @Override
    public void write(KeeperState state) {
        disk.execute(() -> {
            try {
                file.write(state);
                loop.post(table::onWritten);
            } catch (IOException e) {
                loop.post(() -> onFailed(e));
            }
        });
    }

    /** It keeps silent from now on, so that nobody counts on what is not on its disk. */
    private void onFailed(IOException failure) {
        log.error("the partition table can't be written; this node keeps it no more until it is restarted", failure);
        problem = Optional.of("the partition table can't be written: " + failure.getMessage());
    }

    @Override
    public void onTable(TableContent content) {
        listener.accept(content);
    }

    // ---- What is asked of the table, by any thread

    @Override
    public void begin(long expectedGeneration, long generation) {
        loop.post(() -> table.begin(expectedGeneration, generation));
    }

    @Override
    public void compareAndSet(long generation, long expectedEpoch, PartitionView view) {
        loop.post(() -> table.compareAndSet(generation, expectedEpoch, view));
    }

    @Override
    public void compareAndSet(long generation, long expectedVersion, Placement placement) {
        loop.post(() -> table.compareAndSet(generation, expectedVersion, placement));
    }

    @Override
    public void refresh(int partition) {
        loop.post(() -> table.refresh(partition));
    }
}
