package io.sterna.cluster.log;

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
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Makes random operations for a partition of which it knows what is there. */
final class RandomClients {
    private static final long TOPIC = 1_000_000;
    private static final int COUNTER_BITS = 40;

    private final Random random;
    private final List<Long> queues;
    private final List<long[]> live;
    private final long epoch;
    private long counter;

    /** Goes on with what a store has told, in an epoch in which nothing was given a number yet. */
    RandomClients(Random random, long epoch, PartitionLines content) {
        this.random = random;
        this.epoch = epoch;
        queues = new ArrayList<>(content.nodes());
        live = new ArrayList<>(content.messages());
    }

    private long next() {
        return epoch << COUNTER_BITS | ++counter;
    }

    LogOperation operation() {
        if (random.nextInt(15) > 0) {
            return single();
        }
        List<LogOperation> operations = new ArrayList<>();
        for (int left = random.nextInt(5); left >= 0; left--) {
            operations.add(single());
        }
        return new Atomic(operations);
    }

    private LogOperation single() {
        int choice = random.nextInt(100);
        if (queues.isEmpty() || (choice < 3 && queues.size() < 6)) {
            long nodeId = next();
            queues.add(nodeId);
            return new NodeCreated(nodeId, random.nextInt(3), "queue." + nodeId, bytes(20));
        } else if (choice < 4) {
            long nodeId = queues.remove(random.nextInt(queues.size()));
            live.removeIf(message -> message[0] == nodeId);
            return new NodeDeleted(nodeId);
        } else if (choice < 7) {
            return new NodeChanged(anyQueue(), bytes(20));
        } else if (choice < 14) {
            long nodeId = random.nextInt(3) == 0 ? 0 : anyQueue();
            byte[] key = {(byte) random.nextInt(20)};
            return random.nextInt(3) == 0 ? new ValueRemoved(nodeId, key) : new ValuePut(nodeId, key, bytes(100));
        } else if (choice < 55 || live.isEmpty()) {
            return random.nextInt(3) == 0 ? publish() : enqueue();
        } else if (choice < 85) {
            return acknowledge();
        }
        long[] message = live.get(random.nextInt(live.size()));
        return new DeliveryUpdated(message[0], message[1], random.nextInt(4), bytes(3), bytes(3));
    }

    private Enqueued enqueue() {
        Enqueued message = new Enqueued(anyQueue(), next(), bytes(3), bytes(400));
        live.add(new long[] {message.queueId(), message.sequence()});
        return message;
    }

    private Published publish() {
        List<Long> to = new ArrayList<>(queues);
        Collections.shuffle(to, random);
        long[] some = to.stream()
                .limit(random.nextInt(to.size() + 1))
                .mapToLong(Long::longValue)
                .sorted()
                .toArray();
        long topicId = random.nextInt(3) > 0 ? TOPIC + random.nextInt(2) : anyQueue();
        Published message = new Published(topicId, next(), some, bytes(3), bytes(400));
        for (long queueId : some) {
            live.add(new long[] {queueId, message.sequence()});
        }
        return message;
    }

    private Acknowledged acknowledge() {
        int at = random.nextInt(3) > 0 ? random.nextInt(Math.min(10, live.size())) : random.nextInt(live.size());
        long queueId = live.get(at)[0];
        List<Long> sequences = new ArrayList<>();
        for (int i = at; i < live.size() && sequences.size() < 4; i++) {
            if (live.get(i)[0] == queueId) {
                sequences.add(live.get(i)[1]);
            }
        }
        live.removeIf(message -> message[0] == queueId && sequences.contains(message[1]));
        return new Acknowledged(
                queueId, sequences.stream().mapToLong(Long::longValue).toArray());
    }

    private long anyQueue() {
        return queues.get(random.nextInt(queues.size()));
    }

    private byte[] bytes(int max) {
        byte[] bytes = new byte[random.nextBoolean() ? 0 : random.nextInt(max + 1)];
        random.nextBytes(bytes);
        return bytes;
    }
}
