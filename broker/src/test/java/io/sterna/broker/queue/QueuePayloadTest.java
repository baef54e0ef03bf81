package io.sterna.broker.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sterna.broker.queue.RecordingShell.Link;
import io.sterna.broker.queue.RecordingShell.Payload;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Payloads that are not in memory: let go, asked for, loaded, and not found. A load brings four messages here. */
class QueuePayloadTest {
    private final RecordingShell shell = new RecordingShell();
    private final Queue queue = shell.queue;
    private final Link link = new Link();
    private final Link other = new Link();

    @Test
    void shouldLoadNothingWhenNobodyHasCredit() {
        shell.restore(3);
        shell.consumer(link);

        assertThat(shell.loads).isEmpty();
        assertThat(queue.figures().depth()).isEqualTo(3);
        assertThat(queue.figures().residentBytes()).isZero();
        assertThat(queue.figures().enqueuedTotal()).isZero();
    }

    @Test
    void shouldDeliverInOrderWhenPayloadsAreLoaded() {
        shell.restore(2);
        shell.enqueue(1);
        shell.consumer(link, 10);
        assertThat(link.delivered).as("nothing overtakes").isEmpty();
        assertThat(shell.loads).containsExactly(1L);

        shell.answerLoad();
        assertThat(link.delivered).containsExactly(1L, 2L, 3L);
    }

    @Test
    void shouldHaveOneLoadInFlightWhenMoreMessagesAndCreditCome() {
        shell.restore(1);
        Consumer consumer = shell.consumer(link, 10);
        queue.grant(consumer, 20);
        shell.restore(1);
        shell.consumer(other, 10);

        assertThat(shell.loads).containsExactly(1L);
    }

    @Test
    void shouldLoadAheadWhenHalfOfTheLastLoadIsDelivered() {
        shell.restore(20);
        Consumer consumer = shell.consumer(link, 1);
        shell.answerLoad();
        assertThat(link.delivered).containsExactly(1L);
        queue.grant(consumer, 2);
        assertThat(shell.loads).containsExactly(1L);

        queue.grant(consumer, 4);
        assertThat(link.delivered).containsExactly(1L, 2L, 3L, 4L);
        assertThat(shell.loads).as("no credit is left").containsExactly(1L);
        queue.grant(consumer, 5);
        assertThat(shell.loads).containsExactly(1L, 5L);
        shell.answerLoad();
        queue.grant(consumer, 8);
        assertThat(link.delivered).hasSize(8);
        assertThat(shell.loads).containsExactly(1L, 5L);
    }

    @Test
    void shouldAskBeforeTheConsumerWaitsWhenItStillHasCredit() {
        shell.restore(20);
        Consumer slow = shell.consumer(link, 3);
        shell.consumer(other);
        shell.answerLoad();
        assertThat(link.delivered).containsExactly(1L, 2L, 3L);
        shell.enqueue(1);
        queue.settle(slow, 3, Outcome.RELEASED);
        queue.grant(slow, 4);
        assertThat(link.delivered).containsExactly(1L, 2L, 3L, 3L);
        queue.grant(slow, 7);

        assertThat(shell.loads).containsExactly(1L, 5L);
        assertThat(link.delivered).endsWith(4L);
    }

    @Test
    void shouldLetFarthestPayloadsGoFirstWhenMemoryIsNeeded() {
        shell.enqueue(5);
        assertThat(queue.loading().drop(150)).isEqualTo(200);
        assertThat(queue.figures().residentBytes()).isEqualTo(300);

        shell.consumer(link, 10);
        assertThat(link.delivered).containsExactly(1L, 2L, 3L);
        assertThat(shell.loads).containsExactly(4L);
        shell.answerLoad();
        assertThat(link.delivered).containsExactly(1L, 2L, 3L, 4L, 5L);
    }

    @Test
    void shouldKeepAcquiredAndNonDurablePayloadsWhenMemoryIsNeeded() {
        shell.enqueue(2);
        shell.enqueue(false, 100);
        shell.consumer(link, 1);

        assertThat(queue.loading().drop(1000)).isEqualTo(100);
        assertThat(queue.loading().drop(1000)).isZero();
        assertThat(queue.figures().residentBytes()).isEqualTo(200);
    }

    @Test
    void shouldLoadReturnedMessageAgainWhenItsPayloadWasLetGo() {
        shell.enqueue(3);
        Consumer consumer = shell.consumer(link, 1);
        queue.settle(consumer, 1, Outcome.RELEASED);
        assertThat(queue.loading().drop(1000)).isEqualTo(300);
        queue.grant(consumer, 4);
        assertThat(shell.loads).containsExactly(1L);
        shell.answerLoad();

        assertThat(link.delivered).containsExactly(1L, 1L, 2L, 3L);
    }

    @Test
    void shouldGoOnForTheExcludedConsumerWhenAnotherWaitsForAPayload() {
        shell.enqueue(1);
        Consumer consumer = shell.consumer(link, 10);
        queue.settle(consumer, 1, new Outcome.Modified(false, true, new byte[0]));
        queue.loading().drop(1000);
        shell.consumer(other, 10);
        assertThat(shell.loads).containsExactly(1L);
        shell.enqueue(2);
        assertThat(link.delivered).containsExactly(1L, 2L, 3L);

        shell.answerLoad();
        assertThat(other.delivered).containsExactly(1L);
    }

