package io.sterna.broker.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.broker.queue.RecordingShell.Link;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Priorities of messages (AMQP 1.0 §3.2.1) and of consumers, and consumers that want to be alone. */
class QueuePriorityTest {
    private static final ConsumerOptions ORDINARY = ConsumerOptions.of(Outcome.RELEASED);

    private final RecordingShell shell = new RecordingShell();
    private final Queue queue = shell.queue;
    private final Link link = new Link();
    private final Link other = new Link();

    private void enqueue(int... priorities) {
        for (int priority : priorities) {
            shell.enqueue(new MessageTraits(priority, 0, 0, ""));
        }
    }

    /** §3.2.1: "Messages with higher priorities MAY be delivered before those with lower priorities." */
    @Test
    void shouldDeliverHigherPrioritiesFirstAndEachInOrder() {
        enqueue(0, 9, 4, 9, 0, 5);
        shell.consumer(link, 10);

        assertThat(link.delivered).containsExactly(2L, 4L, 6L, 3L, 1L, 5L);
    }

    @Test
    void shouldGoBackToItsPlaceAmongItsPriorityWhenReleased() {
        enqueue(4, 9, 9);
        Consumer consumer = shell.consumer(link, 2);
        queue.settleAll(consumer, RecordingShell.acquisitions(2, 3), Outcome.RELEASED);
        queue.grant(consumer, 5);

        assertThat(link.delivered).containsExactly(2L, 3L, 2L, 3L, 1L);
    }

    @Test
    void shouldServeConsumersOfAHigherPriorityAlone() {
        shell.consumer(other, ORDINARY, 10);
        shell.consumer(link, ORDINARY.withPriority(5), 2);
        enqueue(4, 4, 4);

        assertThat(link.delivered).containsExactly(1L, 2L);
        assertThat(other.delivered).containsExactly(3L);
    }

    @Test
    void shouldServeLowerConsumersWhileHigherOnesMayNotHaveAMessage() {
        ConsumerOptions none = ORDINARY.withPriority(5).withFilter(message -> false);
        shell.consumer(link, none, 10);
        shell.consumer(other, ORDINARY, 10);
        enqueue(4, 4);

        assertThat(other.delivered).containsExactly(1L, 2L);
    }

    /** The queue is told of credit in portions: a portion that is used up is no reason to serve others. */
    @Test
    void shouldLetLowerConsumersWaitWhileAHigherOneHasMoreCreditThanItSays() {
        Consumer high = queue.addConsumer(link, ORDINARY.withPriority(5));
        queue.grant(high, 1, true);
        shell.consumer(other, ORDINARY, 10);
        enqueue(4, 4);
        assertThat(other.delivered).isEmpty();

        queue.grant(high, 2, false);
        assertThat(link.delivered).containsExactly(1L, 2L);
        enqueue(4);
        assertThat(other.delivered).containsExactly(3L);
    }

    @Test
    void shouldGiveEverythingToTheExclusiveConsumer() {
        shell.consumer(other, ORDINARY, 10);
        Consumer exclusive = shell.consumer(link, ORDINARY.asExclusive(), 1);
        enqueue(4, 4);
        assertThat(link.delivered).containsExactly(1L);
        assertThat(other.delivered).isEmpty();

        queue.removeConsumer(exclusive, List.of(), true);
        assertThat(other.delivered).containsExactly(1L, 2L);
    }

    @Test
    void shouldLetASecondExclusiveConsumerWaitForItsTurn() {
        Consumer first = shell.consumer(link, ORDINARY.asExclusive(), 10);
        shell.consumer(other, ORDINARY.asExclusive().withPriority(9), 10);
        enqueue(4);
        assertThat(link.delivered).containsExactly(1L);
        queue.settle(first, 1, Outcome.ACCEPTED);

        queue.removeConsumer(first, List.of(), true);
        enqueue(4);
        assertThat(other.delivered).containsExactly(2L);
    }

    @Test
    void shouldLeaveWithOthersWhatTheyHaveWhenAnExclusiveConsumerComes() {
        Consumer earlier = shell.consumer(other, ORDINARY, 1);
        enqueue(4, 4);
        shell.consumer(link, ORDINARY.asExclusive(), 10);
        assertThat(link.delivered).containsExactly(2L);

        queue.settle(earlier, 1, Outcome.RELEASED);
        assertThat(link.delivered).containsExactly(2L, 1L);
    }
}
