package io.sterna.cluster.log;

import io.sterna.cluster.Position;
import io.sterna.store.LogOperation.NodeCreated;
import io.sterna.store.LogOperation.ValuePut;
import io.sterna.store.RecoveredMessage;
import io.sterna.store.RecoveryVisitor;
import io.sterna.store.StoreException;
import java.util.Optional;

/**
 * By whom a data directory was used before: by a broker that was alone, or by a node of a cluster. It hears what a store
 * recovers, and passes it on. Neither of the two goes on with what the other one has written, see decision 0034. Owned by one
 * thread.
 */
public final class FormerUse implements RecoveryVisitor {
    private final RecoveryVisitor next;
    private boolean hasLogs;
    private boolean hasStandings;

    /** @param next hears all, too */
    public FormerUse(RecoveryVisitor next) {
        this.next = next;
    }

    /**
     * Why a node of a cluster must not begin with what is there, in a sentence for the operator. Asked when all was told, and
     * before anything is written.
     *
     * @return empty when it may
     */
    public Optional<String> objectionOfCluster() {
        return hasLogs && !hasStandings
                ? Optional.of(
                        "The data directory holds what a broker that was alone has written, which a cluster can't take"
                                + " over. Give this node an empty data directory; to move the messages, start a broker with"
                                + " cluster.enabled=false on the former one, and let a client take them from there.")
                : Optional.empty();
    }

    /**
     * Why a broker that is alone must not go on with what is there, in a sentence for the operator. Asked when all was told,
     * and before anything is written.
     *
     * @return empty when it may
     */
    public Optional<String> objectionOfLoneBroker() {
        return hasStandings
                ? Optional.of(
                        "The data directory is that of a node of a cluster, and may hold less than the cluster does, or"
                                + " what others have changed since. Start it with cluster.enabled=true, or give this broker an empty"
                                + " data directory.")
                : Optional.empty();
    }

    @Override
    public void onDamage(StoreException damage) {
        next.onDamage(damage);
    }

    @Override
    public void onPartition(int partition, long epoch, long index) {
        hasLogs |= !new Position(epoch, index).equals(Position.START);
        next.onPartition(partition, epoch, index);
    }

    @Override
    public void onNode(int partition, NodeCreated node) {
        next.onNode(partition, node);
    }

    @Override
    public void onValue(int partition, long nodeId, byte[] key, byte[] value) {
        hasStandings |= nodeId == ValuePut.REPLICA;
        next.onValue(partition, nodeId, key, value);
    }

    @Override
    public void onMessage(int partition, long queueId, RecoveredMessage message) {
        next.onMessage(partition, queueId, message);
    }
}