    @Test
    void shouldPassOverLoadedMessagesWhenTheyAreNoLongerWanted() {
        shell.restore(2);
        shell.consumer(link, 10);
        List<LoadedMessage> read = shell.read();
        queue.purge();
        queue.loading().onLoaded(read);

        assertThat(link.delivered).isEmpty();
        assertThat(shell.missing).isEmpty();
        assertThat(queue.figures().residentBytes()).isZero();
    }

    @Test
    void shouldReportMissingAndGoOnWhenTheStoreDoesNotHaveAMessage() {
        shell.restore(6);
        shell.stored.remove(1L);
        shell.stored.remove(3L);
        shell.consumer(link, 10);
        shell.answerLoad();

        assertThat(shell.missing).containsExactly(1L, 3L);
        assertThat(link.delivered).containsExactly(2L, 4L, 5L, 6L);
        assertThat(queue.figures().depth()).isEqualTo(4);
        assertThat(shell.acknowledged).isEmpty();
    }

    @Test
    void shouldReportEachMissingMessageOnceWhenTheStoreHasNone() {
        shell.restore(3);
        shell.stored.clear();
        shell.consumer(link, 10);
        for (int load = 1; load <= 3; load++) {
            assertThat(shell.loads).hasSize(load);
            shell.answerLoad();
        }

        assertThat(shell.missing).containsExactly(1L, 2L, 3L);
        assertThat(shell.loads).hasSize(3);
        assertThat(queue.figures().depth()).isZero();
    }

    @Test
    void shouldNotTakeForMissingWhatCameAfterTheQuestion() {
        shell.restore(1);
        shell.consumer(link, 10);
        List<LoadedMessage> read = shell.read();
        shell.restore(1);
        queue.loading().onLoaded(read);

        assertThat(shell.missing).isEmpty();
        assertThat(shell.loads).containsExactly(1L, 2L);
        shell.answerLoad();
        assertThat(link.delivered).containsExactly(1L, 2L);
    }

    @Test
    void shouldLoadWhatIsWaitedForWhenALoadAheadIsDueToo() {
        shell.restore(8);
        Consumer consumer = shell.consumer(link, 4);
        shell.answerLoad();
        queue.settle(consumer, 1, Outcome.RELEASED);
        queue.loading().drop(1000);
        queue.grant(consumer, 8);

        assertThat(shell.loads).containsExactly(1L, 1L);
    }

    @Test
    void shouldWaitToBeResumedWhenALoadFails() {
        shell.restore(2);
        Consumer consumer = shell.consumer(link, 10);
        queue.loading().onFailed();
        queue.grant(consumer, 20);
        assertThat(shell.loads).containsExactly(1L);

        queue.loading().resume();
        assertThat(shell.loads).containsExactly(1L, 1L);
        shell.answerLoad();
        assertThat(link.delivered).containsExactly(1L, 2L);
    }

    /** §2.6.7: a drain is over once all available messages are sent; those on their way from the store are available. */
    @Test
    void shouldDrainAfterTheLoadWhenPayloadsAreAbsent() {
        shell.restore(2);
        queue.drain(shell.consumer(link), 5);
        assertThat(link.drained).isEmpty();
        shell.answerLoad();

        assertThat(link.delivered).containsExactly(1L, 2L);
        assertThat(link.drained).containsExactly(3L);
    }

    /** §2.6.7: the sender follows the drain flag of the receiver. */
    @Test
    void shouldKeepCreditWhenDrainIsTakenBackBeforeTheLoad() {
        shell.restore(1);
        Consumer consumer = shell.consumer(link);
        queue.drain(consumer, 5);
        queue.grant(consumer, 5);
        shell.answerLoad();
        shell.enqueue(1);

        assertThat(link.drained).isEmpty();
        assertThat(link.delivered).containsExactly(1L, 2L);
    }

    @Test
    void shouldDrainWhenPayloadsCannotBeLoaded() {
        shell.restore(2);
        queue.drain(shell.consumer(link), 5);
        queue.loading().onFailed();

        assertThat(link.drained).containsExactly(5L);
    }

    @Test
    void shouldPassOverTheAnswerWhenTheQueueIsDeleted() {
        shell.restore(1);
        shell.consumer(link, 1);
        queue.delete();
        shell.answerLoad();

        assertThat(link.delivered).isEmpty();
        assertThat(shell.missing).isEmpty();
    }

    @Test
    void shouldRefuseWhatTheShellMustNotDo() {
        shell.enqueue(2);
        assertThatThrownBy(() -> queue.enqueue(2, new Payload(2, 1), MessageTraits.DEFAULT, true))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> queue.loading().onLoaded(List.of())).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(queue.loading()::onFailed).isInstanceOf(IllegalStateException.class);
        queue.delete();
        assertThatThrownBy(() -> queue.enqueue(3, new Payload(3, 1), MessageTraits.DEFAULT, true))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> shell.consumer(link)).isInstanceOf(IllegalStateException.class);
    }

    /** Else they would stay as objects for as long as nobody has anything to do with the queue. */
    @Test
    void shouldBePackedAsSoonAsTheyAreSpilled() {
        for (int count = 0; count < 40; count++) {
            shell.enqueue(false, 100);
        }
        List<Entry> chosen = queue.spilling().choose(40, Long.MAX_VALUE);
        assertThat(queue.spilling().onWritten(chosen)).hasSize(40);
        queue.spilling().takeBack(List.of(new LoadedMessage(20, new Payload(20, 100))));

        assertThat(queue.figures().residentBytes()).isEqualTo(100);
        assertThat(chosen).as("the objects that were").noneMatch(Entry::resident);
    }
}
