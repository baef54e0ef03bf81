package io.sterna.amqp.message;

import io.sterna.amqp.codec.AmqpValues;
import io.sterna.amqp.codec.AmqpWriter;
import io.sterna.amqp.codec.DecodeException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Annotations in their encoded form: an AMQP map whose keys are symbols or ulongs (AMQP 1.0 §3.2.10), known to be well
 * formed. Immutable; any thread.
 */
public final class AnnotationMap {
    /** No annotations. */
    public static final AnnotationMap EMPTY = builder().build();

    private final Slice map;

    /** Only for a map that {@link #check} has accepted. */
    AnnotationMap(Slice map) {
        this.map = map;
    }

    /**
     * Takes over an encoded map, which nobody changes from now on.
     *
     * @throws DecodeException when the array is not exactly one map of annotations
     */
    public static AnnotationMap decode(byte[] encoded) throws DecodeException {
        int end = check(encoded, 0, encoded.length);
        if (end != encoded.length) {
            throw new DecodeException(end, "bytes left over after the map of annotations");
        }
        return new AnnotationMap(new Slice(encoded, 0, encoded.length));
    }

    /** Starts a map of annotations of our own. */
    public static Builder builder() {
        return new Builder();
    }

    public boolean isEmpty() {
        return AmqpValues.itemsOffset(map.bytes(), map.offset()) == map.end();
    }

    /**
     * The whole number or timestamp under a key, which is a symbol; empty when there is none.
     *
     * @param key of ASCII characters
     */
    public OptionalLong integer(String key) {
        byte[] bytes = map.bytes();
        int end = map.end();
        try {
            int at = AmqpValues.itemsOffset(bytes, map.offset());
            while (at < end) {
                int valueAt = AmqpValues.skip(bytes, at, end);
                if (isSymbolOf(key, bytes, at, valueAt)) {
                    return AmqpValues.readAnyInteger(bytes, valueAt, end);
                }
                at = AmqpValues.skip(bytes, valueAt, end);
            }
            return OptionalLong.empty();
        } catch (DecodeException e) {
            throw new IllegalStateException("annotations changed after they were checked", e);
        }
    }

    /** Compares in place, since every message that arrives is asked. */
    private static boolean isSymbolOf(String key, byte[] bytes, int at, int end) throws DecodeException {
        int start = end - key.length();
        if (start <= at || !AmqpValues.isSymbol(bytes, at, end)) {
            return false;
        }
        for (int index = 0; index < key.length(); index++) {
            if (bytes[start + index] != key.charAt(index)) {
                return false;
            }
        }
        return AmqpValues.readSymbol(bytes, at, end).length() == key.length();
    }

    /** The encoded map. */
    public Slice encoded() {
        return map;
    }

    /**
     * These annotations with the additional ones: a key that both have keeps its place and takes the additional value,
     * the others follow in their order.
     */
    public AnnotationMap mergedWith(AnnotationMap additional) {
        Map<Object, Slice> entryByKey = new LinkedHashMap<>();
        collectInto(entryByKey);
        additional.collectInto(entryByKey);
        AmqpWriter writer = new AmqpWriter(map.length() + additional.map.length());
        int begun = writer.beginMap();
        entryByKey.values().forEach(entry -> writer.writeEncoded(entry.bytes(), entry.offset(), entry.end()));
        return new AnnotationMap(
                Slice.of(writer.endMap(begun, 2 * entryByKey.size()).toByteArray()));
    }

    /** Checks that the value is a map of annotations and returns the offset after it. */
    static int check(byte[] bytes, int mapAt, int limit) throws DecodeException {
        if (!AmqpValues.isMap(bytes, mapAt, limit)) {
            throw new DecodeException(mapAt, "annotations must be a map");
        }
        int end = AmqpValues.validate(bytes, mapAt, limit);
        int at = AmqpValues.itemsOffset(bytes, mapAt);
        while (at < end) {
            if (!AmqpValues.isSymbol(bytes, at, end) && !AmqpValues.isUlong(bytes, at, end)) {
                throw new DecodeException(at, "key of an annotation must be a symbol or a ulong");
            }
            at = AmqpValues.skip(bytes, AmqpValues.skip(bytes, at, end), end);
        }
        return end;
    }

    /** Keyed by the keys' values, since one sender may write a longer encoding than another. */
    private void collectInto(Map<Object, Slice> entryByKey) {
        byte[] bytes = map.bytes();
        int end = map.end();
        try {
            int at = AmqpValues.itemsOffset(bytes, map.offset());
            while (at < end) {
                int next = AmqpValues.skip(bytes, AmqpValues.skip(bytes, at, end), end);
                entryByKey.put(key(bytes, at, end), new Slice(bytes, at, next - at));
                at = next;
            }
        } catch (DecodeException e) {
            throw new IllegalStateException("annotations changed after they were checked", e);
        }
    }

    private static Object key(byte[] bytes, int at, int end) throws DecodeException {
        return AmqpValues.isSymbol(bytes, at, end)
                ? AmqpValues.readSymbol(bytes, at, end)
                : (Object) AmqpValues.readUlong(bytes, at, end);
    }

    /** Builds a map in the order of the puts; each key once. Owned by one thread. */
    public static final class Builder {
        private final AmqpWriter writer = new AmqpWriter(64);
        private final int begun = writer.beginMap();
        private int items;

        private Builder() {}

        /** Puts a string. */
        public Builder putString(String key, String value) {
            key(key).writeString(value);
            return this;
        }

        /** Puts a long. */
        public Builder putLong(String key, long value) {
            key(key).writeLong(value);
            return this;
        }

        /** Puts an unsigned byte, 0 to 255. */
        public Builder putUbyte(String key, int value) {
            key(key).writeUbyte(value);
            return this;
        }

        /** The finished map. Call once. */
        public AnnotationMap build() {
            return new AnnotationMap(Slice.of(writer.endMap(begun, items).toByteArray()));
        }

        private AmqpWriter key(String key) {
            items += 2;
            return writer.writeSymbol(key);
        }
    }
}
