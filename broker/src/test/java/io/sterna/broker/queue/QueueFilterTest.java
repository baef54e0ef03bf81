package io.sterna.broker.queue;

import static io.sterna.broker.queue.RecordingShell.only;
import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.broker.queue.RecordingShell.Link;
import org.junit.jupiter.api.Test;

/** Consumers that want some of the messages only: AMQP 1.0 §3.5.1 (filters) and Jakarta Messaging 3.1 §3.8. */
class QueueFilterTest {
    private static final ConsumerOptions ALL = ConsumerOptions.of(Outcome.DELIVERY_FAILED);
    private static final ConsumerOptions EVEN = ALL.withFilter(only(sequence -> sequence % 2 == 0));
    private static final ConsumerOptions TENTH = ALL.withFilter(only(sequence -> sequence % 10 == 0));

    private final RecordingShell shell = new RecordingShell();
    private final Queue queue = shell.queue;
    private final Link link = new Link();
    private final Link other = new Link();

    /** §3.5.1: "Filters act as a function on a message which return a boolean result". */
    @Test
    void shouldDeliverOnlyWhatTheFilterWants() {
        shell.enqueue(2);
        shell.consumer(link, EVEN, 10);
        shell.enqueue(3);

        assertThat(link.delivered).containsExactly(2L, 4L);
        assertThat(queue.figures().depth()).isEqualTo(5);
        assertThat(queue.figures().acquired()).isEqualTo(2);
    }

    /** Jakarta Messaging 3.1 §3.8.1: what a selector does not match stays for others. */
    @Test
    void shouldLeaveToOthersWhatTheFilterDoesNotWant() {
        shell.consumer(link, EVEN, 10);
        shell.enqueue(4);
        shell.consumer(other, ALL, 10);

        assertThat(link.delivered).containsExactly(2L, 4L);
        assertThat(other.delivered).containsExactly(1L, 3L);
    }

    @Test
    void shouldTakeTurnsForWhatBothWantWhenOneFilters() {
        shell.consumer(link, EVEN, 10);
        shell.consumer(other, ALL, 10);
        shell.enqueue(8);

        assertThat(link.delivered).isSubsetOf(2L, 4L, 6L, 8L).isNotEmpty();
        assertThat(other.delivered).contains(1L, 3L, 5L, 7L);
        assertThat(queue.figures().acquired()).isEqualTo(8);
    }

    /** What comes back is looked at again by a consumer whose search has passed its place. */
    @Test
    void shouldDeliverWhatHasReturnedBehindTheSearch() {
        shell.enqueue(4);
        Consumer plain = shell.consumer(other, 4);
        shell.consumer(link, EVEN, 10);
        assertThat(link.delivered).isEmpty();

        queue.settle(plain, 1, Outcome.RELEASED);
        queue.settle(plain, 2, Outcome.RELEASED);
        assertThat(link.delivered).containsExactly(2L);
    }

    /** A rare match in a deep backlog costs a bounded piece of each turn. */
    @Test
    void shouldGoOnInLaterTurnsWhenMuchIsPassedOver() {
        shell.mayContinue = true;
        shell.enqueue(30);
        shell.consumer(link, TENTH, 10);
        assertThat(link.delivered).isEmpty();
        assertThat(shell.continuations).isEqualTo(1);

        int turns = shell.turns();
        assertThat(link.delivered).containsExactly(10L, 20L, 30L);
        assertThat(turns).isEqualTo(27 / RecordingShell.LIMITS.maxPassedOver());
    }

    @Test
    void shouldServeOthersMeanwhileWhenASearchTakesManyTurns() {
        shell.mayContinue = true;
        shell.enqueue(30);
        shell.consumer(link, TENTH, 1);
        shell.consumer(other, ALL, 3);

        assertThat(other.delivered).containsExactly(1L, 2L, 3L);
        shell.turns();
        assertThat(link.delivered).containsExactly(10L);
    }

    /** Only that one is looked at twice before which a turn has ended. */
    @Test
    void shouldNotLookAgainAtWhatItHasPassedOver() {
        shell.mayContinue = true;
        int[] looks = {0};
        MessageFilter counting = message -> {
            looks[0]++;
            return false;
        };
        shell.enqueue(20);
        Consumer consumer = shell.consumer(link, ALL.withFilter(counting), 1);
        int turns = shell.turns();
        assertThat(looks[0]).isEqualTo(20 + turns);

        looks[0] = 0;
        queue.grant(consumer, 2);
        shell.enqueue(1);
        assertThat(looks[0]).isEqualTo(1);
    }

    /** AMQP 1.0 §2.6.7: the drain is over when the search has come to the end. */
    @Test
    void shouldAnswerADrainOnlyWhenTheSearchHasEnded() {
        shell.mayContinue = true;
        shell.enqueue(20);
        queue.drain(queue.addConsumer(link, TENTH), 5);
        assertThat(link.drained).isEmpty();

        shell.turns();
        assertThat(link.delivered).containsExactly(10L, 20L);
        assertThat(link.drained).containsExactly(3L);
    }

    /** §3.4.5: a message that was modified as undeliverable here does not come here again. */
    @Test
    void shouldNotDeliverAgainWhatWasUndeliverableHere() {
        Consumer consumer = shell.consumer(link, EVEN, 10);
        shell.enqueue(2);
        queue.settle(consumer, 2, new Outcome.Modified(false, true, new byte[0]));
        shell.enqueue(2);

        assertThat(link.delivered).containsExactly(2L, 4L);
        shell.consumer(other, EVEN, 10);
        assertThat(other.delivered).containsExactly(2L);
    }

    @Test
    void shouldReadPayloadsBackForTheFilterAndLetGoThoseItDoesNotWant() {
        shell.mayContinue = true;
        shell.restore(12);
        shell.consumer(link, TENTH, 10);
        for (int answered = 0; answered < shell.loads.size(); answered++) {
            shell.answerLoad();
            shell.turns();
        }

        assertThat(link.delivered).containsExactly(10L);
        assertThat(queue.figures().residentBytes()).isEqualTo(100);
    }
}
