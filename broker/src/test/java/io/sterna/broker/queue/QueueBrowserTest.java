package io.sterna.broker.queue;

import static io.sterna.broker.queue.RecordingShell.only;
import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.broker.queue.RecordingShell.Link;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Consumers that only look: AMQP 1.0 §3.5.3 (distribution mode copy) and Jakarta Messaging 3.1 §4.1.5. */
class QueueBrowserTest {
    private static final ConsumerOptions BROWSE =
            ConsumerOptions.of(Outcome.RELEASED).asBrowser();

    private final RecordingShell shell = new RecordingShell();
    private final Queue queue = shell.queue;
    private final Link link = new Link();
    private final Link other = new Link();

    /** §3.5.3, copy: "once successfully transferred over the link, the message will remain available at the node". */
    @Test
    void shouldShowMessagesAndTakeNone() {
        shell.enqueue(3);
        shell.consumer(link, BROWSE, 10);

        assertThat(link.delivered).containsExactly(1L, 2L, 3L);
        assertThat(queue.figures().acquired()).isZero();
        shell.consumer(other, 10);
        assertThat(other.delivered).containsExactly(1L, 2L, 3L);
    }

    @Test
    void shouldShowOnlyWhatWasThereWhenTheBrowserCame() {
        shell.enqueue(2);
        Consumer browser = queue.addConsumer(link, BROWSE);
        shell.enqueue(2);
        queue.drain(browser, 10);

        assertThat(link.delivered).containsExactly(1L, 2L);
        assertThat(link.drained).containsExactly(8L);
    }

    @Test
    void shouldShowHigherPrioritiesFirst() {
        shell.enqueue(new MessageTraits(1, 0, 0, ""));
        shell.enqueue(new MessageTraits(9, 0, 0, ""));
        shell.consumer(link, BROWSE, 10);

        assertThat(link.delivered).containsExactly(2L, 1L);
    }

    @Test
    void shouldShowOnlyWhatItsFilterWants() {
        shell.enqueue(4);
        shell.consumer(link, BROWSE.withFilter(only(sequence -> sequence > 2)), 10);

        assertThat(link.delivered).containsExactly(3L, 4L);
    }

    /** Messages that a consumer has are not available; they were not yet when the browser passed. */
    @Test
    void shouldNotShowWhatIsAcquired() {
        shell.enqueue(3);
        shell.consumer(other, 1);
        shell.consumer(link, BROWSE, 10);

        assertThat(link.delivered).containsExactly(2L, 3L);
    }

    @Test
    void shouldNotShowScheduledMessages() {
        shell.enqueue(new MessageTraits(4, 0, shell.nowMillis + 1_000, ""));
        shell.enqueue(1);
        shell.consumer(link, BROWSE, 10);

        assertThat(link.delivered).containsExactly(2L);
    }

    @Test
    void shouldShowOneAfterTheOtherAsCreditComes() {
        shell.enqueue(3);
        Consumer browser = shell.consumer(link, BROWSE, 1);
        assertThat(link.delivered).containsExactly(1L);

        queue.grant(browser, 3);
        assertThat(link.delivered).containsExactly(1L, 2L, 3L);
    }

    @Test
    void shouldTakeNothingFromAnExclusiveConsumer() {
        shell.consumer(other, ConsumerOptions.of(Outcome.RELEASED).asExclusive(), 1);
        shell.enqueue(2);
        shell.consumer(link, BROWSE, 10);

        assertThat(other.delivered).containsExactly(1L);
        assertThat(link.delivered).containsExactly(2L);
    }

    @Test
    void shouldForgetABrowserThatGoesInTheMiddle() {
        shell.enqueue(3);
        Consumer browser = shell.consumer(link, BROWSE, 1);
        assertThat(queue.removeConsumer(browser, List.of(), true)).isTrue();

        assertThat(queue.figures().consumers()).isZero();
        assertThat(queue.figures().depth()).isEqualTo(3);
    }
}
