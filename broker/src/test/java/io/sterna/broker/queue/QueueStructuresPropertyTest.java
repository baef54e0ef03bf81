package io.sterna.broker.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.broker.queue.RecordingShell.Payload;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
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

    /**
     * A lane beside a list: things are added, taken out anywhere, and come back, while places move ahead in it; what has
     * come back behind a place is none of its business.
     */
    @Property(tries = 500)
    void shouldGiveWhatLiesAheadWhenEntriesComeAndGo(
            @ForAll @Size(max = 120) List<@IntRange(min = 0, max = 399) Integer> steps) {
        Lane lane = new Lane(4);
        TreeMap<Long, Entry> model = new TreeMap<>();
        List<Entry> out = new ArrayList<>();
        List<Place> places = List.of(new Place(), new Place(), new Place());
        long next = 1;
        for (int step : steps) {
            int choice = step / 8;
            switch (step % 8) {
                case 0, 1, 2 -> {
                    for (int count = 0; count <= choice; count++) {
                        Entry entry = entry(next);
                        next += 2;
                        lane.addLast(entry);
                        model.put(entry.sequence(), entry);
                    }
                }
                case 3 -> takeOut(lane, model, choice, 1, out);
                case 4 -> takeOut(lane, model, choice, 10, out);
                case 5 -> takeOut(lane, model, 0, choice, out);
                case 6 -> {
                    if (!out.isEmpty()) {
                        Entry back = out.remove(choice % out.size());
                        back.transitionTo(EntryState.RETURNED);
                        lane.addReturned(back);
                        model.put(back.sequence(), back);
                    }
                }
                default -> pass(lane, places.get(choice % 3), choice);
            }
            check(lane, model, places, choice);
        }
        assertThat(lane.removeAll()).containsExactlyElementsOf(model.values());
        assertThat(lane.size()).isZero();
    }

    private static void takeOut(Lane lane, NavigableMap<Long, Entry> model, int from, int count, List<Entry> out) {
        model.values().stream().skip(from).limit(count).toList().forEach(entry -> {
            lane.remove(entry, EntryState.ACQUIRED);
            model.remove(entry.sequence());
            out.add(entry);
        });
    }

    private static void pass(Lane lane, Place place, int count) {
        for (int passed = 0; passed < count; passed++) {
            Entry entry = lane.next(place);
            if (entry != null) {
                place.pass(entry);
            }
        }
    }

    private static void check(Lane lane, NavigableMap<Long, Entry> model, List<Place> places, int choice) {
        assertThat(lane.size()).isEqualTo(model.size());
        assertThat(lane.first())
                .isSameAs(model.isEmpty() ? null : model.firstEntry().getValue());
        for (Place place : places) {
            var expected = model.higherEntry(place.sequence);
            assertThat(lane.next(place)).isSameAs(expected == null ? null : expected.getValue());
        }
        long from = 3L * choice;
        var ceiling = model.ceilingEntry(from);
        assertThat(lane.firstFrom(from)).isSameAs(ceiling == null ? null : ceiling.getValue());
        assertThat(lane.range(from, from + 20))
                .containsExactlyInAnyOrderElementsOf(
                        model.subMap(from, from + 21).values());
    }

    /** The residents of a lane beside a map: whatever leaves in between, the farthest is found. */
    @Property(tries = 300)
    void shouldFindTheFarthestResidentWhenOthersLeave(
            @ForAll @Size(max = 100) List<@IntRange(min = 0, max = 99) Integer> steps) {
        Residents residents = new Residents();
        TreeMap<Long, Entry> model = new TreeMap<>();
        long next = 1;
        for (int step : steps) {
            int choice = step / 4;
            switch (step % 4) {
                case 0 -> {
                    Entry entry = entry(next);
                    next += 2;
                    residents.addArrived(entry);
                    model.put(entry.sequence(), entry);
                }
                case 1 -> {
                    Entry other = entry(2L * choice);
                    if (model.putIfAbsent(other.sequence(), other) == null) {
                        residents.add(other);
                    }
                }
                case 2 ->
                    model.values().stream().skip(choice).findFirst().ifPresent(entry -> {
                        residents.remove(entry);
                        model.remove(entry.sequence());
                    });
                default -> {
                    Map.Entry<Long, Entry> last = model.pollLastEntry();
                    assertThat(residents.removeFarthest()).isSameAs(last == null ? null : last.getValue());
                }
            }
        }
        for (Entry entry : model.descendingMap().values()) {
            assertThat(residents.removeFarthest()).isSameAs(entry);
        }
        assertThat(residents.removeFarthest()).isNull();
    }

    private static Entry entry(long sequence) {
        return Entry.arrived(sequence, new Payload(sequence, 1), MessageTraits.DEFAULT, true);
    }
}
