package io.sterna.broker.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.broker.queue.RecordingShell.Link;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a transaction holds stays acquired when its consumer is gone, until it is settled (AMQP 1.0 §4.4.2). */
class QueueHeldTest {
    private final RecordingShell shell = new RecordingShell();
    private final Queue queue = shell.queue;
    private final Link other = new Link();

    private Consumer removedWhileHeld(int messages, long... held) {
        shell.enqueue(messages);
        Consumer consumer = shell.consumer(new Link(), messages);
        queue.removeConsumer(consumer, List.of(), RecordingShell.acquisitions(held), false);
        return consumer;
    }

    @Test
    void shouldKeepHeldMessagesFromOthersWhenTheirConsumerIsRemoved() {
        removedWhileHeld(3, 2);
        shell.consumer(other, 10);

        assertThat(other.delivered).containsExactly(1L, 3L);
        assertThat(queue.figures().acquired()).isEqualTo(3);
        assertThat(queue.figures().depth()).isEqualTo(3);
    }

    @Test
    void shouldTakeTheOutcomeOfHeldMessagesWhenTheirConsumerIsGone() {
        Consumer gone = removedWhileHeld(3, 1, 3);
        int settled = queue.settleAll(gone, RecordingShell.acquisitions(1, 2, 3), Outcome.ACCEPTED);

        assertThat(settled).isEqualTo(2);
        assertThat(shell.acknowledged).containsExactly(1L, 3L);
        assertThat(queue.figures().depth()).isEqualTo(1);
    }

    @Test
    void shouldPutHeldMessagesBackToTheirPlaceWhenTheyAreReturned() {
        Consumer gone = removedWhileHeld(3, 1, 2);
        queue.settleAll(gone, RecordingShell.acquisitions(1, 2), Outcome.DELIVERY_FAILED);
        shell.consumer(other, 10);

        assertThat(other.delivered).containsExactly(1L, 2L, 3L);
        assertThat(other.deliveryCounts).containsExactly(1, 1, 1);
    }

    @Test
    void shouldKeepWhatATransactionHasPreparedWhenItsConsumerIsRemovedWithoutKnowingOfIt() {
        shell.enqueue(3);
        Consumer consumer = shell.consumer(new Link(), 3);
        queue.holdings().keep(consumer, RecordingShell.acquisitions(1, 2), true);
        queue.holdings().keep(consumer, RecordingShell.acquisitions(2), false);
        queue.removeConsumer(consumer, List.of(), false);
        shell.consumer(other, 10);

        assertThat(other.delivered).containsExactly(2L, 3L);
        assertThat(queue.settle(consumer, 1, Outcome.ACCEPTED)).isTrue();
        assertThat(shell.acknowledged).containsExactly(1L);
    }

    @Test
    void shouldPassOverWhatIsHeldWhenItIsSettledAlready() {
        shell.enqueue(2);
        Consumer consumer = shell.consumer(new Link(), 2);
        queue.settle(consumer, 1, Outcome.ACCEPTED);
        queue.removeConsumer(consumer, List.of(), RecordingShell.acquisitions(1, 7), false);

        assertThat(queue.settle(consumer, 1, Outcome.RELEASED)).isFalse();
        assertThat(queue.figures().depth()).isEqualTo(1);
    }

    @Test
    void shouldForgetHeldMessagesWhenTheQueueIsDeleted() {
        Consumer gone = removedWhileHeld(2, 1);
        queue.delete();

        assertThat(queue.settle(gone, 1, Outcome.ACCEPTED)).isFalse();
        assertThat(shell.acknowledged).isEmpty();
        assertThat(queue.figures().depth()).isZero();
        assertThat(queue.figures().residentBytes()).isZero();
    }
}
