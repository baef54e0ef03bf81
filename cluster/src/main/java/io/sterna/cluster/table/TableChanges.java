package io.sterna.cluster.table;

import io.sterna.cluster.PartitionView;
import io.sterna.cluster.Placement;
import io.sterna.cluster.TableContent;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What was asked for and is not done yet: at most one view for each partition and one placement, of which the last counts, since
 * callers repeat what they need. Owned by the proposer.
 */
final class TableChanges {
    private final Map<Integer, Change<PartitionView>> views = new TreeMap<>();
    private Optional<Change<Placement>> placement = Optional.empty();
    private Optional<Beginning> beginning = Optional.empty();

    /**
     * @param generation of the table that the caller has heard of
     * @param expected the epoch or version that {@code next} is to follow
     */
    private record Change<T>(long generation, long expected, T next, long askedMillis) {}

    /** An empty table in place of another one. */
    private record Beginning(long expected, long generation, long askedMillis) {}

    void begin(long expectedGeneration, long generation, long nowMillis) {
        beginning = Optional.of(new Beginning(expectedGeneration, generation, nowMillis));
    }

    void ask(long generation, long expectedEpoch, PartitionView view, long nowMillis) {
        views.put(view.partition(), new Change<>(generation, expectedEpoch, view, nowMillis));
    }

    void ask(long generation, long expectedVersion, Placement next, long nowMillis) {
        placement = Optional.of(new Change<>(generation, expectedVersion, next, nowMillis));
    }

    boolean isEmpty() {
        return views.isEmpty() && placement.isEmpty() && beginning.isEmpty();
    }

    /** Forgets what was asked for before; whoever still needs it asks again. */
    void forgetUntil(long millis) {
        views.values().removeIf(change -> change.askedMillis() <= millis);
        placement = placement.filter(change -> change.askedMillis() > millis);
        beginning = beginning.filter(change -> change.askedMillis() > millis);
    }

    /** The table with all that still fits in it; what does not fit is forgotten, and with the table itself everything is. */
    TableContent applyTo(TableContent table) {
        beginning = beginning.filter(change -> change.expected() == table.generation());
        TableContent content =
                beginning.map(change -> TableContent.begun(change.generation())).orElse(table);
        long generation = content.generation();
        views.entrySet().removeIf(entry -> {
            PartitionView now = content.views().get(entry.getKey());
            return !fits(entry.getValue(), generation, now == null ? 0 : now.epoch());
        });
        placement = placement.filter(change -> fits(
                change, generation, content.placement().map(Placement::version).orElse(0L)));
        if (views.isEmpty() && placement.isEmpty()) {
            return content;
        }
        Map<Integer, PartitionView> next = new TreeMap<>(content.views());
        views.forEach((partition, change) -> next.put(partition, change.next()));
        return new TableContent(generation, next, placement.map(Change::next).or(content::placement));
    }

    private static boolean fits(Change<?> change, long generation, long now) {
        return change.generation() == generation && change.expected() == now;
    }
}
