package io.sterna.cluster.log;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.sterna.store.Contents.PartitionVisitor;
import io.sterna.store.LogOperation.NodeCreated;
import io.sterna.store.LogOperation.ValuePut;
import io.sterna.store.RecoveredMessage;
import io.sterna.store.Store;
import io.sterna.store.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** What a store tells of a partition when that is opened, as lines, but for the replica's own values. */
final class PartitionLines implements PartitionVisitor {
    private final List<String> lines = new ArrayList<>();
    private final List<Long> nodes = new ArrayList<>();
    private final List<long[]> messages = new ArrayList<>();
    private final CompletableFuture<Boolean> done = new CompletableFuture<>();

    static PartitionLines of(Store store) throws Exception {
        PartitionLines told = new PartitionLines();
        store.contents().open(LogCluster.PARTITION, told);
        told.done.get(30, TimeUnit.SECONDS);
        return told;
    }

    List<String> lines() {
        return lines;
    }

    List<Long> nodes() {
        return nodes;
    }

    /** Messages as queue and sequence. */
    List<long[]> messages() {
        return messages;
    }

    @Override
    public void onPartition(int partition, long epoch, long index) {
        lines.add("epoch " + epoch + " index " + index);
    }

    @Override
    public void onNode(int partition, NodeCreated node) {
        nodes.add(node.nodeId());
        lines.add("node " + node.nodeId() + " " + node.kind() + " " + node.address() + " " + text(node.settings()));
    }

    @Override
    public void onValue(int partition, long nodeId, byte[] key, byte[] value) {
        if (nodeId != ValuePut.REPLICA) {
            lines.add("value " + nodeId + " " + text(key) + "=" + text(value));
        }
    }

    @Override
    public void onMessage(int partition, long queueId, RecoveredMessage message) {
        messages.add(new long[] {queueId, message.sequence()});
        lines.add("message " + queueId + "/" + message.sequence() + " " + message.sizeBytes() + " "
                + message.deliveryCount() + " " + text(message.traits()) + " " + text(message.annotations()));
    }

    private static String text(byte[] bytes) {
        return new String(bytes, ISO_8859_1);
    }

    @Override
    public void onEnd() {
        done.complete(true);
    }

    @Override
    public void onFailed(StoreException cause) {
        done.completeExceptionally(cause);
    }
}
