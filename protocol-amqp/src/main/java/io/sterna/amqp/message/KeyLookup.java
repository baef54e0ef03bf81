package io.sterna.amqp.message;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sterna.amqp.codec.AmqpValues;
import io.sterna.amqp.codec.DecodeException;
import java.util.Arrays;
import java.util.List;

/**
 * Keys, strings or symbols, that are looked up in the map of a section again and again, message by message. All of them
 * are found in one walk over the map, which compares bytes and decodes nothing. Immutable; any thread.
 */
public final class KeyLookup {
    private static final int ABSENT = -1;

    private final byte[][] keys;

    private KeyLookup(byte[][] keys) {
        this.keys = keys;
    }

    /** A lookup of these keys; they are known by their index from now on. */
    public static KeyLookup of(List<String> keys) {
        return new KeyLookup(keys.stream().map(key -> key.getBytes(UTF_8)).toArray(byte[][]::new));
    }

    /**
     * Finds the keys in the map that a section describes.
     *
     * @param section with its descriptor, empty when it is absent. Only its type and size have been checked: where the map
     *     turns out to be malformed the walk ends, and what was not found until then is absent.
     */
    FoundValues in(Slice section) {
        byte[] bytes = section.bytes();
        int end = section.end();
        int[] offsets = new int[keys.length];
        Arrays.fill(offsets, ABSENT);
        if (!section.isEmpty()) {
            try {
                walk(bytes, SectionReader.valueOffset(bytes, section.offset(), end), end, offsets);
            } catch (DecodeException malformed) {
                return new FoundValues(bytes, end, offsets);
            }
        }
        return new FoundValues(bytes, end, offsets);
    }

    private void walk(byte[] bytes, int mapAt, int end, int[] offsets) throws DecodeException {
        if (AmqpValues.isNull(bytes, mapAt, end)) {
            return;
        }
        int missing = offsets.length;
        int pairs = AmqpValues.count(bytes, mapAt, end) / 2;
        int at = AmqpValues.itemsOffset(bytes, mapAt);
        for (int pair = 0; pair < pairs && missing > 0; pair++) {
            int valueAt = AmqpValues.skip(bytes, at, end);
            int next = AmqpValues.skip(bytes, valueAt, end);
            int index = AmqpValues.isText(bytes, at, end) ? indexOf(bytes, at, valueAt) : ABSENT;
            // A key that is there twice is a mistake of the sender's; the first one counts.
            if (index != ABSENT && offsets[index] == ABSENT) {
                offsets[index] = valueAt;
                missing--;
            }
            at = next;
        }
    }

    private int indexOf(byte[] bytes, int keyAt, int keyEnd) {
        int start = AmqpValues.textOffset(bytes, keyAt);
        int length = keyEnd - start;
        for (int index = 0; index < keys.length; index++) {
            byte[] key = keys[index];
            if (key.length == length && Arrays.equals(key, 0, length, bytes, start, keyEnd)) {
                return index;
            }
        }
        return ABSENT;
    }
}
