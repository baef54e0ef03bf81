package io.sterna.broker.cluster;

import io.sterna.broker.partition.Loop;
import io.sterna.broker.partition.Partitions;
import io.sterna.cluster.Difference;
import io.sterna.cluster.Holdings;
import io.sterna.cluster.PartitionTable;
import io.sterna.cluster.Peers;
import io.sterna.cluster.Replica;
import io.sterna.cluster.ReplicaLog.Recovered;
import io.sterna.cluster.ReplicaSettings;
import io.sterna.cluster.log.RecoveredReplicas;
import io.sterna.cluster.log.StoreReplicaLog;
import io.sterna.store.Lane;
import io.sterna.store.LaneListener;
import io.sterna.store.Store;
import io.sterna.store.StoreException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** Makes the replicas of a loop, on its thread: their logs share a lane into the store. */
record ReplicaMaker(
        String self,
        Store store,
        Partitions partitions,
        RecoveredReplicas recovered,
        Peers peers,
        PartitionTable table,
        ReplicaSettings settings,
        LongSupplier clock) {

    /** Adds the replicas of the partitions that live on the loop. */
    void fill(LoopReplicas replicas, Loop loop) {
        List<StoreReplicaLog> logs = new ArrayList<>();
        Lane lane = new TurnLane(loop, store.lane(new Reports(replicas, loop, logs)));
        for (int id = 0; id < Partitions.COUNT; id++) {
            if (partitions.loopOf(id) == loop) {
                SharedPartition partition = new SharedPartition(id, partitions, replicas);
                Recovered its = recovered.of(id);
                StoreReplicaLog log = new StoreReplicaLog(
                        id, its, new StoreReplicaLog.Ports(store.contents(), lane, loop::post, answers(partition)));
                logs.add(log);
                Replica.Ports ports =
                        new Replica.Ports(log, peers, table, partition, new Attempts(new SecureRandom())::next);
                partition.attach(new Replica(id, self, store.diskId(), ports, settings, its));
                replicas.add(partition);
            }
        }
    }

    private StoreReplicaLog.Answers answers(SharedPartition partition) {
        return new StoreReplicaLog.Answers() {
            @Override
            public void onHoldings(long attempt, Holdings holdings) {
                partition.tell(replica -> replica.onHoldings(attempt, holdings, clock.getAsLong()));
            }

            @Override
            public void onDifference(long stream, Difference difference) {
                partition.tell(replica -> replica.onDifference(stream, difference, clock.getAsLong()));
            }

            @Override
            public void onFailed(StoreException cause) {
                partition.fail("as its content can't be read", cause);
            }
        };
    }

    /** Numbers that are not given twice, not even after a restart, but for one chance in a billion billions. */
    private record Attempts(SecureRandom random) {
        long next() {
            return 1 + (random.nextLong() >>> 1) % Long.MAX_VALUE;
        }
    }

    /** Says on the loop what the lane says on the store's threads: any number of reports, one wake-up. */
    private static final class Reports implements LaneListener {
        private final LoopReplicas replicas;
        private final Loop loop;
        private final List<StoreReplicaLog> logs;
        private final AtomicLong durable = new AtomicLong();
        private final AtomicBoolean underWay = new AtomicBoolean();

        Reports(LoopReplicas replicas, Loop loop, List<StoreReplicaLog> logs) {
            this.replicas = replicas;
            this.loop = loop;
            this.logs = logs;
        }

        @Override
        public void onDurable(long position) {
            durable.set(position);
            if (underWay.compareAndSet(false, true)) {
                loop.post(() -> {
                    underWay.set(false);
                    long now = durable.get();
                    logs.forEach(log -> log.onDurable(now));
                    replicas.onDurable(now);
                });
            }
        }

        @Override
        public void onFailed(StoreException cause) {
            loop.post(() -> replicas.all().forEach(each -> each.fail("as the store has failed", cause)));
        }
    }
}
