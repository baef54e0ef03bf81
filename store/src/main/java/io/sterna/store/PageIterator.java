package io.sterna.store;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStoreException;
import org.h2.mvstore.Page;

/**
 * Goes through a map of MVStore by rising keys, and round pages that are damaged: a cursor of MVStore ends at the first
 * of them. The map must not be changed meanwhile. Owned by the worker, and by the opening thread before.
 */
final class PageIterator<K> {
    private final Consumer<MVStoreException> unreadable;
    private final Deque<Place<K>> path = new ArrayDeque<>();

    private static final class Place<K> {
        private final Page<K, byte[]> page;
        private int at = -1;

        Place(Page<K, byte[]> page) {
            this.page = page;
        }
    }

    /**
     * Begins before the first entry.
     *
     * @param unreadable hears once of each page that is damaged; what can't be read for another reason is thrown
     */
    PageIterator(MVMap<K, byte[]> map, Consumer<MVStoreException> unreadable) {
        this.unreadable = unreadable;
        path.push(new Place<>(map.getRootPage()));
    }

    /** Goes to the next entry; false when there are no more. */
    boolean advance() {
        while (!path.isEmpty()) {
            Place<K> place = path.peek();
            place.at++;
            if (place.page.isLeaf()) {
                if (place.at < place.page.getKeyCount()) {
                    return true;
                }
                path.pop();
            } else if (place.at < place.page.getRawChildPageCount()) {
                descend(place);
            } else {
                path.pop();
            }
        }
        return false;
    }

    private void descend(Place<K> place) {
        try {
            path.push(new Place<>(place.page.getChildPage(place.at)));
        } catch (MVStoreException e) {
            DiskFileStore.throwIfItMayPass(e);
            unreadable.accept(e);
        }
    }

    K key() {
        Place<K> place = path.element();
        return place.page.getKey(place.at);
    }

    byte[] value() {
        Place<K> place = path.element();
        return place.page.getValue(place.at);
    }
}
