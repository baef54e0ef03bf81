package io.sterna.amqp;

import io.netty.util.collection.IntObjectHashMap;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** The deliveries of one direction of a session that are not settled, by delivery-id (AMQP 1.0 §2.6.12). */
final class UnsettledDeliveries<D> {
    private final IntObjectHashMap<D> byId = new IntObjectHashMap<>(4);

    /** Adds a delivery; returns whether its id was free. */
    boolean add(int id, D delivery) {
        D former = byId.put(id, delivery);
        if (former != null) {
            byId.put(id, former);
            return false;
        }
        return true;
    }

    void remove(int id) {
        byId.remove(id);
    }

    /** Removes a delivery unless it is not there any more; returns whether it was. */
    boolean remove(int id, D delivery) {
        boolean there = contains(id, delivery);
        if (there) {
            byId.remove(id);
        }
        return there;
    }

    boolean contains(int id, D delivery) {
        return byId.get(id) == delivery;
    }

    /**
     * Calls for each delivery with an id in a range, in their order. A range is whatever the peer wrote, up to 2³² ids:
     * the cost is bounded by what is unsettled.
     */
    void forRange(int first, int last, Consumer<D> action) {
        int count = last - first;
        if (count >= 0 && count <= byId.size()) {
            for (int id = first; id != last + 1; id++) {
                D delivery = byId.get(id);
                if (delivery != null) {
                    action.accept(delivery);
                }
            }
            return;
        }
        List<Integer> hits = new ArrayList<>();
        for (int id : byId.keySet()) {
            if (id - first >= 0 && last - id >= 0) {
                hits.add(id);
            }
        }
        hits.sort(Comparator.comparingInt(id -> id - first));
        for (int id : hits) {
            D delivery = byId.get(id);
            if (delivery != null) {
                action.accept(delivery);
            }
        }
    }

    void removeIf(Predicate<D> condition) {
        byId.values().removeIf(condition);
    }

    List<D> matching(Predicate<D> condition) {
        return byId.values().stream().filter(condition).toList();
    }

    int size() {
        return byId.size();
    }
}
