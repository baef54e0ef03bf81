package io.sterna.cluster.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.cluster.Position;
import io.sterna.cluster.ReplicaLog.Recovered;
import io.sterna.cluster.Standing;
import io.sterna.store.CrashingStore;
import io.sterna.store.DurableStore;
import io.sterna.store.Lane;
import io.sterna.store.LaneListener;
import io.sterna.store.LogOperation;
import io.sterna.store.LogOperation.Enqueued;
import io.sterna.store.LogOperation.EpochStarted;
import io.sterna.store.LogOperation.NodeCreated;
import io.sterna.store.LogOperation.PartitionRemoved;
import io.sterna.store.LogOperation.ValuePut;
import io.sterna.store.LogRecord;
import io.sterna.store.RecoveredMessage;
import io.sterna.store.RecoveryVisitor;
import io.sterna.store.StoreException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who must not begin with a data directory (decision 0034). */
final class FormerUseTest {
    private static final int PARTITION = 4;
    private static final LogOperation QUEUE = new NodeCreated(7, 1, "orders", new byte[0]);
    private static final LogOperation MESSAGE = new Enqueued(7, 8, new byte[0], new byte[] {1});
    private static final LogOperation STANDING =
            new ValuePut(ValuePut.REPLICA, StandingFormat.key(), StandingFormat.encode(Standing.BLANK));

    private final CrashingStore disk = CrashingStore.empty();
    private final RecoveredReplicas replicas = new RecoveredReplicas();

    @Test
    void shouldLetAnybodyBeginWithAnEmptyDirectory() throws Exception {
        assertThat(ofCluster().objectionOfCluster()).isEmpty();
        assertThat(alone().objectionOfLoneBroker()).isEmpty();
    }

    @Test
    void shouldLetABrokerThatIsAloneGoOnWithItsOwnAndNoNodeOfACluster() throws Exception {
        write(PARTITION, new EpochStarted(), QUEUE, MESSAGE);

        assertThat(ofCluster().objectionOfCluster()).hasValueSatisfying(text -> assertThat(text)
                .contains("a broker that was alone", "empty data directory"));
        assertThat(alone().objectionOfLoneBroker()).isEmpty();
    }

    @Test
    void shouldLetANodeOfAClusterGoOnWithItsOwnAndNoBrokerThatIsAlone() throws Exception {
        write(PARTITION, STANDING, new EpochStarted(), QUEUE, MESSAGE);

        assertThat(ofCluster().objectionOfCluster()).isEmpty();
        assertThat(alone().objectionOfLoneBroker())
                .hasValueSatisfying(text -> assertThat(text).contains("a node of a cluster"));
    }

    @Test
    void shouldKnowANodeOfAClusterThatHasNeverHeldAnything() throws Exception {
        write(PARTITION, STANDING);

        assertThat(alone().objectionOfLoneBroker()).isPresent();
    }

    @Test
    void shouldLetAnybodyBeginWhereReplicasWereRemoved() throws Exception {
        write(PARTITION, STANDING, new EpochStarted(), QUEUE, MESSAGE, new PartitionRemoved());

        assertThat(ofCluster().objectionOfCluster()).isEmpty();
        assertThat(alone().objectionOfLoneBroker()).isEmpty();
    }

    @Test
    void shouldPassOnAllThatItHears() throws Exception {
        write(PARTITION, STANDING, new EpochStarted(), QUEUE, MESSAGE);
        List<String> heard = new ArrayList<>();

        try (DurableStore store = disk.open()) {
            store.recover(new FormerUse(new Listening(heard)));
        }

        assertThat(heard).containsExactly("partition 4", "node 7", "value " + ValuePut.REPLICA, "message 8");
    }

    /** As if the standing had been on a page that is damaged. */
    @Test
    void shouldNotTakeALogWithoutAStandingForANewReplicaNorForOneThatHasAll() throws Exception {
        write(1, STANDING, new EpochStarted());
        write(PARTITION, new EpochStarted(), QUEUE, MESSAGE);
        assertThat(ofCluster().objectionOfCluster()).isEmpty();

        Recovered damaged = replicas.of(PARTITION);

        assertThat(damaged.standing().whole()).isFalse();
        assertThat(damaged.standing().view()).isEmpty();
        assertThat(replicas.of(PARTITION + 1)).isEqualTo(new Recovered(Standing.BLANK, Position.START, List.of()));
    }

    private FormerUse ofCluster() throws StoreException {
        FormerUse use = new FormerUse(replicas);
        try (DurableStore store = disk.open()) {
            store.recoverPartitions(use);
        }
        return use;
    }

    private FormerUse alone() throws StoreException {
        FormerUse use = new FormerUse(new Listening(new ArrayList<>()));
        try (DurableStore store = disk.open()) {
            store.recover(use);
        }
        return use;
    }

    private void write(int partition, LogOperation... operations) throws StoreException {
        try (DurableStore store = disk.open()) {
            store.recoverPartitions(new RecoveredReplicas());
            Lane lane = store.lane(new LaneListener() {
                @Override
                public void onDurable(long position) {
                    // It is closed before anybody looks.
                }

                @Override
                public void onFailed(StoreException cause) {
                    throw new AssertionError(cause);
                }
            });
            long index = 0;
            for (LogOperation operation : operations) {
                lane.stage(new LogRecord(partition, 1, ++index, operation));
            }
            lane.flush();
        }
    }

    private record Listening(List<String> heard) implements RecoveryVisitor {
        @Override
        public void onPartition(int partition, long epoch, long index) {
            heard.add("partition " + partition);
        }

        @Override
        public void onNode(int partition, NodeCreated node) {
            heard.add("node " + node.nodeId());
        }

        @Override
        public void onValue(int partition, long nodeId, byte[] key, byte[] value) {
            heard.add("value " + nodeId);
        }

        @Override
        public void onMessage(int partition, long queueId, RecoveredMessage message) {
            heard.add("message " + message.sequence());
        }
    }
}
