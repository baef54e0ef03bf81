package io.sterna.broker.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.broker.queue.RecordingShell.Payload;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.jspecify.annotations.Nullable;

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
     * A lane beside a list: things are added, taken out anywhere, and come back, payloads are let go and given back, while
     * places move ahead in it; what has come back behind a place is none of its business. What may be packed is packed
     * after each step, so that entries are told by their sequences.
     */
    @Property(tries = 1000)
    void shouldGiveWhatLiesAheadWhenEntriesComeAndGo(
            @ForAll @IntRange(min = 2, max = 9) int stretchSlots,
            @ForAll @Size(max = 150) List<@IntRange(min = 0, max = 499) Integer> steps) {
        Timing timing = new Timing(() -> 0);
        Lane lane = new Lane(4, stretchSlots, timing);
        NavigableMap<Long, Boolean> model = new TreeMap<>();
        List<Entry> out = new ArrayList<>();
        List<Place> places = List.of(new Place(), new Place(), new Place());
        long next = 1;
        for (int step : steps) {
            int choice = step / 10;
            switch (step % 10) {
                case 0, 1, 2 -> {
                    for (int count = 0; count <= choice; count++) {
                        boolean restored = step % 10 > 0;
                        Entry entry = restored ? restored(next, choice % 3) : entry(next);
                        lane.addLast(entry);
                        timing.onWaiting(entry);
                        model.put(next, !restored);
                        next += choice % 4 == 0 ? 1 + count : 2;
                    }
                }
                case 3 -> takeOut(lane, timing, model, choice, 1, out);
                case 4 -> takeOut(lane, timing, model, choice, 10, out);
                case 5 -> takeOut(lane, timing, model, 0, choice, out);
                case 6 -> {
                    if (!out.isEmpty()) {
                        Entry back = out.remove(choice % out.size());
                        back.transitionTo(EntryState.RETURNED);
                        lane.addReturned(back);
                        timing.onWaiting(back);
                        model.put(back.sequence(), back.resident());
                    }
                }
                case 7 -> dropFarthest(lane, model, choice);
                case 8 -> supply(lane, model, choice);
                default -> pass(lane, places.get(choice % 3), choice);
            }
            lane.pack();
            checkNextExpiry(lane, timing, model);
            check(lane, model, places, choice);
        }
        for (long sequence : model.keySet()) {
            Entry first = Objects.requireNonNull(lane.first());
            assertThat(first.sequence()).isEqualTo(sequence);
            lane.remove(first, EntryState.GONE);
            timing.forget(first);
            lane.pack();
            checkNextExpiry(lane, timing, model.tailMap(sequence, false));
        }
        assertThat(lane.first()).isNull();
        assertThat(lane.size()).isZero();
    }

    /** Else the heap would grow with the backlog. */
    @Example
    void shouldKeepNoObjectsForWhatWaitsFarFromDelivery() {
        Lane lane = new Lane(4, 4, new Timing(() -> 0));
        List<Entry> added = new ArrayList<>();
        for (long sequence = 0; sequence < 100; sequence++) {
            added.add(sequence < 50 ? restored(sequence, 0) : entry(sequence));
            lane.addLast(added.get((int) sequence));
        }
        lane.pack();

        assertThat(lane.first()).isSameAs(added.get(0));
        assertThat(lane.firstFrom(20)).isNotSameAs(added.get(20));
        assertThat(lane.firstFrom(70)).as("its payload is in memory").isSameAs(added.get(70));
        Entry seen = lane.firstFrom(30);
        lane.pack();
        assertThat(lane.firstFrom(30)).as("who looks here may do so again").isSameAs(seen);
        lane.range(0, 49);
        lane.pack();
        lane.pack();
        assertThat(lane.firstFrom(10)).isNotSameAs(added.get(10));
    }

    /** Else all that is packed would be objects again when it expires together, or while nobody was there. */
    @Example
    void shouldUnpackFewWhenManyAreDueAtOnce() {
        Timing timing = new Timing(() -> 0);
        Lane lane = new Lane(4, 4, timing);
        for (long sequence = 0; sequence < 100; sequence++) {
            Entry entry = Entry.recovered(sequence, 1, 0, new MessageTraits(4, 1_000, 0, ""), new byte[0]);
            lane.addLast(entry);
            timing.onWaiting(entry);
        }
        lane.pack();

        int expired = 0;
        while (lane.size() > 0) {
            lane.openExpiring(1_000);
            List<Entry> due = new ArrayList<>();
            for (Entry next = timing.pollDue(1_000); next != null; next = timing.pollDue(1_000)) {
                due.add(next);
            }
            assertThat(due)
                    .as("the first and the last ones, or some between them")
                    .hasSizeBetween(1, 8);
            due.forEach(entry -> lane.remove(entry, EntryState.GONE));
            expired += due.size();
        }
        assertThat(expired).isEqualTo(100);
    }

    private static void takeOut(
            Lane lane, Timing timing, NavigableMap<Long, Boolean> model, int from, int count, List<Entry> out) {
        model.keySet().stream().skip(from).limit(count).toList().forEach(sequence -> {
            Entry entry = Objects.requireNonNull(lane.firstFrom(sequence));
            lane.remove(entry, EntryState.ACQUIRED);
            timing.onAcquired(entry, 0);
            model.remove(sequence);
            out.add(entry);
        });
    }

    private static void dropFarthest(Lane lane, NavigableMap<Long, Boolean> model, int count) {
        for (int dropped = 0; dropped < count; dropped++) {
            Entry entry = lane.removeFarthestResident();
            if (entry != null) {
                entry.dropPayload();
                lane.onAbsent(entry);
                assertThat(model.put(entry.sequence(), false)).isTrue();
            }
        }
        assertThat(model.values().stream().skip(model.size() - Math.min(count, model.size())))
                .doesNotContain(true);
    }

    private static void supply(Lane lane, NavigableMap<Long, Boolean> model, int from) {
        for (Entry entry : lane.range(3L * from, 3L * from + 12)) {
            if (!entry.resident()) {
                entry.supply(new Payload(entry.sequence(), 1));
                lane.onSupplied(entry);
                model.put(entry.sequence(), true);
            }
        }
    }

    private static void pass(Lane lane, Place place, int count) {
        for (int passed = 0; passed < count; passed++) {
            Entry entry = lane.next(place);
            if (entry != null) {
                place.pass(entry);
            }
        }
    }

    private static void check(Lane lane, NavigableMap<Long, Boolean> model, List<Place> places, int choice) {
        assertThat(lane.size()).isEqualTo(model.size());
        check(lane.first(), model.firstEntry());
        for (Place place : places) {
            check(lane.next(place), model.higherEntry(place.sequence));
        }
        long from = 3L * choice;
        check(lane.firstFrom(from), model.ceilingEntry(from));
        assertThat(lane.range(from, from + 20))
                .extracting(Entry::sequence)
                .containsExactlyInAnyOrderElementsOf(
                        model.subMap(from, from + 21).keySet());
        if (choice == 0) {
            assertThat(lane.range(Long.MIN_VALUE, Long.MAX_VALUE))
                    .extracting(Entry::sequence)
                    .containsExactlyInAnyOrderElementsOf(model.keySet());
        }
    }

    /** What expires first is known, be it packed or not. */
    private static void checkNextExpiry(Lane lane, Timing timing, NavigableMap<Long, Boolean> model) {
        long expected = model.keySet().stream()
                .mapToLong(sequence -> traits(sequence).expiresAtMillis())
                .filter(millis -> millis != 0)
                .min()
                .orElse(Agenda.NEVER);
        assertThat(Math.min(lane.nextExpiryMillis(), timing.nextMillis())).isEqualTo(expected);
    }

    private static void check(@Nullable Entry entry, Map.@Nullable Entry<Long, Boolean> expected) {
        if (expected == null) {
            assertThat(entry).isNull();
            return;
        }
        Entry found = Objects.requireNonNull(entry);
        assertThat(found.sequence()).isEqualTo(expected.getKey());
        assertThat(found.resident()).isEqualTo(expected.getValue());
        assertThat(found.waiting()).isTrue();
        assertThat(found.sizeBytes()).isEqualTo(size(found.sequence()));
        assertThat(found.traits()).isEqualTo(traits(found.sequence()));
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
        return Entry.arrived(sequence, new Payload(sequence, size(sequence)), traits(sequence), true);
    }

    /** One of three kinds: nothing is said of it, it was delivered before the restart, or it has annotations. */
    private static Entry restored(long sequence, int kind) {
        byte[] annotations = new byte[kind == 2 ? 1 : 0];
        return Entry.recovered(sequence, size(sequence), kind == 1 ? 3 : 0, traits(sequence), annotations);
    }

    /** Of nine messages that follow each other, three never expire, and the others are about as far apart as they come. */
    private static MessageTraits traits(long sequence) {
        return new MessageTraits(4, sequence % 9 < 3 ? 0 : 1_000_000 + 10 * sequence - sequence % 4 * 50, 0, "");
    }

    private static int size(long sequence) {
        return sequence % 5 == 0 ? 7 : 1;
    }
}
