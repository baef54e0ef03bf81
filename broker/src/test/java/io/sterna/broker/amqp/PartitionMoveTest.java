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
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.TerminusDurability;
import org.apache.qpid.proton.amqp.messaging.TerminusExpiryPolicy;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Close;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.junit.jupiter.api.Test;

/** A partition that this node comes to own, and loses, while it runs; in virtual time. */
class PartitionMoveTest {
    private final Simulation broker = new Simulation(11);
    private final String address = broker.addressOn(0, "moving");
    private final int partition = Partitions.numberOf(address);
    private final List<LogOperation> appended = new ArrayList<>();

    /** Whether others have what is appended at once; else they never will. */
    private boolean othersKeepUp = true;

    /** Of a later owner. */
    private final class NextLog implements PartitionLog {
        private final List<Runnable> waiting = new ArrayList<>();

        @Override
        public long epoch() {
            return 77;
        }

        @Override
        public void append(LogOperation operation) {
            appended.add(operation);
        }

        @Override
        public void afterAppended(Runnable whenSafe, Runnable orGone) {
            if (othersKeepUp) {
                whenSafe.run();
            } else {
                waiting.add(orGone);
            }
        }

        @Override
        public void giveUp() {
            waiting.forEach(Runnable::run);
        }
    }

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
            PartitionOpening opening = broker.partitions().opening(partition, new NextLog());
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

    /** A client that is known by its container id on whichever connection. */
    private Peer connect() {
        Peer client = broker.connectSilently(1);
        client.open("client");
        client.begin();
        return client;
    }

    private Peer receive(Source source) {
        Peer client = connect();
        client.say(Peer.receiver("link", 0, source));
        client.flow(0, 0, 10, false);
        broker.settle();
        return client;
    }

    private Source queue() {
        return Peer.source(address);
    }

    /** Its link lives on when its connection is lost, and the store knows it. */
    private Source lastingQueue() {
        Source source = queue();
        source.setDurable(TerminusDurability.UNSETTLED_STATE);
        source.setExpiryPolicy(TerminusExpiryPolicy.NEVER);
        return source;
    }

    private Source subscription() {
        Source source = queue();
        source.setCapabilities(Symbol.valueOf("topic"));
        source.setDurable(TerminusDurability.UNSETTLED_STATE);
        source.setExpiryPolicy(TerminusExpiryPolicy.NEVER);
        return source;
    }

    private static boolean isAttached(Peer client) {
        return client.heard(Attach.class).stream().anyMatch(attach -> attach.getSource() != null)
                && client.heard(Detach.class).isEmpty();
    }

    @Test
    void shouldServeALinkAgainThatWasBeingLeftWhenThePartitionMovedAway() {
        send(20, true);
        close();
        open();
        for (Source source : List.of(queue(), lastingQueue())) {
            Peer consumer = receive(source);
            assertThat(consumer.numbers()).hasSize(10);
            othersKeepUp = false;
            consumer.dispose(0, 9, true, Accepted.getInstance());
            consumer.cut();
            broker.settle();

            close();
            othersKeepUp = true;
            open();

            assertThat(receive(source).numbers()).as("from %s", source).hasSize(10);
            close();
            open();
        }
    }

    @Test
    void shouldServeALinkAgainThatWasBeingAttachedWhenThePartitionMovedAway() {
        close();
        open();
        for (Source source : List.of(lastingQueue(), subscription())) {
            Peer other = connect();
            other.say(Peer.receiver("other", 0, source)); // So that the queue or topic is there.
            broker.settle();
            assertThat(isAttached(other)).isTrue();
            othersKeepUp = false;
            Peer lost = receive(source);
            assertThat(isAttached(lost)).isFalse();
            lost.cut();
            broker.settle();

            close();
            othersKeepUp = true;
            open();

            assertThat(isAttached(receive(source))).as("to %s", source).isTrue();
            close();
            open();
        }
    }

    @Test
    void shouldAnswerAClientThatLeavesWhenThePartitionMovesAway() {
        send(20, true);
        close();
        open();
        Peer consumer = receive(queue());
        othersKeepUp = false;
        consumer.dispose(0, 9, true, Accepted.getInstance());
        consumer.close();
        broker.settle();
        assertThat(consumer.heard(Close.class)).isEmpty();

        close();

        assertThat(consumer.heard(Close.class)).hasSize(1);
    }

    @Test
    void shouldTellAProducerThatNobodyKnowsWhatHasBecomeOfItsMessageWhenThePartitionMovesAway() {
        close();
        open();
        Peer producer = broker.producer(1, address);
        othersKeepUp = false;
        producer.transfer(0, 0, TestMessages.durable(1));
        broker.settle();
        assertThat(producer.heard(Detach.class)).isEmpty();

        close();

        assertThat(producer.accepted()).isEmpty();
        assertThat(producer.last(Detach.class).getError().getDescription()).contains("it has moved");
    }
}
