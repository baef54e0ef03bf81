package io.sterna.broker.queue;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.broker.queue.RecordingShell.DeadLetter;
import io.sterna.broker.queue.RecordingShell.Link;
import io.sterna.broker.queue.RecordingShell.Update;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What becomes of a delivered message: AMQP 1.0 §3.4 (outcomes) and §3.5.3 (default outcome). */
class QueueSettlementTest {
    private static final Outcome NOT_HERE = new Outcome.Modified(false, true, new byte[0]);

    private final RecordingShell shell = new RecordingShell();
    private final Queue queue = shell.queue;
    private final Link link = new Link();
    private final Link other = new Link();

    /** §3.4.2: accepted means that the message has been retired from the node. */
    @Test
    void shouldRetireMessageWhenAccepted() {
        shell.enqueue(1);
        Consumer consumer = shell.consumer(link, 10);

        assertThat(queue.settle(consumer, 1, Outcome.ACCEPTED)).isTrue();

        assertThat(shell.acknowledged).containsExactly(1L);
        assertThat(queue.figures().depth()).isZero();
        assertThat(queue.figures().acquired()).isZero();
        assertThat(queue.figures().residentBytes()).isZero();
        assertThat(queue.figures().acknowledgedTotal()).isEqualTo(1);
    }

    @Test
    void shouldRecordNothingWhenNonDurableMessageIsSettled() {
        shell.enqueue(false, 100);
        Consumer consumer = shell.consumer(link, 10);
        queue.settle(consumer, 1, Outcome.DELIVERY_FAILED);
        queue.settle(consumer, 1, Outcome.ACCEPTED);

        assertThat(link.deliveryCounts).containsExactly(0, 1);
        assertThat(shell.updates).isEmpty();
        assertThat(shell.acknowledged).isEmpty();
    }

    /** §3.4.3: rejected increments the delivery-count of the rejected message. */
    @Test
    void shouldMoveMessageToDeadLettersWhenRejected() {
        shell.enqueue(1);
        Consumer consumer = shell.consumer(link, 10);
        queue.settle(consumer, 1, new Outcome.Rejected("amqp:decode-error", "not a map"));

        assertThat(shell.deadLetters)
                .containsExactly(new DeadLetter(1, DeadLetterReason.REJECTED, 1, "amqp:decode-error", "not a map"));
        assertThat(shell.acknowledged).isEmpty();
        assertThat(shell.updates).isEmpty();
        assertThat(queue.figures().depth()).isZero();
    }

    /** §3.4.4: "The message is unchanged at the node (i.e. the delivery-count … MUST NOT be incremented)". */
    @Test
    void shouldReturnMessageUnchangedWhenReleased() {
        shell.enqueue(2);
        Consumer consumer = shell.consumer(link, 1);
        queue.settle(consumer, 1, Outcome.RELEASED);
        assertThat(queue.figures().acquired()).isZero();

        queue.grant(consumer, 3);
        assertThat(link.delivered).containsExactly(1L, 1L, 2L);
        assertThat(link.deliveryCounts).containsExactly(0, 0, 0);
        assertThat(shell.updates).isEmpty();
    }

    /** §3.4.5: with delivery-failed "any Messages modified MUST have their delivery-count incremented". */
    @Test
    void shouldCountTheAttemptWhenModifiedWithDeliveryFailed() {
        shell.enqueue(1);
        Consumer consumer = shell.consumer(link, 2);
        queue.settle(consumer, 1, Outcome.DELIVERY_FAILED);

        assertThat(link.deliveryCounts).containsExactly(0, 1);
        assertThat(shell.updates).containsExactly(new Update(1, 1, ""));
    }

    /** §3.4.5: message-annotations are combined with those that the message has. */
    @Test
    void shouldMergeAnnotationsWhenModified() {
        shell.enqueue(1);
        Consumer consumer = shell.consumer(link, 3);
        queue.settle(consumer, 1, new Outcome.Modified(false, false, "a".getBytes(UTF_8)));
        queue.settle(consumer, 1, new Outcome.Modified(true, false, "b".getBytes(UTF_8)));

        assertThat(shell.updates).containsExactly(new Update(1, 0, "a"), new Update(1, 1, "ab"));
    }

