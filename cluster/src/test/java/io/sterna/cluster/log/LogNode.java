package io.sterna.cluster.log;

import io.sterna.cluster.Difference;
import io.sterna.cluster.Holdings;
import io.sterna.cluster.Position;
import io.sterna.cluster.Replica;
import io.sterna.cluster.ReplicaListener;
import io.sterna.cluster.ReplicaLog.Recovered;
import io.sterna.cluster.TableContent;
import io.sterna.store.CrashingStore;
import io.sterna.store.DurableStore;
import io.sterna.store.Lane;
import io.sterna.store.LaneListener;
import io.sterna.store.LogRecord;
import io.sterna.store.StoreException;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;

/** A node with one replica on a real store, whose loop is the test's. */
final class LogNode {
    private final LogCluster cluster;
    private final String id;
    private CrashingStore disk = CrashingStore.empty();
    private DurableStore store;
    private StoreReplicaLog log;
    private Replica replica;
    private int life;
    private long diskId;
    private boolean up;
    private boolean opened;
    private final AtomicReference<StoreException> failure = new AtomicReference<>();

    LogNode(LogCluster cluster, String id) {
        this.cluster = cluster;
        this.id = id;
    }

    String id() {
        return id;
    }

    Replica replica() {
        return replica;
    }

    StoreReplicaLog log() {
        return log;
    }

    DurableStore store() {
        return store;
    }

    boolean isUp() {
        return up;
    }

    /** Whether it owns the partition and may accept. */
    boolean isOpened() {
        return opened;
    }

    int life() {
        return life;
    }

    /** What its store has failed with, or has found damaged. */
    AtomicReference<StoreException> failure() {
        return failure;
    }

    void start() throws StoreException {
        life++;
        up = true;
        opened = false;
        int its = life;
        store = disk.open();
        RecoveredReplicas replicas = new RecoveredReplicas();
        store.recoverPartitions(replicas);
        diskId = store.diskId();
        Recovered recovered = replicas.of(LogCluster.PARTITION);
        Lane lane = store.lane(new LaneListener() {
            @Override
            public void onDurable(long position) {
                cluster.post(() -> ifIn(its, () -> {
                    log.onDurable(position);
                    replica.onDurable(position, cluster.nowMillis());
                }));
            }

            @Override
            public void onFailed(StoreException cause) {
                failure.set(cause);
            }
        });
        log = new StoreReplicaLog(
                LogCluster.PARTITION,
                recovered,
                new StoreReplicaLog.Ports(
                        store.contents(), lane, task -> cluster.post(() -> ifIn(its, task)), new Answers()));
        Replica.Ports ports = new Replica.Ports(
                log,
                (node, generation, message) -> cluster.send(this, node, generation, message),
                cluster.table(),
                new Listener(),
                cluster::nextAttempt);
        replica = new Replica(LogCluster.PARTITION, id, store.diskId(), ports, LogCluster.SETTINGS, recovered);
    }

    /** Runs something if this life is not over. */
    void ifIn(int its, Runnable task) {
        if (up && its == life) {
            task.run();
        }
    }

    void onTable(TableContent content) {
        if (up) {
            replica.onTable(content, cluster.nowMillis());
        }
    }

    long disk() {
        return diskId;
    }

    void crash(Random random) {
        up = false;
        opened = false;
        disk = disk.crash(random);
        store.close();
        failure.set(null);
    }

    Position end() {
        return replica.report().end();
    }

    private final class Answers implements StoreReplicaLog.Answers {
        @Override
        public void onHoldings(long attempt, Holdings holdings) {
            replica.onHoldings(attempt, holdings, cluster.nowMillis());
        }

        @Override
        public void onDifference(long stream, Difference difference) {
            replica.onDifference(stream, difference, cluster.nowMillis());
        }

        @Override
        public void onFailed(StoreException cause) {
            failure.set(cause);
        }
    }

    private final class Listener implements ReplicaListener {
        @Override
        public void onOpened(long epoch) {
            opened = true;
        }

        @Override
        public void onCommitted(LogRecord record) {
            // Contents are compared at the end.
        }

        @Override
        public void onClosed() {
            opened = false;
        }
    }
}
