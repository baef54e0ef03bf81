package io.sterna.broker.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.junit.jupiter.api.Test;

/** What is there after a restart. */
class RestartTest {
    private final Simulation broker = new Simulation(5);

    /** Delivery tags are the sequences that the queue gave. */
    private static List<String> tags(Peer peer) {
        return peer.heard(Transfer.class).stream()
                .map(transfer -> transfer.getDeliveryTag().toString())
                .toList();
    }

    @Test
    void shouldNeverGiveASequenceTwiceWhenRestartedAgainAndAgain() {
        Set<String> seen = new LinkedHashSet<>();
        for (int life = 0; life < 10; life++) {
            Peer peer = broker.connect(life % 2);
            peer.send("queue", 0);
            peer.receive("queue", 1);
            peer.flow(1, 0, 100, false);
            broker.settle();
            peer.transfer(0, 0, TestMessages.volatileOne(life));
            peer.transfer(0, 1, TestMessages.durable(life));
            broker.settle();
            // Some lives leave nothing behind, and their sequences must not come again all the same.
            peer.dispose(0, 1, true, Accepted.getInstance());
            broker.settle();
            List<String> tags = tags(peer);
            assertThat(tags).hasSize(2).allMatch(seen::add);
            broker.crashAndRestart();
        }
    }

    @Test
    void shouldFindEachQueueWithItsMessagesWhenThereAreMany() {
        int queues = 500;
        Peer peer = broker.connect(0);
        for (int number = 0; number < queues; number++) {
            Attach attach = Peer.sender("sender-" + number, number % 50, "queue." + number);
            peer.say(attach);
            broker.settle();
            peer.transfer(number % 50, number, TestMessages.durable(number));
            broker.settle();
            peer.detach(number % 50, true);
            broker.settle();
        }
        assertThat(peer.accepted()).hasSize(queues);
        broker.crashAndRestart();
        assertThat(broker.partitions().totals().queues()).isEqualTo(queues);
        assertThat(broker.partitions().totals().messages()).isEqualTo(queues);
        assertThat(broker.partitions().totals().residentBytes()).isZero();

        Peer consumer = broker.connect(1);
        List<Integer> expected = new ArrayList<>();
        for (int number = 0; number < queues; number++) {
            consumer.say(Peer.receiver("receiver-" + number, number % 50, Peer.source("queue." + number)));
            consumer.flow(number % 50, 0, 1, false);
            broker.settle();
            consumer.detach(number % 50, true);
            broker.settle();
            expected.add(number);
        }

        assertThat(consumer.numbers()).isEqualTo(expected);
    }

    @Test
    void shouldSpreadQueuesOverTheLoops() {
        int onFirst = 0;
        for (int number = 0; number < 1_000; number++) {
            if (broker.partitions().of("orders." + number).loop() == broker.loop(0)) {
                onFirst++;
            }
        }

        assertThat(onFirst).isBetween(400, 600);
    }

    @Test
    void shouldKeepDeadLettersWithTheirQueue() {
        assertThat(broker.partitions().of("orders/$deadletterqueue"))
                .isSameAs(broker.partitions().of("orders"));
    }
}
