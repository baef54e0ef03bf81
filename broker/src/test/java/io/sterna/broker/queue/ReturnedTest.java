package io.sterna.broker.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.broker.queue.RecordingShell.Link;
import io.sterna.broker.queue.RecordingShell.Payload;
import org.junit.jupiter.api.Test;

/** Exclusions by undeliverable-here (AMQP 1.0 §3.4.5) cost something only while they concern someone. */
class ReturnedTest {
    private final Returned returned = new Returned();
    private final Consumer consumer = consumer();
    private final Consumer other = consumer();

    @Test
    void shouldBeTheSameForAllWhenTheLastExcludingMessageIsGone() {
        Entry entry = entry(1);
        assertThat(returned.sameForAll()).isTrue();
        returned.exclude(entry, consumer);
        returned.exclude(entry, consumer);
        assertThat(returned.sameForAll()).isFalse();

        returned.forgetExclusions(entry);
        assertThat(returned.sameForAll()).isTrue();
    }

    @Test
    void shouldKeepNoMoreExclusionsThanConsumersWhenConsumersComeAndGo() {
        Entry entry = entry(1);
        for (int count = 0; count < 1000; count++) {
            Consumer passing = consumer();
            returned.exclude(entry, passing);
            returned.forgetConsumer(passing);
            passing.detach();
        }
        returned.exclude(entry, consumer);

        assertThat(entry.excluded()).containsExactly(consumer);
    }

    @Test
    void shouldSearchFromTheFrontAgainWhenAConsumerIsExcludedAnew() {
        Entry refused = entry(5);
        returned.exclude(refused, consumer);
        returned.add(refused);
        assertThat(returned.firstFor(consumer)).isNull();
        returned.remove(refused);
        returned.forgetExclusions(refused);

        Entry refusedByOther = entry(6);
        returned.exclude(refusedByOther, other);
        returned.add(refusedByOther);
        Entry refusedAnew = entry(7);
        returned.exclude(refusedAnew, consumer);
        returned.add(refusedAnew);

        assertThat(returned.firstFor(consumer)).isSameAs(refusedByOther);
        assertThat(returned.firstFor(other)).isSameAs(refusedAnew);
    }

    private static Consumer consumer() {
        return new Consumer(new Link(), ConsumerOptions.of(Outcome.RELEASED));
    }

    private static Entry entry(long sequence) {
        return Entry.arrived(sequence, new Payload(sequence, 1), MessageTraits.DEFAULT, true);
    }
}
