package io.sterna.broker.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.amqp.AmqpError;
import io.sterna.amqp.ErrorCondition;
import io.sterna.broker.partition.Brake;
import io.sterna.broker.partition.BrokerMessage;
import io.sterna.broker.partition.CommitAnswer;
import io.sterna.broker.partition.CreationRule;
import io.sterna.broker.partition.Lookup;
import io.sterna.broker.partition.Node;
import io.sterna.broker.partition.Partition;
import io.sterna.broker.partition.Producer;
import io.sterna.broker.partition.Publication;
import io.sterna.broker.partition.QueueNode;
import io.sterna.broker.partition.TransactionWork;
import io.sterna.store.Contents;
import io.sterna.store.InMemoryStore;
import io.sterna.store.Lane;
import io.sterna.store.LaneListener;
import io.sterna.store.LogOperation;
import io.sterna.store.LogRecord;
import io.sterna.store.MessageReader;
import io.sterna.store.RecoveryVisitor;
import io.sterna.store.Spill;
import io.sterna.store.Store;
import io.sterna.store.StoreException;
import io.sterna.store.StoreMetrics;
import java.util.ArrayList;
import java.util.List;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.transport.Close;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of a transaction that is too large for one record of the journal. */
class RecordLimitTest {
    private static final int MOST_OPERATIONS = 10;
    private static final int MOST_ACKNOWLEDGED = 20_000;

    /** A store that takes records of a few operations only, and refuses others as the real one does those above 1 GiB. */
    private record SmallRecordStore(InMemoryStore intact) implements Store {
        @Override
        public long diskId() {
            return intact.diskId();
        }

        @Override
        public void recoverPartitions(RecoveryVisitor visitor) throws StoreException {
            intact.recoverPartitions(visitor);
        }

        @Override
        public Contents contents() {
            return intact.contents();
        }

        @Override
        public Spill spill() {
            return intact.spill();
        }

        @Override
        public Lane lane(LaneListener listener) {
            Lane lane = intact.lane(listener);
            return new Lane() {
                @Override
                public long stage(LogRecord record) {
                    if (record.operation() instanceof LogOperation.Atomic atomic
                            && atomic.operations().size() > MOST_OPERATIONS) {
                        throw new IllegalArgumentException("the record is too long");
                    }
                    if (record.operation() instanceof LogOperation.Acknowledged acknowledged
                            && acknowledged.sequences().length > MOST_ACKNOWLEDGED) {
                        throw new IllegalArgumentException("the record is too long");
                    }
                    return lane.stage(record);
                }

                @Override
                public long stageUnordered(LogRecord record) {
                    return lane.stageUnordered(record);
                }

                @Override
                public void flush() {
                    lane.flush();
                }

                @Override
                public void flushSoon() {
                    lane.flushSoon();
                }
            };
        }

        @Override
        public void recover(RecoveryVisitor visitor) throws StoreException {
            intact.recover(visitor);
        }

        @Override
        public void read(long queueId, long fromSequence, int maxMessages, long maxBytes, MessageReader reader) {
            intact.read(queueId, fromSequence, maxMessages, maxBytes, reader);
        }

        @Override
        public StoreMetrics metrics() {
            return intact.metrics();
        }

        @Override
        public void close() {
            intact.close();
        }
    }

