package io.sterna.broker.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.store.Contents;
import io.sterna.store.InMemoryStore;
import io.sterna.store.Lane;
import io.sterna.store.LaneListener;
import io.sterna.store.LogOperation;
import io.sterna.store.MessageReader;
import io.sterna.store.RecoveredMessage;
import io.sterna.store.RecoveryVisitor;
import io.sterna.store.Spill;
import io.sterna.store.Store;
import io.sterna.store.StoreException;
import io.sterna.store.StoreMetrics;
import java.util.HashSet;
import java.util.Set;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.amqp.messaging.TerminusDurability;
import org.apache.qpid.proton.amqp.messaging.TerminusExpiryPolicy;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.junit.jupiter.api.Test;

/** A damaged entry of a node in the store costs that node at most, and never the start. */
class DamagedNodeTest {
    private final Set<String> lost = new HashSet<>();
    private final Simulation broker = new Simulation(1, store -> new ForgetfulStore(store, lost));

    /** A store that has lost what some nodes were called when they were first made, as after damage to their entries. */
    private record ForgetfulStore(InMemoryStore intact, Set<String> lost) implements Store {
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
        public void recover(RecoveryVisitor visitor) throws StoreException {
            Set<String> passedOver = new HashSet<>(lost);
            intact.recover(new RecoveryVisitor() {
                @Override
                public void onPartition(int partition, long epoch, long index) {
                    visitor.onPartition(partition, epoch, index);
                }

                @Override
                public void onNode(int partition, LogOperation.NodeCreated node) {
                    if (!passedOver.remove(node.address())) {
                        visitor.onNode(partition, node);
                    }
                }

                @Override
                public void onValue(int partition, long nodeId, byte[] key, byte[] value) {
                    visitor.onValue(partition, nodeId, key, value);
                }

                @Override
                public void onMessage(int partition, long queueId, RecoveredMessage message) {
                    visitor.onMessage(partition, queueId, message);
                }
            });
        }

        @Override
        public void read(long queueId, long fromSequence, int maxMessages, long maxBytes, MessageReader reader) {
            intact.read(queueId, fromSequence, maxMessages, maxBytes, reader);
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

    private Peer client() {
        Peer peer = broker.connectSilently(0);
        peer.open("client");
        peer.begin();
        return peer;
    }

    private Peer subscribe() {
        Peer peer = client();
        Source source = Peer.source("topic");
        source.setCapabilities(Symbol.valueOf("topic"));
        source.setDurable(TerminusDurability.UNSETTLED_STATE);
        source.setExpiryPolicy(TerminusExpiryPolicy.NEVER);
        peer.say(Peer.receiver("orders", 0, source));
        peer.flow(0, 0, 100, false);
        broker.settle();
        return peer;
    }

    private void publish(int number) {
        Peer peer = broker.connect(1);
        Attach attach = Peer.sender("publisher", 0, "topic");
        ((Target) attach.getTarget()).setCapabilities(Symbol.valueOf("topic"));
        peer.say(attach);
        broker.settle();
        peer.transfer(0, 0, TestMessages.durable(number));
        broker.settle();
        assertThat(peer.accepted()).containsExactly(0);
        peer.close();
        broker.settle();
    }

    @Test
    void shouldServeTheOtherQueuesWhenTheEntryOfOneIsLost() {
        Peer producer = broker.connect(0);
        producer.send("known", 0);
        producer.send("lost", 1);
        broker.settle();
        producer.transfer(0, 0, TestMessages.durable(7));
        producer.transfer(1, 1, TestMessages.durable(8));
        broker.settle();
        assertThat(producer.accepted()).containsExactly(0, 1);

        lost.add("lost");
        broker.crashAndRestart();
        Peer consumer = broker.connect(1);
        consumer.receive("known", 0);
        consumer.receive("lost", 1);
        consumer.flow(0, 0, 10, false);
        consumer.flow(1, 0, 10, false);
        broker.settle();

        assertThat(consumer.numbers()).containsExactly(7);
        producer = broker.connect(1);
        producer.send("lost", 0);
        broker.settle();
        producer.transfer(0, 0, TestMessages.durable(9));
        broker.settle();
        assertThat(consumer.numbers()).containsExactly(7, 9);
    }

    @Test
    void shouldMakeATopicAnewWhenItsEntryIsLostAndItHasASubscription() {
        subscribe().close();
        broker.settle();
        publish(1);
        lost.add("topic");
        broker.crashAndRestart();
        publish(2);

        broker.crashAndRestart();
        publish(3);

        assertThat(subscribe().numbers()).containsExactly(1, 2, 3);
    }
}
