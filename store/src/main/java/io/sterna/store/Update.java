package io.sterna.store;

import java.nio.ByteBuffer;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * What a message has that most messages have not.
 *
 * @param traits opaque; not changed
 * @param annotations opaque; not changed
 */
record Update(int deliveryCount, byte[] traits, byte[] annotations) {
    static final byte[] NO_BYTES = {};
    static final Update NONE = new Update(0, NO_BYTES, NO_BYTES);

    /** As a message comes. */
    static Update fresh(byte[] traits) {
        return traits.length == 0 ? NONE : new Update(0, traits, NO_BYTES);
    }

    boolean isNone() {
        return deliveryCount == 0 && traits.length == 0 && annotations.length == 0;
    }

    /** At most so many bytes are what {@link #putAll} puts. */
    static int maxBytes(NavigableMap<Integer, Update> updates) {
        int bytes = Integer.BYTES;
        for (Update update : updates.values()) {
            bytes += 4 * Varint.MAX_BYTES + update.traits().length + update.annotations().length;
        }
        return bytes;
    }

    /**
     * Puts updates, by some number of their message's:
     *
     * <pre>
     *  +-------+---------------------------------------------------------------------------------------------+
     *  | count | count × (number, delivery count, traits length, annotations length, traits, annotations)    |
     *  | int   |          varints                                                                            |
     *  +-------+---------------------------------------------------------------------------------------------+
     * </pre>
     */
    static void putAll(ByteBuffer out, NavigableMap<Integer, Update> updates) {
        out.putInt(updates.size());
        updates.forEach((number, update) -> {
            Varint.put(out, number);
            Varint.put(out, update.deliveryCount());
            Varint.put(out, update.traits().length);
            Varint.put(out, update.annotations().length);
            out.put(update.traits()).put(update.annotations());
        });
    }

    static NavigableMap<Integer, Update> getAll(ByteBuffer in) {
        TreeMap<Integer, Update> updates = new TreeMap<>();
        for (int left = in.getInt(); left > 0; left--) {
            int number = (int) Varint.get(in);
            int deliveryCount = (int) Varint.get(in);
            byte[] traits = new byte[(int) Varint.get(in)];
            byte[] annotations = new byte[(int) Varint.get(in)];
            in.get(traits).get(annotations);
            updates.put(number, new Update(deliveryCount, traits, annotations));
        }
        return updates;
    }
}