    @Test
    void shouldRecordNothingWhenModifiedChangesNothing() {
        shell.enqueue(1);
        Consumer consumer = shell.consumer(link, 1);
        queue.settle(consumer, 1, new Outcome.Modified(false, false, new byte[0]));

        assertThat(shell.updates).isEmpty();
    }

    /** §3.4.5: with undeliverable-here a message "MUST NOT be redelivered to the modifying Link Endpoint". */
    @Test
    void shouldGoToAnotherConsumerWhenUndeliverableHere() {
        shell.enqueue(3);
        Consumer consumer = shell.consumer(link, 1);
        queue.settle(consumer, 1, NOT_HERE);
        queue.grant(consumer, 2);
        assertThat(link.delivered).as("goes on with later ones").containsExactly(1L, 2L);

        shell.consumer(other, 2);
        assertThat(other.delivered).containsExactly(1L, 3L);
    }

    @Test
    void shouldWaitForAnotherConsumerWhenAllHaveRefusedIt() {
        shell.enqueue(1);
        Consumer consumer = shell.consumer(link, 10);
        queue.settle(consumer, 1, NOT_HERE);
        assertThat(queue.figures().depth()).isEqualTo(1);
        assertThat(queue.figures().acquired()).isZero();
        queue.drain(consumer, 10);
        assertThat(link.drained).containsExactly(9L);

        Consumer next = shell.consumer(other, 1);
        assertThat(other.delivered).containsExactly(1L);
        queue.settle(next, 1, NOT_HERE);
        queue.removeConsumer(consumer, List.of(), false);
        Link again = new Link();
        shell.consumer(again, 1);
        assertThat(again.delivered).as("a new link of the same peer").containsExactly(1L);
    }

    @Test
    void shouldStillExcludeTheConsumerWhenAnotherOneReleases() {
        shell.enqueue(1);
        Consumer consumer = shell.consumer(link, 10);
        queue.settle(consumer, 1, NOT_HERE);
        Consumer next = shell.consumer(other, 1);
        queue.settle(next, 1, Outcome.RELEASED);

        assertThat(link.delivered).containsExactly(1L);
        queue.grant(next, 2);
        assertThat(other.delivered).containsExactly(1L, 1L);
    }

    /** A returned message goes back to its place, before all that was not delivered yet. */
    @Test
    void shouldComeInOrderWhenReturnedInAnyOrder() {
        shell.enqueue(4);
        Consumer consumer = shell.consumer(link, 3);
        queue.settle(consumer, 3, Outcome.RELEASED);
        queue.settle(consumer, 1, Outcome.RELEASED);
        queue.settle(consumer, 2, Outcome.RELEASED);
        shell.consumer(other, 4);

        assertThat(other.delivered).containsExactly(1L, 2L, 3L, 4L);
    }

    @Test
    void shouldReturnAllBeforeDeliveringAgainWhenManyAreSettledAtOnce() {
        shell.enqueue(3);
        Consumer consumer = shell.consumer(link, 6);
        int settled = queue.settleAll(consumer, RecordingShell.acquisitions(3, 2, 1, 7), Outcome.RELEASED);

        assertThat(settled).isEqualTo(3);
        assertThat(link.delivered).containsExactly(1L, 2L, 3L, 1L, 2L, 3L);
    }

    /** What is said twice, or too late, would otherwise be said of another delivery. */
    @Test
    void shouldPassOverAnAcquisitionWhenTheSameConsumerHasTheMessageAnew() {
        shell.enqueue(1);
        Consumer consumer = shell.consumer(link, 2);
        assertThat(queue.settleAll(consumer, RecordingShell.acquisitions(1), Outcome.RELEASED))
                .isEqualTo(1);
        assertThat(link.delivered).containsExactly(1L, 1L);

        assertThat(queue.holdings().holds(consumer, RecordingShell.acquisitions(1)))
                .isFalse();
        assertThat(queue.settleAll(consumer, RecordingShell.acquisitions(1), Outcome.ACCEPTED))
                .isZero();
        assertThat(queue.settleAll(consumer, List.of(new Acquisition(1, 1)), Outcome.ACCEPTED))
                .isEqualTo(1);
    }

