package io.sterna.broker.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.broker.queue.RecordingShell.Payload;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class AgendaTest {
    @Test
    void shouldGiveEntriesByTimeAndThenBySequenceWhenPutMovedAndRemovedAtRandom() {
        Random random = new Random(42);
        Agenda agenda = new Agenda();
        List<Entry> entries = new ArrayList<>();
        Map<Entry, Long> times = new HashMap<>();
        TreeSet<Entry> expected =
                new TreeSet<>(Comparator.<Entry, Long>comparing(times::get).thenComparingLong(Entry::sequence));
        for (int step = 0; step < 20_000; step++) {
            int choice = random.nextInt(10);
            if (choice < 5 || entries.isEmpty()) {
                long sequence = entries.size();
                Entry entry = Entry.arrived(sequence, new Payload(sequence, 1), MessageTraits.DEFAULT, true);
                entries.add(entry);
                times.put(entry, (long) random.nextInt(1_000));
                agenda.put(entry, times.get(entry));
                expected.add(entry);
            } else if (choice < 8) {
                Entry entry = entries.get(random.nextInt(entries.size()));
                expected.remove(entry);
                times.put(entry, (long) random.nextInt(1_000));
                agenda.put(entry, times.get(entry));
                expected.add(entry);
            } else {
                Entry entry = entries.get(random.nextInt(entries.size()));
                expected.remove(entry);
                agenda.remove(entry);
            }
            assertThat(agenda.size()).isEqualTo(expected.size());
            assertThat(agenda.nextMillis()).isEqualTo(expected.isEmpty() ? Agenda.NEVER : times.get(expected.first()));
        }
        for (Entry entry = agenda.pollDue(10_000); entry != null; entry = agenda.pollDue(10_000)) {
            assertThat(entry).isSameAs(expected.pollFirst());
        }
        assertThat(expected).isEmpty();
    }

    @Test
    void shouldGiveNothingWhenNothingIsDue() {
        Agenda agenda = new Agenda();
        assertThat(agenda.pollDue(1)).isNull();
        agenda.put(Entry.arrived(1, new Payload(1, 1), MessageTraits.DEFAULT, true), 10);
        assertThat(agenda.pollDue(9)).isNull();
        assertThat(agenda.pollDue(10)).isNotNull();
    }
}
