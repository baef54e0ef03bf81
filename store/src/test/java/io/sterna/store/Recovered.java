package io.sterna.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sterna.store.LogOperation.NodeCreated;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What a store reported on recovery, as lines in the order in which they came. */
final class Recovered implements RecoveryVisitor {
    private final List<String> lines = new ArrayList<>();
    private final List<long[]> messages = new ArrayList<>();
    private final List<String> damages = new ArrayList<>();
    private final Map<Integer, Long> indexes = new HashMap<>();

    static Recovered of(Store store) throws StoreException {
        Recovered recovered = new Recovered();
        store.recover(recovered);
        return recovered;
    }

    static Recovered of(StoreModel model) {
        Recovered recovered = new Recovered();
        model.report(recovered);
        return recovered;
    }

    @Override
    public void onDamage(StoreException damage) {
        damages.add(damage.getMessage());
    }

    @Override
    public void onPartition(int partition, long epoch, long index) {
        indexes.put(partition, index);
        lines.add("partition " + partition + " epoch " + epoch + " index " + index);
    }

    @Override
    public void onNode(int partition, NodeCreated node) {
        lines.add("node " + node.nodeId() + " in " + partition + " kind " + node.kind() + " " + node.address() + " "
                + new String(node.settings(), UTF_8));
    }

    @Override
    public void onValue(int partition, long nodeId, byte[] key, byte[] value) {
        lines.add(
                "value " + nodeId + " in " + partition + " " + new String(key, UTF_8) + "=" + new String(value, UTF_8));
    }

    @Override
    public void onMessage(int partition, long queueId, RecoveredMessage message) {
        messages.add(new long[] {queueId, message.sequence(), partition});
        lines.add("message " + queueId + "/" + message.sequence() + " in " + partition + " bytes "
                + message.sizeBytes() + " count " + message.deliveryCount() + " traits "
                + new String(message.traits(), UTF_8) + " annotations " + new String(message.annotations(), UTF_8));
    }

    /** Messages, each as queue, sequence and partition, in the order in which they came. */
    List<long[]> messages() {
        return messages;
    }

    /** The highest index of a partition's log, 0 when it has none. */
    long index(int partition) {
        return indexes.getOrDefault(partition, 0L);
    }

    List<String> lines() {
        return lines;
    }

    List<String> damages() {
        return damages;
    }
}
