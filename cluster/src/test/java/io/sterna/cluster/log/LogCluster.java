package io.sterna.cluster.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.cluster.PartitionTable;
import io.sterna.cluster.PartitionView;
import io.sterna.cluster.Placement;
import io.sterna.cluster.ReplicaMessage;
import io.sterna.cluster.ReplicaSettings;
import io.sterna.cluster.TableContent;
import io.sterna.store.LogOperation;
import io.sterna.store.StoreException;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Two nodes and a table in one thread, on stores that have threads of their own. Time passes as the test wants. */
final class LogCluster {
    static final int PARTITION = 3;
    static final long GENERATION = 5;
    static final ReplicaSettings SETTINGS = new ReplicaSettings(
            new ReplicaSettings.Times(100, 200, 60_000, 120_000, 60_000, 60_000, 2),
            new ReplicaSettings.Limits(1, 4 << 20, 16 << 10, 3_000));

    private static final int STEP_MILLIS = 5;
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final LinkedBlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
    private final Map<String, LogNode> nodes = new HashMap<>();
    private final List<String> wanted;
    private final Random random;
    private Optional<PartitionView> current = Optional.empty();
    private long nowMillis = 1_000;
    private long attempts;
    private long numbers;
    private long lastProposed;

    LogCluster(Random random) {
        this.random = random;
        wanted = List.of("a", "b");
        wanted.forEach(id -> nodes.put(id, new LogNode(this, id)));
    }

    LogNode node(String id) {
        return nodes.get(id);
    }

    long nowMillis() {
        return nowMillis;
    }

    long nextAttempt() {
        return ++attempts;
    }

    /** The owner appends a record, which goes out by and by. */
    void propose(LogOperation operation) {
        lastProposed = owner().replica().propose(operation, nowMillis);
    }

    /** Rises, as epochs do. */
    long nextNumbers() {
        return ++numbers;
    }

    PartitionView view() {
        return current.orElseThrow();
    }

    LogNode owner() {
        return node(view().owner());
    }

    LogNode other() {
        return node(view().owner().equals("a") ? "b" : "a");
    }

    void post(Runnable task) {
        tasks.add(task);
    }

    void send(LogNode from, String to, long generation, ReplicaMessage message) {
        LogNode target = node(to);
        int life = target.life();
        int fromLife = from.life();
        post(() -> {
            if (from.life() == fromLife) {
                target.ifIn(life, () -> target.replica().onMessage(from.id(), generation, message, nowMillis));
            }
        });
    }

    void start(String id) throws StoreException {
        LogNode node = node(id);
        node.start();
        if (current.isEmpty()) {
            current = Optional.of(new PartitionView(PARTITION, 1, 77, id, new TreeMap<>(Map.of(id, node.disk()))));
        }
        tell(node);
    }

    /** The owner is the first of those who are wanted, so that nobody hands over. */
    private void tell(LogNode node) {
        List<String> replicas = List.of(view().owner(), view().owner().equals("a") ? "b" : "a");
        Placement placement = new Placement(1, Collections.nCopies(PARTITION + 1, replicas));
        node.onTable(new TableContent(GENERATION, Map.of(PARTITION, view()), Optional.of(placement)));
    }

    /** The table takes another view. */
    void put(PartitionView next) {
        if (!next.owner().equals(view().owner())) {
            // The former owner's last records may be nowhere.
            lastProposed = 0;
        }
        current = Optional.of(next);
        nodes.values().forEach(this::tell);
    }

    PartitionTable table() {
        return new PartitionTable() {
            @Override
            public void begin(long expectedGeneration, long generation) {
                throw new AssertionError("a replica begins no table");
            }

            @Override
            public void compareAndSet(long generation, long expectedEpoch, PartitionView next) {
                post(() -> {
                    if (view().epoch() == expectedEpoch) {
                        put(next);
                    }
                });
            }

            @Override
            public void compareAndSet(long generation, long expectedVersion, Placement placement) {
                throw new AssertionError("a replica does not place");
            }

            @Override
            public void refresh(int partition) {
                post(() -> nodes.values().forEach(LogCluster.this::tell));
            }
        };
    }

    /** Lets a little happen. */
    void step() {
        try {
            Runnable task = tasks.poll(1, TimeUnit.MILLISECONDS);
            for (int left = 1 + random.nextInt(50); task != null && left > 0; left--) {
                task.run();
                task = tasks.poll();
            }
            if (task != null) {
                task.run();
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        nowMillis += STEP_MILLIS;
        for (LogNode node : nodes.values()) {
            assertThat(node.failure().get()).isNull();
            if (node.isUp()) {
                tell(node);
                node.replica().tick(nowMillis);
            }
        }
    }

    void until(BooleanSupplier condition) {
        long begin = System.nanoTime();
        while (!condition.getAsBoolean()) {
            step();
            assertThat(System.nanoTime() - begin)
                    .as("still waiting in " + current)
                    .isLessThan(PATIENCE_NANOS);
        }
    }

    /** Until both are in sync and equally far. */
    void untilInSync() {
        until(() -> owner().isOpened()
                && view().inSync().size() == 2
                && other().isUp()
                && owner().end().epoch() == view().epoch()
                && owner().end().index() >= lastProposed
                && owner().end().equals(other().end()));
    }

    void close() {
        for (LogNode node : nodes.values()) {
            if (node.isUp()) {
                node.store().close();
            }
        }
    }
}
