package io.sterna.broker.queue;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The messages that were delivered and came back, rising by sequence. Those that exclude a consumer are kept apart, so
 * that the others are found without a search. Owned by the partition's event loop.
 */
final class Returned {
    private final TreeMap<Long, Entry> open = new TreeMap<>();
    private final TreeMap<Long, Entry> restricted = new TreeMap<>();
    private final Set<Consumer> excludedConsumers = new LinkedHashSet<>();

    int size() {
        return open.size() + restricted.size();
    }

    /** Whether what is first for one consumer is first for all. */
    boolean sameForAll() {
        return excludedConsumers.isEmpty();
    }

    void add(Entry entry) {
        if (!entry.restricted()) {
            open.put(entry.sequence(), entry);
            return;
        }
        restricted.put(entry.sequence(), entry);
        for (Consumer consumer : excludedConsumers) {
            consumer.restrictedFrom = Math.min(consumer.restrictedFrom, entry.sequence());
        }
    }

    void remove(Entry entry) {
        (entry.restricted() ? restricted : open).remove(entry.sequence());
    }

    /** The first one of all, or null. */
    @Nullable
    Entry first() {
        Entry anyone = open.isEmpty() ? null : open.firstEntry().getValue();
        Entry choosy = restricted.isEmpty() ? null : restricted.firstEntry().getValue();
        return choosy == null || (anyone != null && anyone.sequence() < choosy.sequence()) ? anyone : choosy;
    }

    /** The first one that the consumer may have, or null. */
    @Nullable
    Entry firstFor(Consumer consumer) {
        Entry anyone = open.isEmpty() ? null : open.firstEntry().getValue();
        Entry chosen = restricted.isEmpty() ? null : firstRestrictedFor(consumer);
        if (anyone == null || (chosen != null && chosen.sequence() < anyone.sequence())) {
            return chosen;
        }
        return anyone;
    }

    /** Remembers how far it has searched, so that many exclusions are passed once and not for each delivery. */
    private @Nullable Entry firstRestrictedFor(Consumer consumer) {
        if (consumer.exclusions == 0) {
            return restricted.firstEntry().getValue();
        }
        for (Entry entry : restricted.tailMap(consumer.restrictedFrom, true).values()) {
            if (!entry.excludes(consumer)) {
                consumer.restrictedFrom = entry.sequence();
                return entry;
            }
        }
        consumer.restrictedFrom = Long.MAX_VALUE;
        return null;
    }

    /** To be called while the entry is in neither map. */
    void exclude(Entry entry, Consumer consumer) {
        if (entry.excludes(consumer)) {
            return;
        }
        entry.exclude(consumer);
        if (consumer.exclusions++ == 0) {
            consumer.restrictedFrom = Long.MIN_VALUE;
            excludedConsumers.add(consumer);
        }
    }

    /** An entry leaves the queue; its exclusions no longer count. */
    void forgetExclusions(Entry entry) {
        for (Consumer consumer : entry.excluded()) {
            if (--consumer.exclusions == 0) {
                excludedConsumers.remove(consumer);
            }
        }
    }

    void forgetConsumer(Consumer consumer) {
        excludedConsumers.remove(consumer);
    }

    @Nullable
    Entry find(long sequence) {
        Entry entry = open.get(sequence);
        return entry != null ? entry : restricted.get(sequence);
    }

    /** The entries from one sequence to another, both included; none if the second is below the first. */
    List<Entry> range(long from, long to) {
        List<Entry> found = new ArrayList<>();
        if (to < from) {
            return found;
        }
        for (NavigableMap<Long, Entry> map : List.of(open, restricted)) {
            found.addAll(map.subMap(from, true, to, true).values());
        }
        return found;
    }

    List<Entry> removeAll() {
        List<Entry> all = range(Long.MIN_VALUE, Long.MAX_VALUE);
        open.clear();
        restricted.clear();
        return all;
    }
}
