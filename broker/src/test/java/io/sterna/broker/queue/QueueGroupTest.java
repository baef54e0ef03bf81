package io.sterna.broker.queue;

import static io.sterna.broker.queue.RecordingShell.only;
import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.broker.queue.RecordingShell.Link;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Messages of one group (AMQP 1.0 §3.2.4, group-id) go to one consumer at a time, in order. */
class QueueGroupTest {
    private final RecordingShell shell = new RecordingShell();
    private final Queue queue = shell.queue;
    private final Link link = new Link();
    private final Link other = new Link();

    private void enqueue(String... groups) {
        for (String group : groups) {
            shell.enqueue(new MessageTraits(4, 0, 0, group));
        }
    }

    @Test
    void shouldGiveAllMessagesOfAGroupToOneConsumer() {
        shell.consumer(link, 10);
        shell.consumer(other, 10);
        enqueue("a", "a", "b", "a", "b");

        assertThat(link.delivered).containsExactly(1L, 2L, 4L);
        assertThat(other.delivered).containsExactly(3L, 5L);
    }

    @Test
    void shouldSpreadMessagesWithoutAGroupAsEver() {
        shell.consumer(link, 10);
        shell.consumer(other, 10);
        enqueue("a", "", "", "a");

        assertThat(link.delivered).contains(1L, 4L);
        assertThat(link.delivered.size() + other.delivered.size()).isEqualTo(4);
        assertThat(other.delivered).isNotEmpty();
    }

    /** The owner's lack of credit holds up its groups only. */
    @Test
    void shouldWaitForTheOwnerAndHoldUpNothingElse() {
        Consumer owner = shell.consumer(link, 1);
        enqueue("a", "a", "b");
        shell.consumer(other, 10);

        assertThat(link.delivered).containsExactly(1L);
        assertThat(other.delivered).containsExactly(3L);
        queue.settle(owner, 1, Outcome.ACCEPTED);
        queue.grant(owner, 2);
        assertThat(link.delivered).containsExactly(1L, 2L);
    }

    @Test
    void shouldStayWithItsConsumerWhenAllOfItHasBeenSettled() {
        Consumer owner = shell.consumer(link, 10);
        shell.consumer(other, 10);
        enqueue("a");
        queue.settle(owner, 1, Outcome.ACCEPTED);
        enqueue("b", "a");

        assertThat(link.delivered).contains(1L, 3L);
    }

    @Test
    void shouldMoveInOrderWhenTheOwnerGoes() {
        Consumer owner = shell.consumer(link, 2);
        enqueue("a", "a", "a");
        shell.consumer(other, 10);
        assertThat(other.delivered).isEmpty();

        queue.removeConsumer(owner, List.of(), true);
        assertThat(other.delivered).containsExactly(1L, 2L, 3L);
    }

    @Test
    void shouldMoveWhenTheOwnerIsSuspendedAndHasSettledWhatItHeld() {
        Consumer owner = shell.consumer(link, 1);
        enqueue("a", "a");
        shell.consumer(other, 10);
        queue.suspendConsumer(owner, true);
        assertThat(other.delivered).isEmpty();

        queue.settle(owner, 1, Outcome.ACCEPTED);
        assertThat(other.delivered).containsExactly(2L);
    }

    @Test
    void shouldStayWithTheOwnerWhenItComesBackBeforeItHasSettledWhatItHeld() {
        Consumer owner = shell.consumer(link, 1);
        enqueue("a", "a");
        shell.consumer(other, 10);
        queue.suspendConsumer(owner, true);
        queue.suspendConsumer(owner, false);
        queue.settle(owner, 1, Outcome.ACCEPTED);
        queue.grant(owner, 2);

        assertThat(link.delivered).containsExactly(1L, 2L);
        assertThat(other.delivered).isEmpty();
    }

    /** No overlap: what a transaction still holds of the group keeps it where it is (AMQP 1.0 §4.4.2). */
    @Test
    void shouldNotMoveBeforeAllThatTheOwnerHeldIsSettled() {
        Consumer owner = shell.consumer(link, 1);
        enqueue("a", "a");
        shell.consumer(other, 10);
        queue.removeConsumer(owner, List.of(), RecordingShell.acquisitions(1), true);
        assertThat(other.delivered).isEmpty();

        queue.settle(owner, 1, Outcome.RELEASED);
        assertThat(other.delivered).containsExactly(1L, 2L);
    }

    @Test
    void shouldComeBackInOrderWhenTheOwnerReleases() {
        Consumer owner = shell.consumer(link, 2);
        enqueue("a", "a", "a");
        queue.settle(owner, 1, Outcome.RELEASED);
        queue.settle(owner, 2, Outcome.RELEASED);
        queue.grant(owner, 5);

        assertThat(link.delivered).containsExactly(1L, 2L, 1L, 2L, 3L);
    }

    /** A group is not stuck with an owner that may not have its next message. */
    @Test
    void shouldGoToAnotherWhenTheOwnersFilterDoesNotWantTheNext() {
        ConsumerOptions first = ConsumerOptions.of(Outcome.RELEASED).withFilter(only(sequence -> sequence == 1));
        Consumer owner = shell.consumer(link, first, 10);
        enqueue("a", "a");
        shell.consumer(other, 10);
        assertThat(other.delivered).isEmpty();

        queue.settle(owner, 1, Outcome.ACCEPTED);
        assertThat(other.delivered).containsExactly(2L);
    }

    @Test
    void shouldDeliverHigherPrioritiesOfAGroupFirst() {
        shell.enqueue(new MessageTraits(1, 0, 0, "a"));
        shell.enqueue(new MessageTraits(8, 0, 0, "a"));
        shell.consumer(link, 10);

        assertThat(link.delivered).containsExactly(2L, 1L);
    }

    @Test
    void shouldShareGroupsEvenlyWhenConsumersAreEqual() {
        shell.consumer(link, 100);
        shell.consumer(other, 100);
        for (int group = 0; group < 10; group++) {
            enqueue("group-" + group);
        }

        assertThat(link.delivered).hasSize(5);
        assertThat(other.delivered).hasSize(5);
    }

    @Test
    void shouldKeepTheOrderOfAGroupOverARestart() {
        for (long sequence = 1; sequence <= 3; sequence++) {
            shell.stored.put(sequence, new RecordingShell.Payload(sequence, 100));
            queue.restore(sequence, 100, 0, new MessageTraits(4, 0, 0, "a"), new byte[0]);
        }
        shell.consumer(link, 10);
        shell.consumer(other, 10);
        shell.answerLoads();

        assertThat(link.delivered).containsExactly(1L, 2L, 3L);
        assertThat(other.delivered).isEmpty();
    }
}
