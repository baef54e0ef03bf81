package io.sterna.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.util.ArrayDeque;
import java.util.Queue;
import org.junit.jupiter.api.Test;

final class InMemoryStoreTest extends StoreContract {

    @Override
    Store open() {
        return new InMemoryStore();
    }

    @Override
    Store reopen(Store closed) {
        return ((InMemoryStore) closed).reopen();
    }

    @Test
    void shouldReportNothingDurableWhileHeldBack() throws StoreException {
        Queue<Runnable> tasks = new ArrayDeque<>();
        InMemoryStore store = new InMemoryStore(tasks::add);
        store.recover(new Recovered());
        RecordingLane listener = new RecordingLane();
        Lane lane = store.lane(listener);
        store.holdBack();
        lane.append(enqueue(1, 1, "a"));
        lane.append(enqueue(1, 2, "b"));
        runAll(tasks);
        assertThat(listener.calls()).isZero();
        store.release();
        runAll(tasks);
        assertThat(listener.durable()).isEqualTo(2);
        assertThat(listener.calls()).isEqualTo(1);
    }

    @Test
    void shouldLoseWhatWasNotDurableWhenCrashing() throws StoreException {
        InMemoryStore store = (InMemoryStore) openRecovered();
        appendDurably(store, enqueue(1, 1, "kept"));
        store.holdBack();
        Lane lane = store.lane(new RecordingLane());
        lane.append(enqueue(1, 2, "lost"));
        Store successor = opened(store.crash());
        assertThat(messages(Recovered.of(successor))).containsExactly("1/1");
        assertThatThrownBy(() -> lane.append(enqueue(1, 3, "late"))).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void shouldTellLanesOnceWhenFailing() throws StoreException {
        InMemoryStore store = (InMemoryStore) openRecovered();
        RecordingLane listener = new RecordingLane();
        Lane lane = store.lane(listener);
        store.fail("The disk is full.");
        store.fail("again");
        await().untilAsserted(() -> assertThat(listener.failures()).isEqualTo(1));
        assertThat(listener.cause().orElseThrow()).hasMessage("The disk is full.");
        assertThatThrownBy(() -> lane.append(enqueue(1, 1, "a"))).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> Reading.read(store, 1, 0, 1, 1)).hasMessage("The disk is full.");
    }

    private static void runAll(Queue<Runnable> tasks) {
        while (!tasks.isEmpty()) {
            tasks.remove().run();
        }
    }
}
