package io.sterna.broker.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.store.Contents;
import io.sterna.store.InMemoryStore;
import io.sterna.store.Lane;
import io.sterna.store.LaneListener;
import io.sterna.store.MessageReader;
import io.sterna.store.RecoveryVisitor;
import io.sterna.store.Spill;
import io.sterna.store.Store;
import io.sterna.store.StoreException;
import io.sterna.store.StoreMetrics;
import io.sterna.store.StoredMessage;
import java.util.ArrayList;
import java.util.List;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.TerminusDurability;
import org.apache.qpid.proton.amqp.messaging.TerminusExpiryPolicy;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.junit.jupiter.api.Test;

/** What happens when the store can't read a message back, or gives one that makes no sense. */
class ReadFailureTest {
    private final Faults faults = new Faults();
    private final Simulation broker = new Simulation(1, 10_000, store -> new FlakyStore(store, faults));

    /** What goes wrong next. */
    private static final class Faults {
        int failures;
        int damaged = -1;
    }

    /** A store whose next reads fail, or bring one message damaged. */
    private record FlakyStore(InMemoryStore intact, Faults faults) implements Store {
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
        public void read(long queueId, long fromSequence, int maxMessages, long maxBytes, MessageReader reader) {
            if (faults.failures > 0) {
                faults.failures--;
                reader.onFailed(new StoreException("bad sector"));
                return;
            }
            intact.read(queueId, fromSequence, maxMessages, maxBytes, new MessageReader() {
                @Override
                public void onMessages(List<StoredMessage> messages) {
                    reader.onMessages(damage(messages));
                }

                @Override
                public void onFailed(StoreException cause) {
                    reader.onFailed(cause);
                }
            });
        }

        private List<StoredMessage> damage(List<StoredMessage> messages) {
            List<StoredMessage> given = new ArrayList<>();
            for (StoredMessage message : messages) {
                boolean bad = TestMessages.number(message.message()) == faults.damaged;
                given.add(bad ? new StoredMessage(message.sequence(), new byte[] {0x00, 0x53}) : message);
            }
            return given;
        }

        @Override
        public void recover(RecoveryVisitor visitor) throws StoreException {
            intact.recover(visitor);
        }

        @Override
        public Lane lane(LaneListener listener) {
            return intact.lane(listener);
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

    private void publish(String address, int count) {
        Peer producer = broker.connect(0);
        producer.send(address, 0);
        broker.settle();
        for (int number = 0; number < count; number++) {
            producer.transfer(0, number, TestMessages.durable(number));
        }
        broker.settle();
    }

    private Peer consumeAfterRestart() {
        publish("queue", 5);
        broker.crashAndRestart();
        Peer consumer = broker.connect(1);
        consumer.receive("queue", 0);
        consumer.flow(0, 0, 100, false);
        broker.settle();
        return consumer;
    }

    @Test
    void shouldTryAgainWhenTheStoreCannotRead() {
        faults.failures = 3;
        Peer consumer = consumeAfterRestart();
        assertThat(consumer.numbers()).isEmpty();

        broker.pass(100);
        assertThat(consumer.numbers()).isEmpty();
        broker.pass(200);
        broker.pass(400);

        assertThat(consumer.numbers()).containsExactly(0, 1, 2, 3, 4);
        assertThat(consumer.heard(Detach.class)).isEmpty();
    }

    @Test
    void shouldCallAQueueStalledWhileTheStoreDoesNotBringWhatAConsumerWaitsFor() {
        faults.failures = Integer.MAX_VALUE;
        Peer consumer = consumeAfterRestart();
        broker.pass(10_000);
        assertThat(broker.partitions().totals().stalled()).as("for how long?").isZero();
        broker.pass(10_000);
        assertThat(broker.partitions().totals().stalled()).isEqualTo(1);
        broker.pass(10_000);
        assertThat(broker.partitions().totals().stalled()).isEqualTo(1);

        faults.failures = 0;
        broker.pass(10_000);
        broker.pass(10_000);
        assertThat(consumer.numbers()).containsExactly(0, 1, 2, 3, 4);
        assertThat(broker.partitions().totals().stalled()).isZero();
    }

    @Test
    void shouldNotCallAQueueStalledWhenItsConsumerIsSlow() {
        publish("queue", 5);
        Peer consumer = broker.connect(1);
        consumer.receive("queue", 0);
        consumer.flow(0, 0, 2, false);
        broker.settle();
        broker.pass(10_000);
        broker.pass(10_000);
        broker.pass(10_000);

        assertThat(consumer.numbers()).containsExactly(0, 1);
        assertThat(broker.partitions().totals().stalled()).isZero();
    }

    @Test
    void shouldAnswerADrainWhenTheStoreCannotRead() {
        faults.failures = 1;
        Peer consumer = consumeAfterRestart();
        consumer.flow(0, 0, 100, true);
        broker.settle();

        assertThat(consumer.last(Flow.class).getLinkCredit().intValue()).isZero();
    }

    @Test
    void shouldGoOnWithTheOthersWhenAMessageIsDamaged() {
        faults.damaged = 2;

        assertThat(consumeAfterRestart().numbers()).containsExactly(0, 1, 3, 4);
        assertThat(broker.partitions().totals().messages()).isEqualTo(4);
    }

    private Peer consumeOnKeptLink(String address, int credit) {
        Peer consumer = broker.connectSilently(1);
        consumer.open("container");
        consumer.begin();
        Source source = Peer.source(address);
        source.setDurable(TerminusDurability.UNSETTLED_STATE);
        source.setExpiryPolicy(TerminusExpiryPolicy.NEVER);
        consumer.say(Peer.receiver("link", 0, source));
        broker.settle();
        consumer.flow(0, 0, credit, false);
        broker.settle();
        return consumer;
    }

    /** While memory is tight, who holds nothing gets one message at a time. */
    @Test
    void shouldTakeAConsumerForOneThatHoldsNothingWhenTheMessageThatItHeldIsDamaged() {
        String address = broker.addressOn(0, "queue");
        publish(address, 2);
        assertThat(consumeOnKeptLink(address, 1).numbers()).containsExactly(0);
        int values = broker.store().values();
        broker.crashAndRestart();
        Peer filling = broker.connect(1);
        filling.send(broker.addressOn(0, "full"), 0);
        broker.settle();
        filling.transfer(0, 0, TestMessages.message(9, false, "", 20_000));
        broker.settle();

        faults.damaged = 0;
        Peer consumer = consumeOnKeptLink(address, 10);

        assertThat(consumer.numbers()).containsExactly(1);
        assertThat(broker.store().values()).isEqualTo(values);
        assertThat(broker.partitions().totals().unsettled()).isEqualTo(1);
    }
}
