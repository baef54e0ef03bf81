package io.sterna.cluster.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.cluster.ReplicaMessage.Refused;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class OutgoingQueueTest {
    private final AtomicInteger wakeUps = new AtomicInteger();
    private final OutgoingQueue queue = new OutgoingQueue(100, 1_000, wakeUps::incrementAndGet);

    @Test
    void shouldWakeTheLoopOnceForAllThatIsAddedInATurn() {
        queue.offer(entry(10));
        queue.offer(entry(10));
        assertThat(wakeUps).hasValue(1);

        queue.onAwake();
        queue.offer(entry(10));
        assertThat(wakeUps).hasValue(2);
    }

    @Test
    void shouldTakeNothingMoreAfterWhatWasTooMuch() {
        assertThat(queue.offer(entry(60))).isTrue();
        assertThat(queue.offer(entry(41))).isFalse();
        assertThat(queue.offer(entry(1))).isFalse();
        assertThat(queue.overflow()).hasValue("more waited to be sent to it than the 100 bytes that may");

        assertThat(queue.poll()).isEqualTo(entry(60));
        assertThat(queue.poll()).isNull();
    }

    @Test
    void shouldTakeAgainAsMuchAsHasGone() {
        queue.offer(entry(60));
        assertThat(queue.bytes()).isEqualTo(60);
        queue.poll();

        assertThat(queue.offer(entry(100))).isTrue();
        assertThat(queue.overflow()).isEmpty();
    }

    @Test
    void shouldTakeALongMessageWhenItIsAlone() {
        assertThat(queue.offer(entry(1_000))).isTrue();
        assertThat(queue.offer(entry(1))).isFalse();
    }

    @Test
    void shouldNotTakeAMessageThatTheOtherSideWouldRefuse() {
        assertThat(queue.offer(entry(1_001))).isFalse();
        assertThat(queue.overflow())
                .hasValue("a message of about 1001 bytes is longer than the 1000 bytes that nodes take");
    }

    @Test
    void shouldTakeNothingWhenItIsClosed() {
        queue.offer(entry(10));
        queue.close();

        assertThat(queue.offer(entry(10))).isFalse();
        assertThat(queue.poll()).isNull();
    }

    private static Outgoing entry(long bytes) {
        return new Outgoing.OfReplica(1, new Refused(1, 2), bytes);
    }
}
