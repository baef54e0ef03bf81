package io.sterna.broker.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.broker.queue.RecordingShell.Payload;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** The queue's own collections against those of the JDK. */
class QueueStructuresPropertyTest {

    /** Negative numbers remove; few distinct ones, so that probe sequences run into each other. */
    @Property(tries = 300)
    void shouldHoldWhatAMapHoldsWhenDeliveriesComeAndGo(
            @ForAll @Size(max = 400) List<@IntRange(min = -90, max = 90) Integer> steps) {
        UnsettledTable table = new UnsettledTable();
        TreeMap<Long, Entry> model = new TreeMap<>();
        for (int step : steps) {
            long sequence = Math.abs(step) * 4096L;
            if (step < 0) {
                Entry removed = table.remove(sequence);
                assertThat(removed).isSameAs(model.remove(sequence));
            } else if (!model.containsKey(sequence)) {
                Entry entry = entry(sequence);
                model.put(sequence, entry);
                table.put(entry);
            }
            assertThat(table.size()).isEqualTo(model.size());
        }
        assertThat(table.removeAll()).containsExactlyElementsOf(model.values());
        assertThat(table.size()).isZero();
    }

    /** Positive numbers add so many, negative ones take so many away, 0 removes every third one. */
    @Property(tries = 300)
    void shouldHoldWhatADequeHoldsWhenMessagesComeAndGo(
            @ForAll @Size(max = 60) List<@IntRange(min = -60, max = 60) Integer> steps) {
        Fresh fresh = new Fresh();
        ArrayDeque<Entry> model = new ArrayDeque<>();
        long next = 1;
        for (int step : steps) {
            for (int count = 0; count < step; count++) {
                Entry entry = entry(next);
                next += 2;
                fresh.addLast(entry);
                model.addLast(entry);
            }
            for (int count = step; count < 0 && !model.isEmpty(); count++) {
                assertThat(fresh.first()).isSameAs(model.removeFirst());
                fresh.removeFirst();
            }
            if (step == 0) {
                for (Entry entry : List.copyOf(model)) {
                    if (entry.sequence() % 3 == 0) {
                        entry.transitionTo(EntryState.GONE);
                        model.remove(entry);
                    }
                }
                fresh.removeGone();
            }
            checkSame(fresh, new ArrayList<>(model));
        }
    }

    private static void checkSame(Fresh fresh, List<Entry> model) {
        assertThat(fresh.size()).isEqualTo(model.size());
        for (int index = 0; index < model.size(); index++) {
            Entry entry = model.get(index);
            assertThat(fresh.get(index)).isSameAs(entry);
            assertThat(fresh.find(entry.sequence())).isSameAs(entry);
            assertThat(fresh.find(entry.sequence() - 1)).isNull();
            assertThat(fresh.indexFrom(entry.sequence() - 1)).isEqualTo(index);
        }
    }

    private static Entry entry(long sequence) {
        return Entry.arrived(sequence, new Payload(sequence, 1), MessageTraits.DEFAULT, true);
    }
}
