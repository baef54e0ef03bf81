package io.sterna.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.store.LogOperation.Acknowledged;
import io.sterna.store.LogOperation.Atomic;
import io.sterna.store.LogOperation.DeliveryUpdated;
import io.sterna.store.LogOperation.Enqueued;
import io.sterna.store.LogOperation.EpochStarted;
import io.sterna.store.LogOperation.NodeChanged;
import io.sterna.store.LogOperation.NodeCreated;
import io.sterna.store.LogOperation.NodeDeleted;
import io.sterna.store.LogOperation.Published;
import io.sterna.store.LogOperation.ValuePut;
import io.sterna.store.LogOperation.ValueRemoved;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/** Makes random records for a few partitions, each with a lane of its own, and knows what must come of them. */
final class RandomLog {
    /** Id of the first of some topics that are no nodes. */
    private static final long TOPIC = 1_000_000;

    private final Random random;
    private final List<Partition> partitions = new ArrayList<>();
    private long nextNode = 1;
    private boolean sometimesForLater;

    private static final class Partition {
        private final int number;
        private final List<LogRecord> records = new ArrayList<>();
        private final List<Long> queues = new ArrayList<>();
        private final List<long[]> live = new ArrayList<>();
        private final TreeMap<Long, Enqueued> bodies = new TreeMap<>();
        private long nextSequence = 1;
        private int durable;
        private int firstOfLane;
        private Lane lane;
        private RecordingLane listener;

        Partition(int number) {
            this.number = number;
        }

        void awaitDurable() {
            listener.awaitDurable(records.size() - firstOfLane);
        }
    }

    RandomLog(Random random, int partitionCount) {
        this.random = random;
        for (int i = 0; i < partitionCount; i++) {
            partitions.add(new Partition(i));
        }
    }

    List<RecordingLane> openLanes(Store store) {
        List<RecordingLane> listeners = new ArrayList<>();
        for (Partition partition : partitions) {
            partition.listener = new RecordingLane();
            partition.lane = store.lane(partition.listener);
            partition.firstOfLane = partition.records.size();
            listeners.add(partition.listener);
        }
        return listeners;
    }

    void appendRandom() {
        Partition partition = partitions.get(random.nextInt(partitions.size()));
        append(partition, operation(partition, true));
    }

    /** Appends a record to each partition, each in a write of its own: so the last shows that the others were forced. */
    void appendToEach(LogOperation operation) {
        for (Partition partition : partitions) {
            append(partition, operation);
            partition.awaitDurable();
        }
    }

    /** From now on nobody waits for one record of five, until somebody waits for one after it. */
    void appendSomeForLater() {
        sometimesForLater = true;
    }

    private void append(Partition partition, LogOperation operation) {
        LogRecord record = new LogRecord(partition.number, 1, partition.records.size() + 1, operation);
        partition.records.add(record);
        if (operation instanceof Atomic) {
            partition.lane.stageUnordered(record);
        } else {
            partition.lane.stage(record);
        }
        if (sometimesForLater && partition.records.size() % 5 == 0) {
            partition.lane.flushSoon();
        } else {
            partition.lane.flush();
        }
    }

    /** The bytes of a message that was appended. */
    byte[] bodyOf(int partition, long sequence) {
        Map<Long, byte[]> bodies = new HashMap<>();
        partitions.get(partition).records.forEach(record -> collect(record.operation(), bodies, new HashSet<>()));
        return Optional.ofNullable(bodies.get(sequence)).orElseThrow();
    }

    /** Whether a message, as queue/sequence, was ever appended. */
    boolean wasEver(String message) {
        Set<String> names = new HashSet<>();
        for (Partition partition : partitions) {
            partition.records.forEach(record -> collect(record.operation(), new HashMap<>(), names));
        }
        return names.contains(message);
    }

    private static void collect(LogOperation operation, Map<Long, byte[]> bodies, Set<String> names) {
        if (operation instanceof Enqueued enqueued) {
            bodies.put(enqueued.sequence(), enqueued.message());
            names.add(enqueued.queueId() + "/" + enqueued.sequence());
        } else if (operation instanceof Published published) {
            bodies.put(published.sequence(), published.message());
            for (long queueId : published.queueIds()) {
                names.add(queueId + "/" + published.sequence());
            }
        } else if (operation instanceof Atomic atomic) {
            atomic.operations().forEach(part -> collect(part, bodies, names));
        }
    }

    /** Remembers what the listeners have heard up to now. */
    void markDurable(List<RecordingLane> listeners) {
        for (int i = 0; i < partitions.size(); i++) {
            Partition partition = partitions.get(i);
            assertThat(listeners.get(i).broken()).isEmpty();
            partition.durable = partition.firstOfLane + (int) listeners.get(i).durable();
        }
    }

    void awaitDurable() {
        for (Partition partition : partitions) {
            partition.awaitDurable();
        }
    }

    void assertAllDurable() {
        for (Partition partition : partitions) {
            assertThat(partition.durable).isEqualTo(partition.records.size());
        }
    }

    /** Checks that a prefix of each partition, with all that was durable, is there and nothing else; goes on from it. */
    void checkAndCut(Recovered recovered) {
        for (Partition partition : partitions) {
            int kept = (int) recovered.index(partition.number);
            assertThat(kept)
                    .as("records kept of partition " + partition.number)
                    .isBetween(partition.durable, partition.records.size());
            partition.records.subList(kept, partition.records.size()).clear();
            partition.durable = kept;
            rebuild(partition);
        }
        assertThat(recovered.lines()).isEqualTo(Recovered.of(model()).lines());
    }

    StoreModel model() {
        StoreModel model = new StoreModel();
        for (Partition partition : partitions) {
            partition.records.forEach(model::apply);
        }
        return model;
    }

