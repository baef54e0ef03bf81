package io.sterna.amqp;

import io.netty.util.collection.IntObjectHashMap;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** The deliveries of one direction of a session that are not settled, by delivery-id (AMQP 1.0 §2.6.12). */
final class UnsettledDeliveries<D> {
    /**
     * Ids come one after the other, and the map puts a key at the place of its lowest bits: side by side, so that each
     * removal would look at all that follow. A multiplication by an odd number spreads them, and can be undone.
     */
    private static final int SPREAD = 0x9E3779B1;

    private static final int GATHER = 0x0E8B2F51;

    private final IntObjectHashMap<D> byKey = new IntObjectHashMap<>(4);

    /** Adds a delivery; returns whether its id was free. */
    boolean add(int id, D delivery) {
        D former = byKey.put(key(id), delivery);
        if (former != null) {
            byKey.put(key(id), former);
            return false;
        }
        return true;
    }

    void remove(int id) {
        byKey.remove(key(id));
    }

    /** Removes a delivery unless it is not there any more; returns whether it was. */
    boolean remove(int id, D delivery) {
        boolean there = contains(id, delivery);
        if (there) {
            byKey.remove(key(id));
        }
        return there;
    }

    boolean contains(int id, D delivery) {
        return byKey.get(key(id)) == delivery;
    }

    /**
     * Calls for each delivery with an id in a range, in their order. A range is whatever the peer wrote, up to 2³² ids:
     * the cost is bounded by what is unsettled.
     */
    void forRange(int first, int last, Consumer<D> action) {
        int count = last - first;
        if (count >= 0 && count <= byKey.size()) {
            for (int id = first; id != last + 1; id++) {
                D delivery = byKey.get(key(id));
                if (delivery != null) {
                    action.accept(delivery);
                }
            }
            return;
        }
        List<Integer> hits = new ArrayList<>();
        for (int key : byKey.keySet()) {
            int id = key * GATHER;
            if (id - first >= 0 && last - id >= 0) {
                hits.add(id);
            }
        }
        hits.sort(Comparator.comparingInt(id -> id - first));
        for (int id : hits) {
            D delivery = byKey.get(key(id));
            if (delivery != null) {
                action.accept(delivery);
            }
        }
    }

    void removeIf(Predicate<D> condition) {
        byKey.values().removeIf(condition);
    }

    List<D> matching(Predicate<D> condition) {
        return byKey.values().stream().filter(condition).toList();
    }

    private static int key(int id) {
        return id * SPREAD;
    }

    int size() {
        return byKey.size();
    }
}
