package io.sterna.broker.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.broker.queue.RecordingShell.Link;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who gets which message, and when: AMQP 1.0 §2.6.7 (credit) and §3.3 (distribution nodes). */
class QueueDispatchTest {
    private final RecordingShell shell = new RecordingShell();
    private final Queue queue = shell.queue;
    private final Link link = new Link();
    private final Link other = new Link();

    /** §2.6.7: "If the link-credit is less than or equal to zero … it is illegal to send more messages." */
    @Test
    void shouldDeliverNothingWhenConsumerHasNoCredit() {
        shell.consumer(link);
        shell.enqueue(2);

        assertThat(link.delivered).isEmpty();
        assertThat(queue.figures().depth()).isEqualTo(2);
        assertThat(queue.figures().acquired()).isZero();
    }

    @Test
    void shouldDeliverFirstInFirstOutWhenCreditIsGranted() {
        shell.enqueue(3);
        Consumer consumer = shell.consumer(link, 2);
        assertThat(link.delivered).containsExactly(1L, 2L);

        queue.grant(consumer, 3);
        assertThat(link.delivered).containsExactly(1L, 2L, 3L);
        assertThat(queue.figures().depth()).isEqualTo(3);
        assertThat(queue.figures().acquired()).isEqualTo(3);
    }

    /** §2.6.7: the sender's credit follows from the delivery-limit, which the receiver may lower. */
    @Test
    void shouldStopDeliveringWhenCreditIsLoweredBelowWhatWasSent() {
        Consumer consumer = shell.consumer(link, 10);
        shell.enqueue(3);
        queue.grant(consumer, 2);
        shell.enqueue(1);
        assertThat(link.delivered).containsExactly(1L, 2L, 3L);

        queue.grant(consumer, 3);
        assertThat(link.delivered).hasSize(3);
        queue.grant(consumer, 4);
        assertThat(link.delivered).containsExactly(1L, 2L, 3L, 4L);
    }

    @Test
    void shouldServeConsumersInTurnWhenSeveralHaveCredit() {
        shell.consumer(link, 10);
        shell.consumer(other, 10);
        shell.enqueue(4);

        assertThat(link.delivered).containsExactly(1L, 3L);
        assertThat(other.delivered).containsExactly(2L, 4L);
    }

    @Test
    void shouldGoOnAfterTheLastServedWhenAConsumerRenewsItsCredit() {
        Consumer eager = shell.consumer(link, 1);
        shell.consumer(other, 10);
        shell.enqueue(1);
        queue.grant(eager, 2);
        shell.enqueue(2);

        assertThat(link.delivered).containsExactly(1L, 3L);
        assertThat(other.delivered).containsExactly(2L);
    }

    @Test
    void shouldPassOverConsumersWithoutCreditWhenThereAreManyOfThem() {
        List<Consumer> idle = new ArrayList<>();
        for (int count = 0; count < 10_000; count++) {
            idle.add(shell.consumer(other));
        }
        shell.consumer(link, 1_000_000);
        shell.enqueue(10_000);
        assertThat(link.delivered).hasSize(10_000);

        queue.grant(idle.get(5_000), 1);
        shell.enqueue(2);
        assertThat(other.delivered).hasSize(1);
        assertThat(queue.figures().consumers()).isEqualTo(10_001);
    }

    /** §2.6.7: without available messages the sender advances its delivery-count until link-credit is zero. */
    @Test
    void shouldGiveUpCreditWhenDrainedOnAnEmptyQueue() {
        Consumer consumer = shell.consumer(link);
        queue.drain(consumer, 5);
        assertThat(link.drained).containsExactly(5L);

        shell.enqueue(1);
        assertThat(link.delivered).isEmpty();
        queue.grant(consumer, 6);
        assertThat(link.delivered).containsExactly(1L);
    }

    /** §2.6.7: "the Sender will (after sending all available messages) advance the delivery-count". */
    @Test
    void shouldDeliverWhatIsAvailableBeforeItIsDrained() {
        shell.enqueue(2);
        Consumer consumer = shell.consumer(link);
        queue.drain(consumer, 5);

        assertThat(link.delivered).containsExactly(1L, 2L);
        assertThat(link.drained).containsExactly(3L);
    }

    @Test
    void shouldAnswerDrainWhenMessagesUseUpAllCredit() {
        shell.enqueue(3);
        queue.drain(shell.consumer(link), 2);

        assertThat(link.delivered).containsExactly(1L, 2L);
        assertThat(link.drained).containsExactly(0L);
    }

    @Test
    void shouldAnswerDrainWhenThereIsNoCredit() {
        queue.drain(shell.consumer(link), 0);

        assertThat(link.drained).containsExactly(0L);
    }
}
