package io.sterna.cluster;

import io.sterna.store.LogOperation;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Producers and consumers, which talk to whoever takes himself for the owner. */
final class SimClients {
    private static final int QUEUES = 2;

    private final SimWorld world;
    private final Map<Integer, Integer> numbers = new HashMap<>();
    private boolean ended;

    SimClients(SimWorld world) {
        this.world = world;
    }

    void begin() {
        world.time().after(world.time().between(1, 15), () -> {
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
        int partition = world.time().between(0, world.partitions() - 1);
        List<SimNode> owners = new ArrayList<>();
        for (SimNode node : world.nodes()) {
            if (node.isUp() && node.replica(partition).accepts(node.nowMillis())) {
                owners.add(node);
            }
        }
        if (!owners.isEmpty()) {
            SimNode owner = owners.get(world.time().between(0, owners.size() - 1));
            long queueId = 1 + 10L * partition + world.time().between(0, QUEUES - 1);
            boolean produces = world.time().chance(55);
            int producer = (int) queueId * 10 + world.time().between(0, 1);
            owner.run(owner.life(), () -> {
                if (!owner.replica(partition).accepts(owner.nowMillis())) {
                    return;
                }
                if (produces) {
                    produce(owner, partition, queueId, producer);
                } else if (owner.replica(partition).delivers(owner.nowMillis())) {
                    consume(owner, partition, queueId);
                }
            });
        }
    }

    private void produce(SimNode owner, int partition, long queueId, int producer) {
        int number = numbers.merge(producer, 1, Integer::sum);
        byte[] message = ByteBuffer.allocate(2 * Integer.BYTES)
                .putInt(producer)
                .putInt(number)
                .array();
        owner.propose(
                partition, new LogOperation.Enqueued(queueId, owner.nextSequence(partition), new byte[0], message));
    }

    /** Some message that is committed and still there; mostly the first. */
    private void consume(SimNode owner, int partition, long queueId) {
        Map<Long, LogOperation.Enqueued> here = owner.content(partition).queue(queueId);
        List<Long> ready = world.oracle(partition).model().queue(queueId).keySet().stream()
                .filter(here::containsKey)
                .toList();
        if (!ready.isEmpty()) {
            int place = world.time().chance(70) ? 0 : world.time().between(0, ready.size() - 1);
            owner.propose(partition, new LogOperation.Acknowledged(queueId, new long[] {ready.get(place)}));
        }
    }
}
