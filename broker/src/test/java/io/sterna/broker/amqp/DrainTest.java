package io.sterna.broker.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.junit.jupiter.api.Test;

/** A drain and its answer (AMQP 1.0 §2.6.7), when they cross each other and deliveries between two loops. */
class DrainTest {
    private static final int CREDIT = 10;

    /** A client that sees its last credit used up need not wait for the answer before it gives more, and drains that. */
    @Test
    void shouldAnswerADrainWithNoCreditLeftWhenMoreWasGivenAfterAllOfItWasUsed() {
        for (int seed = 0; seed < 500; seed++) {
            Simulation broker = new Simulation(seed);
            String queue = broker.addressOn(seed % 2, "q");
            Peer producer = broker.connect(1);
            producer.send(queue, 0);
            broker.settle();
            for (int number = 0; number < 3 * CREDIT + 5; number++) {
                producer.transfer(0, number, TestMessages.durable(number));
                broker.settle();
            }
            Peer consumer = broker.connect(1);
            List<Long> answeredAt = new ArrayList<>();
            int[] received = {0};
            consumer.receive(queue, 0);
            consumer.listen(frame -> {
                if (frame.performative() instanceof Transfer) {
                    received[0]++;
                    if (received[0] % CREDIT == 0) {
                        drain(consumer, received[0]);
                    }
                } else if (frame.performative() instanceof Flow flow && Boolean.TRUE.equals(flow.getDrain())) {
                    assertThat(flow.getLinkCredit().longValue()).isZero();
                    answeredAt.add(flow.getDeliveryCount().longValue());
                }
            });
            drain(consumer, 0);
            broker.settle();

            assertThat(received[0]).as("seed %d", seed).isEqualTo(3 * CREDIT + 5);
            assertThat(answeredAt).as("seed %d", seed).containsExactly(10L, 20L, 30L, 40L);
        }
    }

    private static void drain(Peer consumer, int deliveryCount) {
        consumer.flow(0, deliveryCount, CREDIT, false);
        consumer.flow(0, deliveryCount, CREDIT, true);
    }
}
