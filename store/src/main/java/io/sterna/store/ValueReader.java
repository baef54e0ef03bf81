package io.sterna.store;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Reads values in order, a page at a time: those of MVStore as they are changed, and new ones. Owned by the worker. */
final class ValueReader {
    private static final int ENTRIES_PER_STEP = 1024;

    private final StoreState state;
    private final BlockStore blocks;

    /** @param end whether there is no more after it; otherwise it is not empty */
    record Page(List<Map.Entry<EntryKey, byte[]>> values, boolean end) {}

    ValueReader(StoreState state, BlockStore blocks) {
        this.state = state;
        this.blocks = blocks;
    }

    /** The values of a scope that come after {@code after}, until the sum of their sizes reaches {@code maxBytes}. */
    Page next(ValueScope scope, EntryKey after, long maxBytes) {
        List<Map.Entry<EntryKey, byte[]>> values = new ArrayList<>();
        EntryKey from = after;
        long bytes = 0;
        while (true) {
            TreeMap<EntryKey, byte[]> found = new TreeMap<>();
            Optional<EntryKey> last = blocks.nodes().collectValues(scope, from, ENTRIES_PER_STEP, found);
            state.valuesBeingPut().overlay(found, scope, from, last);
            state.values().overlay(found, scope, from, last);
            for (Map.Entry<EntryKey, byte[]> entry : found.entrySet()) {
                if (bytes >= maxBytes) {
                    return new Page(values, false);
                }
                values.add(entry);
                bytes += entry.getKey().key().length + entry.getValue().length;
            }
            if (last.isEmpty()) {
                return new Page(values, true);
            }
            from = last.get();
            if (!values.isEmpty()) {
                return new Page(values, false);
            }
        }
    }
}
