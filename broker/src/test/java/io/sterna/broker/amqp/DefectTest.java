package io.sterna.broker.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.broker.partition.CreationRule;
import io.sterna.broker.partition.Delivery;
import io.sterna.broker.partition.DeliveryTaker;
import io.sterna.broker.partition.Lookup;
import io.sterna.broker.partition.QueueNode;
import io.sterna.broker.queue.ConsumerOptions;
import io.sterna.broker.queue.Outcome;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.TerminusDurability;
import org.apache.qpid.proton.amqp.messaging.TerminusExpiryPolicy;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Close;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.junit.jupiter.api.Test;

/** What a defect of ours costs: its partition or its connection, not the others, and nothing is served wrongly. */
class DefectTest {
    private final Simulation broker = new Simulation(1);

    /** A defect that shows when a queue hands a message out. */
    private static final class Defect implements DeliveryTaker {
        @Override
        public void onDelivery(Delivery delivery) {
            throw new IllegalStateException("a defect, for the test");
        }

        @Override
        public void onDrained(long unusedCredit) {}

        @Override
        public void onLockLost(long sequence) {}

        @Override
        public void onQueueDeleted() {}

        @Override
        public void onStopped(String reason) {}
    }

    private static void plantDefect(Simulation broker, String address) {
        postDefect(broker, address);
        broker.settle();
    }

    /** The queue's partition stops when it hands out the next message. */
    static void postDefect(Simulation broker, String address) {
        var partition = broker.partitions().of(address);
        partition.loop().post(() -> {
            QueueNode node = (QueueNode) ((Lookup.Found) partition.find(address, CreationRule.NEVER)).node();
            node.seats()
                    .flow(
                            node.seats()
                                    .subscribe(new Defect(), ConsumerOptions.of(Outcome.RELEASED))
                                    .orElseThrow(),
                            1,
                            false);
        });
    }

    @Test
    void shouldStopThePartitionAndTellItsClientsWhenAnInvariantBreaks() {
        String broken = broker.addressOn(0, "broken");
        String fine = broker.addressOn(0, "fine");
        Peer producer = broker.connect(1);
        producer.send(broken, 0);
        producer.send(fine, 1);
        producer.say(Peer.sender("anonymous", 2, ""));
        Peer consumer = broker.connect(1);
        consumer.receive(broken, 0);
        consumer.receive(fine, 1);
        consumer.flow(1, 0, 10, false);
        broker.settle();
        plantDefect(broker, broken);

        producer.transfer(0, 0, TestMessages.durable(0));
        broker.settle();

        assertThat(broker.partitions().problem().orElseThrow()).contains("has stopped because of a defect");
        // Whether the message is there is unknown, so that nothing is said of it.
        assertThat(producer.accepted()).isEmpty();
        assertThat(producer.last(Detach.class).getError().getCondition().toString())
                .isEqualTo("amqp:internal-error");
        assertThat(consumer.last(Detach.class).getError().getDescription()).contains("stopped");

        producer.say(Peer.transfer(2, 1, false), TestMessages.message(0, true, broken, 0));
        consumer.receive(broken, 5);
        producer.transfer(1, 2, TestMessages.durable(2));
        broker.settle();

        assertThat(producer.heard(Detach.class)).hasSize(2);
        assertThat(consumer.heard(Detach.class)).hasSize(2);
        assertThat(producer.accepted()).containsExactly(2);
        assertThat(consumer.numbers()).containsExactly(2);
        assertThat(producer.heard(Close.class)).isEmpty();

        // What can't be made durable any more keeps nobody from leaving.
        consumer.close();
        broker.settle();
        assertThat(consumer.heard(Close.class)).hasSize(1);
    }

    /** A delivery that waits for its record when its partition stops, and whose link goes at the same time, goes nowhere. */
    @Test
    void shouldStopOnePartitionWhenADeliveryIsUnderWayToALinkThatIsGone() {
        for (int seed = 0; seed < 40; seed++) {
            Simulation simulation = new Simulation(seed);
            String address = simulation.addressOn(0, "queue");
            Peer producer = simulation.connect(1);
            producer.send(address, 0);
            Peer consumer = simulation.connect(1);
            Source source = Peer.source(address);
            source.setDurable(TerminusDurability.UNSETTLED_STATE);
            source.setExpiryPolicy(TerminusExpiryPolicy.NEVER);
            consumer.say(Peer.receiver("link", 0, source));
            simulation.settle();
            producer.transfer(0, 0, TestMessages.durable(0));
            producer.transfer(0, 1, TestMessages.durable(1));
            simulation.settle();

            simulation.store().holdBack();
            consumer.flow(0, 0, 1, false);
            simulation.settle();
            consumer.cut();
            plantDefect(simulation, address);
            simulation.store().release();
            simulation.settle();

            assertThat(simulation.partitions().problem()).isPresent();
            assertThat(simulation.loop(0).problem()).as("seed %d", seed).isEmpty();
        }
    }

    @Test
    void shouldGoOnWithTheOthersWhenATaskOfTheLoopFails() {
        Peer peer = broker.connect(0);
        broker.settle();
        broker.loop(0).post(() -> {
            throw new IllegalStateException("a defect, for the test");
        });
        broker.loop(0).post(() -> peer.receive(broker.addressOn(1, "q"), 0));
        broker.settle();

        assertThat(broker.loop(0).problem()).isPresent();
        assertThat(broker.loop(1).problem()).isEmpty();
        assertThat(peer.heard(Attach.class)).hasSize(1);
        assertThat(peer.heard(Detach.class)).isEmpty();
    }
}
