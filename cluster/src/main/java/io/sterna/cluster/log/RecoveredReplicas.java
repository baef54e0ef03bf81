package io.sterna.cluster.log;

import io.sterna.cluster.Position;
import io.sterna.cluster.ReplicaLog.Recovered;
import io.sterna.cluster.Standing;
import io.sterna.store.LogOperation.NodeCreated;
import io.sterna.store.LogOperation.ValuePut;
import io.sterna.store.RecoveredMessage;
import io.sterna.store.RecoveryVisitor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Hears from {@link io.sterna.store.Store#recoverPartitions} what replicas there are. Of a log's records none is kept: it
 * begins where it ends. Owned by one thread.
 */
public final class RecoveredReplicas implements RecoveryVisitor {
    private final Map<Integer, Position> ends = new HashMap<>();
    private final Map<Integer, Standing> standings = new HashMap<>();

    @Override
    public void onPartition(int partition, long epoch, long index) {
        ends.put(partition, new Position(epoch, index));
    }

    @Override
    public void onValue(int partition, long nodeId, byte[] key, byte[] value) {
        if (nodeId == ValuePut.REPLICA && StandingFormat.isKey(key)) {
            standings.put(partition, StandingFormat.decode(value));
        }
    }

    @Override
    public void onNode(int partition, NodeCreated node) {
        // Told when a partition is opened.
    }

    @Override
    public void onMessage(int partition, long queueId, RecoveredMessage message) {
        // Told when a partition is opened.
    }

    /** The partitions of which anything is here. */
    public Set<Integer> partitions() {
        Set<Integer> partitions = new TreeSet<>(ends.keySet());
        partitions.addAll(standings.keySet());
        return partitions;
    }

    /**
     * A partition's replica, a blank one where nothing is here. A log without a standing is not whole: what it was known by is
     * damaged, so that it must pass neither for new nor for a member, or it is that of a broker that was alone (see {@link
     * FormerUse}).
     */
    public Recovered of(int partition) {
        Position end = ends.getOrDefault(partition, Position.START);
        Standing unknown = new Standing(Optional.empty(), Optional.empty(), end.equals(Position.START), 0);
        return new Recovered(standings.getOrDefault(partition, unknown), end, List.of());
    }
}
