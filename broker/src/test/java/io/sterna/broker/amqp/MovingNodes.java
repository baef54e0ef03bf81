package io.sterna.broker.amqp;

import io.sterna.broker.partition.Decisions;
import io.sterna.broker.partition.Partition;
import io.sterna.broker.partition.PartitionLog;
import io.sterna.broker.partition.PartitionOpening;
import io.sterna.broker.partition.Partitions;
import io.sterna.broker.partition.TestLogs;
import io.sterna.store.InMemoryStore;
import io.sterna.store.LogOperation;
import io.sterna.store.RecoveredMessage;
import io.sterna.store.RecoveryVisitor;
import io.sterna.store.StoreException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Two nodes and one store, which stands for logs that either of them can go on with: each partition is open at one of them at
 * most. What they ask each other gets lost, or comes twice. In virtual time, in an order that a seed decides.
 */
final class MovingNodes {
    private static final int COUNT = 2;

    private final Random random;
    private final ArrayDeque<Runnable> storeTasks = new ArrayDeque<>();
    private final List<Simulation> nodes = new ArrayList<>();
    private final Map<Integer, Integer> owners = new HashMap<>();
    private InMemoryStore store = new InMemoryStore(storeTasks::add);
    private int lives;

    MovingNodes(long seed) {
        random = new Random(seed);
        start();
    }

    private void start() {
        lives++;
        nodes.clear();
        owners.clear();
        try {
            store.recover(new Only(-1, new RecoveredEnd()));
        } catch (StoreException e) {
            throw new IllegalStateException(e);
        }
        for (int node = 0; node < COUNT; node++) {
            Simulation simulation = new Simulation(random.nextLong(), store, storeTasks);
            nodes.add(simulation);
            simulation.partitions().askElsewhere(asking(simulation, lives));
        }
    }

    private Decisions asking(Simulation from, int life) {
        return request -> {
            Integer owner = owners.get(request.asked());
            for (int copies = random.nextInt(3); copies > 0 && owner != null && life == lives; copies--) {
                nodes.get(owner).partitions().answer(request, answer -> {
                    if (life == lives && random.nextInt(4) > 0) {
                        from.partitions().onAnswer(answer);
                    }
                });
            }
        };
    }

    Simulation node(int number) {
        return nodes.get(number);
    }

    /** The node where a partition is open. */
    Simulation ownerOf(int partition) {
        return nodes.get(owners.get(partition));
    }

    InMemoryStore store() {
        return store;
    }

    /** The number of an address's partition. */
    int partitionOf(String address) {
        Partitions any = nodes.get(0).partitions();
        return any.all().indexOf(any.of(address));
    }

    /** Opens a partition that is closed, with what the store has of it. */
    void open(int partition, int node) {
        owners.put(partition, node);
        Partitions partitions = nodes.get(node).partitions();
        Partition before = partitions.all().get(partition);
        before.loop().post(() -> {
            RecoveredEnd end = new RecoveredEnd();
            tell(partition, end);
            PartitionLog log = TestLogs.of(before, end.epoch, end.index);
            PartitionOpening opening = partitions.opening(partition, log);
            tell(partition, opening.visitor());
            opening.finish();
        });
        nodes.get(node).settle();
    }

    private void tell(int partition, RecoveryVisitor visitor) {
        try {
            store.reopen().recover(new Only(partition, visitor));
        } catch (StoreException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Closes a partition where it is open; what it has appended becomes durable. */
    void close(int partition) {
        Simulation owner = nodes.get(owners.remove(partition));
        AtomicBoolean closed = new AtomicBoolean();
        owner.partitions().all().get(partition).loop().post(() -> {
            owner.partitions().all().get(partition).close("it has moved");
            closed.set(true);
        });
        while (!closed.get()) {
            owner.step();
        }
        while (!storeTasks.isEmpty()) {
            storeTasks.remove().run();
        }
    }

    /** The power goes everywhere: what was not durable is lost. All partitions are closed then. */
    void crash() {
        store = store.crash();
        storeTasks.clear();
        start();
    }

    /** Takes one turn somewhere; false when there is none to take. */
    boolean step() {
        int first = random.nextInt(COUNT);
        return nodes.get(first).step() || nodes.get(1 - first).step();
    }

    void settle() {
        while (step()) {}
    }

    /** Lets time pass at both. */
    void pass(long millis) {
        nodes.forEach(node -> node.pass(millis));
        settle();
    }

    /** Where the log of a partition ends. */
    private static final class RecoveredEnd implements RecoveryVisitor {
        private long epoch;
        private long index;

        @Override
        public void onPartition(int partition, long itsEpoch, long itsIndex) {
            epoch = itsEpoch;
            index = itsIndex;
        }

        @Override
        public void onNode(int partition, LogOperation.NodeCreated node) {}

        @Override
        public void onValue(int partition, long nodeId, byte[] key, byte[] value) {}

        @Override
        public void onMessage(int partition, long queueId, RecoveredMessage message) {}
    }

    /** Tells of one partition. */
    private record Only(int partition, RecoveryVisitor visitor) implements RecoveryVisitor {
        @Override
        public void onPartition(int of, long epoch, long index) {
            if (of == partition) {
                visitor.onPartition(of, epoch, index);
            }
        }

        @Override
        public void onNode(int of, LogOperation.NodeCreated node) {
            if (of == partition) {
                visitor.onNode(of, node);
            }
        }

        @Override
        public void onValue(int of, long nodeId, byte[] key, byte[] value) {
            if (of == partition) {
                visitor.onValue(of, nodeId, key, value);
            }
        }

        @Override
        public void onMessage(int of, long queueId, RecoveredMessage message) {
            if (of == partition) {
                visitor.onMessage(of, queueId, message);
            }
        }
    }
}