    private void rebuild(Partition partition) {
        partition.queues.clear();
        partition.live.clear();
        partition.bodies.clear();
        for (LogRecord record : partition.records) {
            remember(partition, record.operation());
        }
    }

    private void remember(Partition partition, LogOperation operation) {
        if (operation instanceof NodeCreated created) {
            partition.queues.add(created.nodeId());
        } else if (operation instanceof NodeDeleted deleted) {
            partition.queues.remove(deleted.nodeId());
            partition.live.removeIf(message -> message[0] == deleted.nodeId());
        } else if (operation instanceof Enqueued enqueued) {
            partition.live.add(new long[] {enqueued.queueId(), enqueued.sequence()});
            partition.bodies.put(enqueued.sequence(), enqueued);
        } else if (operation instanceof Published published) {
            for (long queueId : published.queueIds()) {
                partition.live.add(new long[] {queueId, published.sequence()});
            }
        } else if (operation instanceof Acknowledged acknowledged) {
            for (long sequence : acknowledged.sequences()) {
                partition.live.removeIf(message -> message[0] == acknowledged.queueId() && message[1] == sequence);
            }
        } else if (operation instanceof Atomic atomic) {
            atomic.operations().forEach(part -> remember(partition, part));
        }
    }

    private LogOperation operation(Partition partition, boolean outermost) {
        int choice = random.nextInt(100);
        LogOperation operation;
        if (partition.queues.isEmpty() || (choice < 3 && partition.queues.size() < 5)) {
            operation = new NodeCreated(nextNode++, random.nextInt(3), "queue." + random.nextInt(1000), bytes(40));
        } else if (choice < 4) {
            if (outermost && random.nextBoolean()) {
                return deleteAndCreateAgain(partition);
            }
            operation = new NodeDeleted(anyQueue(partition));
        } else if (choice < 6) {
            operation = new NodeChanged(anyQueue(partition), bytes(40));
        } else if (choice < 12) {
            operation = value(partition);
        } else if (choice < 40 || partition.live.isEmpty()) {
            operation = random.nextInt(3) == 0
                    ? publish(partition)
                    : new Enqueued(anyQueue(partition), partition.nextSequence++, bytes(3), message());
        } else if (choice < 80) {
            operation = acknowledge(partition);
        } else if (choice < 90) {
            long[] message = partition.live.get(random.nextInt(partition.live.size()));
            operation = new DeliveryUpdated(message[0], message[1], random.nextInt(5), bytes(3), bytes(3));
        } else if (choice < 92 || !outermost) {
            operation = new EpochStarted();
        } else {
            return atomic(partition);
        }
        remember(partition, operation);
        return operation;
    }

    private Atomic atomic(Partition partition) {
        List<LogOperation> operations = new ArrayList<>();
        for (int left = random.nextInt(5); left >= 0; left--) {
            operations.add(operation(partition, false));
        }
        return new Atomic(operations);
    }

    /** Some of the queue's own messages come again, as they do when a replica catches up, though it has later ones. */
    private Atomic deleteAndCreateAgain(Partition partition) {
        long queueId = anyQueue(partition);
        List<LogOperation> operations = new ArrayList<>();
        operations.add(new NodeDeleted(queueId));
        operations.add(new NodeCreated(queueId, random.nextInt(3), "queue." + random.nextInt(1000), bytes(40)));
        for (long[] message : partition.live) {
            Enqueued own = partition.bodies.get(message[1]);
            if (message[0] == queueId && own != null && random.nextInt(4) > 0) {
                operations.add(own);
            }
        }
        operations.forEach(operation -> remember(partition, operation));
        return new Atomic(operations);
    }

    private Published publish(Partition partition) {
        List<Long> queueIds = new ArrayList<>(partition.queues);
        Collections.shuffle(queueIds, random);
        long[] some = queueIds.stream()
                .limit(random.nextInt(queueIds.size() + 1))
                .mapToLong(Long::longValue)
                .toArray();
        long topicId = random.nextBoolean() ? TOPIC + partition.number : anyQueue(partition);
        return new Published(topicId, partition.nextSequence++, some, bytes(3), message());
    }

    private LogOperation value(Partition partition) {
        long nodeId = random.nextInt(3) > 0 ? anyQueue(partition) : random.nextBoolean() ? 0 : ValuePut.REPLICA;
        byte[] key = {(byte) random.nextInt(6)};
        return random.nextInt(3) == 0 ? new ValueRemoved(nodeId, key) : new ValuePut(nodeId, key, bytes(200));
    }

    private Acknowledged acknowledge(Partition partition) {
        int at = random.nextBoolean() ? 0 : random.nextInt(partition.live.size());
        long queueId = partition.live.get(at)[0];
        List<Long> sequences = new ArrayList<>();
        for (int i = at; i < partition.live.size() && sequences.size() < 1 + random.nextInt(8); i++) {
            if (partition.live.get(i)[0] == queueId) {
                sequences.add(partition.live.get(i)[1]);
            }
        }
        return new Acknowledged(
                queueId, sequences.stream().mapToLong(Long::longValue).toArray());
    }

    private long anyQueue(Partition partition) {
        return partition.queues.get(random.nextInt(partition.queues.size()));
    }

    /** So many bytes or fewer, quite often none. */
    private byte[] bytes(int max) {
        byte[] bytes = new byte[random.nextBoolean() ? 0 : random.nextInt(max + 1)];
        random.nextBytes(bytes);
        return bytes;
    }

    private byte[] message() {
        int kind = random.nextInt(200);
        int size = kind == 0 ? random.nextInt(60_000) : kind < 20 ? random.nextInt(3_000) : random.nextInt(300);
        byte[] message = new byte[size];
        random.nextBytes(message);
        return message;
    }
}
