package io.sterna.broker.queue;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The latest message of each value, in a queue that keeps no others. Owned by the partition's event loop. */
final class LastValues {
    private final Map<String, Entry> latest = new HashMap<>();

    /** A message has come; gives the one that it takes the place of, or null. */
    @Nullable
    Entry onArrived(Entry entry) {
        String value = entry.traits().lastValue();
        return value.isEmpty() ? null : latest.put(value, entry);
    }

    /** Whether a later message has taken the place of this one. */
    boolean superseded(Entry entry) {
        String value = entry.traits().lastValue();
        return !value.isEmpty() && latest.get(value) != entry;
    }

    void onGone(Entry entry) {
        String value = entry.traits().lastValue();
        if (!value.isEmpty()) {
            latest.remove(value, entry);
        }
    }

    void clear() {
        latest.clear();
    }
}