    @Test
    void shouldDoNothingWhenDeliveryIsUnknownOrSettled() {
        shell.enqueue(2);
        Consumer consumer = shell.consumer(link, 1);
        Consumer stranger = shell.consumer(other);
        assertThat(queue.settle(stranger, 1, Outcome.ACCEPTED)).isFalse();
        assertThat(queue.settle(consumer, 2, Outcome.ACCEPTED)).isFalse();
        assertThat(queue.settle(consumer, 1, Outcome.ACCEPTED)).isTrue();
        assertThat(queue.settle(consumer, 1, Outcome.RELEASED)).isFalse();

        assertThat(queue.figures().depth()).isEqualTo(1);
        assertThat(shell.acknowledged).containsExactly(1L);
    }

    /** §3.3.1: when the link endpoint is destroyed, the default-outcome of the source is used. */
    @Test
    void shouldApplyDefaultOutcomeInOrderWhenConsumerIsRemoved() {
        shell.enqueue(3);
        Consumer consumer = shell.consumer(link, 3);
        assertThat(queue.removeConsumer(consumer, List.of(), false)).isTrue();
        shell.consumer(other, 3);

        assertThat(other.delivered).containsExactly(1L, 2L, 3L);
        assertThat(other.deliveryCounts).containsExactly(1, 1, 1);
        assertThat(shell.updates).containsExactly(new Update(1, 1, ""), new Update(2, 1, ""), new Update(3, 1, ""));
        assertThat(queue.figures().consumers()).isEqualTo(1);
    }

    @Test
    void shouldCountNoFailedAttemptWhenConsumerLeavesInOrder() {
        shell.enqueue(2);
        Consumer consumer = shell.consumer(link, 2);
        queue.removeConsumer(consumer, List.of(), true);
        shell.consumer(other, 2);

        assertThat(other.delivered).containsExactly(1L, 2L);
        assertThat(other.deliveryCounts).containsExactly(0, 0);
        assertThat(shell.updates).isEmpty();
    }

    @Test
    void shouldPassOverCommandsWhenConsumerIsRemoved() {
        shell.enqueue(1);
        Consumer consumer = queue.addConsumer(link, ConsumerOptions.of(Outcome.RELEASED));
        queue.grant(consumer, 1);
        queue.removeConsumer(consumer, List.of(), false);
        queue.grant(consumer, 10);
        queue.drain(consumer, 10);

        assertThat(queue.settle(consumer, 1, Outcome.ACCEPTED)).isFalse();
        assertThat(queue.removeConsumer(consumer, List.of(), false)).isFalse();
        assertThat(link.delivered).containsExactly(1L);
        assertThat(link.drained).isEmpty();
        assertThat(queue.figures().depth()).isEqualTo(1);
        assertThat(queue.figures().acquired()).isZero();
    }

    @Test
    void shouldRemoveWhatNobodyHasWhenPurged() {
        shell.enqueue(2);
        shell.enqueue(false, 100);
        Consumer consumer = shell.consumer(link, 1);

        assertThat(queue.purge()).isEqualTo(2);
        assertThat(shell.acknowledged).containsExactly(2L);
        assertThat(queue.figures().depth()).isEqualTo(1);
        assertThat(queue.settle(consumer, 1, Outcome.ACCEPTED)).isTrue();
        assertThat(queue.figures().residentBytes()).isZero();
    }

    @Test
    void shouldTellConsumersWhenDeleted() {
        shell.enqueue(2);
        Consumer consumer = shell.consumer(link, 1);
        queue.delete();

        assertThat(link.queueDeleted).isTrue();
        assertThat(shell.acknowledged).isEmpty();
        assertThat(queue.figures().depth()).isZero();
        assertThat(queue.figures().acquired()).isZero();
        assertThat(queue.figures().consumers()).isZero();
        assertThat(queue.figures().residentBytes()).isZero();
        assertThat(queue.settle(consumer, 1, Outcome.RELEASED)).isFalse();
    }
}