    @Test
    void shouldStopOnePartitionWhenItsRecordIsRefused() {
        Simulation broker = new Simulation(3, SmallRecordStore::new);
        String address = broker.addressOn(0, "q");
        String other = broker.addressOn(0, "other");
        assertThat(broker.partitions().of(address))
                .isNotSameAs(broker.partitions().of(other));
        Peer bystander = broker.connect(1);
        bystander.send(other, 0);
        Peer peer = broker.connect(1);
        peer.send(address, 0);
        Controller controller = new Controller(broker, peer, 5);
        Binary transaction = controller.declare();
        for (int number = 0; number <= MOST_OPERATIONS; number++) {
            controller.post(transaction, 0, number, TestMessages.durable(number));
        }
        broker.settle();
        int discharge = controller.discharge(transaction, false);
        broker.settle();

        assertThat(broker.partitions().problem().orElseThrow()).contains("has stopped because of a defect");
        assertThat(controller.answer(discharge))
                .as("a rejected one would be taken for rolled back")
                .isEmpty();
        assertThat(peer.last(Close.class).getError().getDescription()).contains("has stopped because of a defect");
        bystander.transfer(0, 0, TestMessages.durable(0));
        bystander.transfer(0, 1, TestMessages.volatileOne(1));
        broker.settle();
        assertThat(bystander.accepted()).containsExactly(0, 1);
        assertThat(broker.loop(0).problem()).isEmpty();
    }

    /** A large message that takes memory once, however many transactions and queues have it. */
    record Large(BrokerMessage message) implements Publication, Producer {
        static Large of(int bytes) throws Exception {
            return new Large(BrokerMessage.received(TestMessages.message(0, true, "", bytes), 0));
        }

        @Override
        public Producer producer() {
            return this;
        }

        @Override
        public String containerId() {
            return "";
        }

        @Override
        public void onStored() {}

        @Override
        public void onDeleted() {}

        @Override
        public void onStopped(String reason) {}

        @Override
        public void onTight(Brake brake) {}

        @Override
        public void onRoom(Brake brake) {}
    }

    private static final class Answers implements CommitAnswer {
        private final List<String> heard = new ArrayList<>();

        @Override
        public void onCommitted() {
            heard.add("committed");
        }

        @Override
        public void onRefused(AmqpError error) {
            heard.add(error.condition().toString());
        }

        @Override
        public void onStopped(String reason) {
            heard.add(reason);
        }
    }

    @Test
    void shouldPurgeAQueueThatOneRecordWouldNotHold() throws Exception {
        Simulation broker = new Simulation(3, SmallRecordStore::new);
        Node queue = open(broker, "queue");
        Large small = Large.of(1);
        queue.loop().post(() -> {
            for (int number = 0; number < 2 * MOST_ACKNOWLEDGED; number++) {
                queue.publish(small);
            }
        });
        broker.settle();
        List<Integer> purged = new ArrayList<>();
        queue.loop().post(() -> ((QueueNode) queue).operations().purge(purged::add));
        broker.settle();

        assertThat(purged).containsExactly(2 * MOST_ACKNOWLEDGED);
        assertThat(broker.partitions().problem()).isEmpty();
        broker.crashAndRestart();
        assertThat(broker.partitions().totals().messages()).isZero();
    }

    /** In one partition, and in one that prepares for another. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldRefuseATransactionThatOneRecordWouldNotHold(boolean prepared) throws Exception {
        Simulation broker = new Simulation(4);
        Node queue = open(broker, broker.addressOn(0, "q"));
        Node first = open(broker, broker.addressOn(1, "first"));
        Large large = Large.of(64 * 1024 * 1024);
        Answers answers = new Answers();
        TransactionWork work = new TransactionWork();
        if (prepared) {
            work.post(first, Large.of(1));
        }
        for (int count = 0; count < 9; count++) {
            work.post(queue, large);
        }
        work.commit(answers);
        broker.settle();

        assertThat(answers.heard).containsExactly(ErrorCondition.RESOURCE_LIMIT_EXCEEDED.toString());
        assertThat(broker.partitions().problem()).isEmpty();
        assertThat(broker.partitions().totals().messages()).isZero();
    }

    private static Node open(Simulation broker, String address) {
        Peer producer = broker.connect(1);
        producer.send(address, 0);
        broker.settle();
        return find(broker, address);
    }

    static Node find(Simulation broker, String address) {
        Partition partition = broker.partitions().of(address);
        List<Node> found = new ArrayList<>();
        partition.loop().post(() -> found.add(((Lookup.Found) partition.find(address, CreationRule.NEVER)).node()));
        broker.settle();
        return found.get(0);
    }
}
