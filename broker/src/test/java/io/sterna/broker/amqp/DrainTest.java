package io.sterna.broker.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.junit.jupiter.api.Test;

/**
 * A drain and its answer (AMQP 1.0 §2.6.7), between two loops. A client that sees its last credit used up need not wait for
 * an answer before it gives more credit and drains that: an answer that comes late would be taken for one to the later drain.
 */
class DrainTest {
    private static final int CREDIT = 10;

    private static void publish(Simulation broker, String queue, int count) {
        Peer producer = broker.connect(1);
        producer.send(queue, 0);
        broker.settle();
        for (int number = 0; number < count; number++) {
            producer.transfer(0, number, TestMessages.durable(number));
            broker.settle();
        }
    }

    @Test
    void shouldAnswerADrainTogetherWithTheDeliveryThatUsesTheLastCredit() {
        for (int seed = 0; seed < 200; seed++) {
            Simulation broker = new Simulation(seed);
            String queue = broker.addressOn(seed % 2, "q");
            publish(broker, queue, CREDIT + 5);
            Peer consumer = broker.connect(1);
            consumer.receive(queue, 0);
            broker.settle();
            List<Object> heard = new ArrayList<>();
            consumer.listen(frame -> heard.add(frame.performative()));
            consumer.flow(0, 0, CREDIT, true);
            while (consumer.heard(Transfer.class).size() < CREDIT) {
                assertThat(broker.step()).as("seed %d", seed).isTrue();
            }

            assertThat(heard).as("seed %d", seed).hasSize(CREDIT + 1);
            assertThat(heard.get(CREDIT)).isInstanceOf(Flow.class);
            assertThat(((Flow) heard.get(CREDIT)).getLinkCredit().longValue()).isZero();
            broker.settle();
            assertThat(drainsAnswered(consumer)).as("seed %d", seed).isEqualTo(1);
        }
    }

    @Test
    void shouldAnswerADrainByTheDeliveriesAloneWhenTheyWereOnTheirWay() {
        Simulation broker = new Simulation(1);
        String queue = broker.addressOn(0, "q");
        publish(broker, queue, CREDIT);
        Peer consumer = broker.connect(1);
        consumer.receive(queue, 0);
        consumer.flow(0, 0, CREDIT, false);
        broker.settle();
        consumer.flow(0, 0, CREDIT, true);
        broker.settle();
        assertThat(consumer.messages()).hasSize(CREDIT);
        assertThat(drainsAnswered(consumer)).isZero();

        consumer.flow(0, CREDIT, 0, true);
        broker.settle();
        assertThat(drainsAnswered(consumer)).isEqualTo(1);
    }

    private static long drainsAnswered(Peer consumer) {
        return consumer.heard(Flow.class).stream()
                .filter(flow -> flow.getHandle() != null && Boolean.TRUE.equals(flow.getDrain()))
                .count();
    }
}
