package io.sterna.broker.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.broker.partition.Partition;
import io.sterna.broker.partition.PartitionLog;
import io.sterna.broker.partition.PartitionOpening;
import io.sterna.broker.partition.PartitionTotals;
import io.sterna.broker.partition.Partitions;
import io.sterna.store.LogOperation;
import io.sterna.store.RecoveredMessage;
import io.sterna.store.RecoveryVisitor;
import io.sterna.store.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.junit.jupiter.api.Test;

/** A partition that this node comes to own, and loses, while it runs; in virtual time. */
class PartitionMoveTest {
    private final Simulation broker = new Simulation(11);
    private final String address = broker.addressOn(0, "moving");
    private final int partition = Partitions.numberOf(address);
    private final List<LogOperation> appended = new ArrayList<>();

    /** Of another owner; it is safe at once. */
    private final PartitionLog nextLog = new PartitionLog() {
        @Override
        public long epoch() {
            return 77;
        }

        @Override
        public void append(LogOperation operation) {
            appended.add(operation);
        }

        @Override
        public void afterAppended(Runnable whenSafe) {
            whenSafe.run();
        }
    };

    private void send(int count, boolean durable) {
        Peer producer = broker.producer(1, address);
        for (int number = 0; number < count; number++) {
            producer.transfer(0, number, TestMessages.message(number, durable, "", 1_000));
        }
        broker.settle();
        producer.close();
        broker.settle();
    }

    private Partition current() {
        return broker.partitions().get(partition);
    }

    private void close() {
        Partition now = current();
        now.loop().run(() -> now.close("it has moved"));
        broker.settle();
    }

    /** Opens it as the store knows it. */
    private void open() {
        broker.loop(0).run(() -> {
            PartitionOpening opening = broker.partitions().opening(partition, nextLog);
            try {
                broker.store().reopen().recover(only(opening.visitor()));
            } catch (StoreException e) {
                throw new IllegalStateException(e);
            }
            opening.finish();
        });
        broker.settle();
    }

    private RecoveryVisitor only(RecoveryVisitor visitor) {
        return new RecoveryVisitor() {
            @Override
            public void onPartition(int of, long epoch, long index) {
                if (of == partition) {
                    visitor.onPartition(of, epoch, index);
                }
            }

            @Override
            public void onNode(int of, LogOperation.NodeCreated node) {
                if (of == partition) {
                    visitor.onNode(of, node);
                }
            }

            @Override
            public void onValue(int of, long nodeId, byte[] key, byte[] value) {
                if (of == partition) {
                    visitor.onValue(of, nodeId, key, value);
                }
            }

            @Override
            public void onMessage(int of, long queueId, RecoveredMessage message) {
                if (of == partition) {
                    visitor.onMessage(of, queueId, message);
                }
            }
        };
    }

    @Test
    void shouldLetGoOfAllThatIsInMemoryWhenItMovesAway() {
        send(300, true);
        send(300, false);
        Peer consumer = broker.consumer(1, address, 20);
        assertThat(consumer.messages()).hasSize(20);
        assertThat(broker.partitions().totals().residentBytes()).isPositive();

        close();

        assertThat(broker.partitions().totals())
                .usingRecursiveComparison()
                .ignoringFields("acknowledged", "spillFileBytes", "spilledTotal")
                .isEqualTo(new PartitionTotals(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
        assertThat(broker.partitions().problem()).isEmpty();
    }

    @Test
    void shouldRefuseWhoComesWhileAnotherNodeHasIt() {
        send(10, true);
        close();

        Peer late = broker.connect(1);
        late.receive(address, 0);
        broker.settle();

        assertThat(late.last(Detach.class).getError().getDescription()).contains("it has moved");
        assertThat(appended).isEmpty();
    }

    @Test
    void shouldServeWhatTheStoreHasWhenItComesBack() {
        send(300, true);
        close();
        open();

        Peer consumer = broker.consumer(1, address, 300);
        assertThat(consumer.numbers())
                .containsExactlyElementsOf(IntStream.range(0, 300).boxed().toList());
        consumer.dispose(0, 299, true, Accepted.getInstance());
        broker.settle();
        assertThat(appended).anyMatch(LogOperation.Acknowledged.class::isInstance);
        assertThat(broker.partitions().totals().messages()).isZero();
    }

    @Test
    void shouldGiveSequencesOfItsOwnEpochWhenItComesBack() {
        send(1, true);
        close();
        open();
        send(1, true);

        assertThat(appended.stream()
                        .filter(LogOperation.Enqueued.class::isInstance)
                        .map(LogOperation.Enqueued.class::cast)
                        .map(enqueued -> enqueued.sequence() >> 40))
                .containsExactly(77L);
    }
}
