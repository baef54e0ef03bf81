package io.sterna.cluster;

import io.sterna.store.LogOperation;
import io.sterna.store.LogOperation.Acknowledged;
import io.sterna.store.LogOperation.Atomic;
import io.sterna.store.LogOperation.DeliveryUpdated;
import io.sterna.store.LogOperation.Enqueued;
import io.sterna.store.LogOperation.NodeChanged;
import io.sterna.store.LogOperation.NodeCreated;
import io.sterna.store.LogOperation.NodeDeleted;
import io.sterna.store.LogOperation.Published;
import io.sterna.store.LogOperation.ValuePut;
import io.sterna.store.LogOperation.ValueRemoved;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Producers, consumers and operators, which talk to whoever takes himself for the owner, and see what he holds. */
final class SimClients {
    private static final int QUEUE = 1;
    private static final int TOPIC = 2;
    private static final int MOST_QUEUES = 4;
    private static final int MOST_TOPICS = 2;

    /** Under which is published without a node. */
    private static final long TOPIC_WITHOUT_NODE = 1;

    private final SimWorld world;
    private final SimTime time;
    private final Map<Integer, Integer> numbers = new HashMap<>();
    private boolean ended;

    SimClients(SimWorld world) {
        this.world = world;
        time = world.time();
    }

    void begin() {
        time.after(time.between(1, 15), () -> {
            if (!ended) {
                request();
                begin();
            }
        });
    }

    void end() {
        ended = true;
    }

    private void request() {
        int partition = time.between(0, world.partitions() - 1);
        List<SimNode> owners = new ArrayList<>();
        for (SimNode node : world.nodes()) {
            if (node.isUp() && node.replica(partition).accepts(node.nowMillis())) {
                owners.add(node);
            }
        }
        if (!owners.isEmpty()) {
            SimNode owner = owners.get(time.between(0, owners.size() - 1));
            owner.run(owner.life(), () -> new Turn(owner, partition).run());
        }
    }

    /** What happens in one turn of an owner's loop. */
    private final class Turn {
        private final SimNode owner;
        private final int partition;
        private final SimContent content;

        Turn(SimNode owner, int partition) {
            this.owner = owner;
            this.partition = partition;
            content = owner.content(partition);
        }

        void run() {
            for (int left = time.chance(80) ? 1 : time.between(2, 5); left > 0; left--) {
                if (!owner.replica(partition).accepts(owner.nowMillis())) {
                    return;
                }
                if (time.chance(90)) {
                    operation().ifPresent(operation -> owner.propose(partition, operation));
                } else {
                    owner.propose(partition, new Atomic(operations()));
                }
            }
        }

        /** Nothing comes to a queue that is deleted. */
        private List<LogOperation> operations() {
            List<LogOperation> operations = new ArrayList<>();
            boolean deletes = false;
            for (int left = time.between(0, 3); left > 0 && !deletes; left--) {
                Optional<LogOperation> next = operation();
                next.ifPresent(operations::add);
                deletes = next.filter(NodeDeleted.class::isInstance).isPresent();
            }
            return operations;
        }

        private Optional<LogOperation> operation() {
            List<Long> queues = nodes(QUEUE);
            int kind = time.between(0, 99);
            if (queues.isEmpty() || kind < 4) {
                return Optional.of(node(queues));
            } else if (kind < 8) {
                return Optional.of(value(any(queues)));
            } else if (kind < 40) {
                return Optional.of(new Enqueued(any(queues), owner.nextSequence(partition), bytes(3), message()));
            } else if (kind < 55) {
                return Optional.of(publish(queues));
            }
            return owner.replica(partition).delivers(owner.nowMillis())
                    ? consume(any(queues), kind < 62)
                    : Optional.empty();
        }

        private List<Long> nodes(int kind) {
            return content.nodes().values().stream()
                    .filter(node -> node.kind() == kind)
                    .map(NodeCreated::nodeId)
                    .toList();
        }

        private LogOperation node(List<Long> queues) {
            List<Long> topics = nodes(TOPIC);
            boolean isTopic = !queues.isEmpty() && time.chance(40);
            List<Long> those = isTopic ? topics : queues;
            if (those.size() < 2 || (time.chance(40) && those.size() < (isTopic ? MOST_TOPICS : MOST_QUEUES))) {
                long id = owner.nextSequence(partition);
                return new NodeCreated(id, isTopic ? TOPIC : QUEUE, "node-" + id, bytes(5));
            }
            return time.chance(50) ? new NodeChanged(any(those), bytes(5)) : new NodeDeleted(any(those));
        }

        private LogOperation value(long queueId) {
            long nodeId = time.chance(30) ? 0 : queueId;
            byte[] key = {(byte) time.between(0, 5)};
            return time.chance(70) ? new ValuePut(nodeId, key, bytes(9)) : new ValueRemoved(nodeId, key);
        }

        private LogOperation publish(List<Long> queues) {
            List<Long> topics = new ArrayList<>(nodes(TOPIC));
            topics.add(TOPIC_WITHOUT_NODE);
            List<Long> to = new ArrayList<>(queues);
            Collections.shuffle(to, time.random());
            long[] queueIds = to.stream()
                    .limit(time.between(1, to.size()))
                    .mapToLong(Long::longValue)
                    .sorted()
                    .toArray();
            return new Published(any(topics), owner.nextSequence(partition), queueIds, bytes(3), message());
        }

        private byte[] message() {
            int producer = 10 * partition + time.between(0, 3);
            int number = numbers.merge(producer, 1, Integer::sum);
            int more = time.chance(80) ? time.between(0, 60) : time.chance(80) ? time.between(200, 800) : 5_000;
            return ByteBuffer.allocate(2 * Integer.BYTES + more)
                    .putInt(producer)
                    .putInt(number)
                    .array();
        }

        /** Some messages that are committed and still there, mostly the first. */
        private Optional<LogOperation> consume(long queueId, boolean returns) {
            List<Long> ready = content.queue(queueId).keySet().stream()
                    .filter(world.contents(partition)::wasCommitted)
                    .toList();
            if (ready.isEmpty()) {
                return Optional.empty();
            }
            int first = time.chance(60) ? 0 : time.between(0, ready.size() - 1);
            if (returns) {
                return Optional.of(
                        new DeliveryUpdated(queueId, ready.get(first), time.between(1, 9), bytes(3), bytes(4)));
            }
            long[] sequences = ready.subList(first, Math.min(ready.size(), first + time.between(1, 4))).stream()
                    .mapToLong(Long::longValue)
                    .toArray();
            return Optional.of(new Acknowledged(queueId, sequences));
        }

        private long any(List<Long> ids) {
            return ids.get(time.between(0, ids.size() - 1));
        }

        private byte[] bytes(int most) {
            byte[] bytes = new byte[time.between(0, most)];
            time.random().nextBytes(bytes);
            return bytes;
        }
    }
}
