package io.sterna.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class ComparisonTest {
    private static final long QUEUE = 1;
    private static final long OTHER = 2;
    private static final long TOPIC = 9;

    @Test
    void shouldBringWhatIsMissingAboveAndAcknowledgeWhatIsGone() {
        Comparison comparison = new Comparison(
                holdings(Map.of(QUEUE, own(5, 3, 4, 5)), Map.of()), holdings(Map.of(QUEUE, own(7, 4, 6, 7)), Map.of()));

        assertThat(comparison.lacking()).containsExactly(MessageOwner.queue(QUEUE));
        assertThat(comparison.kept(MessageOwner.queue(QUEUE))).isEqualTo(ranges(3, 4, 5));
        assertThat(comparison.acknowledged()).containsExactly(Map.entry(QUEUE, ranges(3, 5)));
        assertThat(comparison.deleted()).isEmpty();
    }

    @Test
    void shouldMakeAQueueAnewWhenAMessageIsMissingBelowWhatItHad() {
        Comparison comparison = new Comparison(
                holdings(Map.of(QUEUE, own(5, 5)), Map.of()), holdings(Map.of(QUEUE, own(5, 4, 5)), Map.of()));

        assertThat(comparison.deleted()).containsExactly(QUEUE);
        assertThat(comparison.kept(MessageOwner.queue(QUEUE)).isEmpty()).isTrue();
        assertThat(comparison.acknowledged()).isEmpty();
    }

    @Test
    void shouldMakeAQueueAnewWhenItsLastMessageWasAcknowledgedAndThatWasSuperseded() {
        Comparison comparison =
                new Comparison(holdings(Map.of(QUEUE, own(5)), Map.of()), holdings(Map.of(QUEUE, own(5, 5)), Map.of()));

        assertThat(comparison.deleted()).containsExactly(QUEUE);
    }

    @Test
    void shouldRemoveATopicsMessagesWhenOneIsNotThereForAllQueues() {
        Holdings held =
                holdings(Map.of(QUEUE, references(3, 4), OTHER, references(4)), Map.of(TOPIC, messages(4, 3, 4)));
        Holdings mine =
                holdings(Map.of(QUEUE, references(3, 4), OTHER, references(3, 4)), Map.of(TOPIC, messages(4, 3, 4)));

        Comparison comparison = new Comparison(held, mine);

        assertThat(comparison.acknowledged())
                .containsExactly(Map.entry(QUEUE, ranges(3, 4)), Map.entry(OTHER, ranges(4)));
        assertThat(comparison.lacking()).containsExactly(MessageOwner.topic(TOPIC));
        assertThat(comparison.deleted()).isEmpty();
    }

    @Test
    void shouldRemoveTopicsMessagesThatAQueueReferredToWhichIsMadeAnew() {
        Holdings held = holdings(
                Map.of(QUEUE, queue(messages(6, 6), ranges(3)), OTHER, references(3)), Map.of(TOPIC, messages(3, 3)));
        Holdings mine = holdings(
                Map.of(QUEUE, queue(messages(6, 5, 6), ranges(3)), OTHER, references(3)),
                Map.of(TOPIC, messages(3, 3)));

        Comparison comparison = new Comparison(held, mine);

        assertThat(comparison.deleted()).containsExactly(QUEUE);
        assertThat(comparison.acknowledged()).containsExactly(Map.entry(OTHER, ranges(3)));
        assertThat(comparison.lacking()).containsExactly(MessageOwner.queue(QUEUE), MessageOwner.topic(TOPIC));
    }

    @Test
    void shouldLeaveATopicOfWhichAQueueHasLess() {
        Holdings held = holdings(Map.of(QUEUE, references(3), OTHER, references(3)), Map.of(TOPIC, messages(3, 3)));
        Holdings mine = holdings(Map.of(QUEUE, references(3)), Map.of(TOPIC, messages(3, 3)));

        Comparison comparison = new Comparison(held, mine);

        assertThat(comparison.acknowledged()).containsExactly(Map.entry(OTHER, ranges(3)));
        assertThat(comparison.lacking()).isEmpty();
    }

    @Test
    void shouldTellTheStateOfMessagesThatEitherHasUpdated() {
        Holdings held = holdings(
                Map.of(QUEUE, new Holdings.Queue(messages(5, 3, 4, 5), SequenceRanges.NONE, ranges(3, 5))), Map.of());
        Holdings mine = holdings(
                Map.of(QUEUE, new Holdings.Queue(messages(6, 3, 4, 6), SequenceRanges.NONE, ranges(4, 6))), Map.of());

        assertThat(new Comparison(held, mine).updated()).containsExactly(Map.entry(QUEUE, ranges(3, 4)));
    }

    @Test
    void shouldRemoveNodesThatTheOwnerHasNotGot() {
        Holdings held = new Holdings(List.of(QUEUE, OTHER), List.of(), Map.of(OTHER, own(5, 5)), Map.of());
        Holdings mine = new Holdings(List.of(QUEUE), List.of(), Map.of(), Map.of());

        Comparison comparison = new Comparison(held, mine);

        assertThat(comparison.deleted()).containsExactly(OTHER);
        assertThat(comparison.acknowledged()).isEmpty();
        assertThat(comparison.nodes()).containsExactly(QUEUE);
    }

    private static Holdings holdings(Map<Long, Holdings.Queue> queues, Map<Long, Holdings.Messages> topics) {
        return new Holdings(List.of(), List.of(), queues, topics);
    }

    private static Holdings.Queue own(long highest, long... sequences) {
        return queue(messages(highest, sequences), SequenceRanges.NONE);
    }

    private static Holdings.Queue references(long... sequences) {
        return queue(Holdings.Messages.NONE, ranges(sequences));
    }

    private static Holdings.Queue queue(Holdings.Messages own, SequenceRanges references) {
        return new Holdings.Queue(own, references, SequenceRanges.NONE);
    }

    private static Holdings.Messages messages(long highest, long... sequences) {
        return new Holdings.Messages(ranges(sequences), highest);
    }

    private static SequenceRanges ranges(long... sequences) {
        return SequenceRanges.of(LongStream.of(sequences).boxed().toList());
    }
}
