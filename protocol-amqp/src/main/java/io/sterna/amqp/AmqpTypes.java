package io.sterna.amqp;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;

/**
 * How AMQP values appear in maps that pass through this package (filters, properties, error info): null-free Java values
 * of the usual kinds (Boolean, Byte, Short, Integer, Long, Float, Double, Character, String, java.util.Date,
 * java.util.UUID, byte[], List, Map), and the records below for what Java lacks.
 */
public final class AmqpTypes {
    private AmqpTypes() {}

    /** A map with symbols as keys, encoded. Any thread; costs a codec of its own, so it is not for every message. */
    public static byte[] encode(Map<String, Object> annotations) {
        Map<?, ?> translated = Translate.protonFields(annotations);
        ByteBuffer encoded = new PerformativeCodec().encode(translated == null ? Map.of() : translated);
        byte[] bytes = new byte[encoded.remaining()];
        encoded.get(bytes);
        return bytes;
    }

    /** A symbol as a value; keys and capabilities are plain strings. */
    public record Symbol(String name) {
        @Override
        public String toString() {
            return name;
        }
    }

    /**
     * A described value.
     *
     * @param descriptor a {@link Symbol} or an {@link Unsigned} of 64 bits
     */
    public record Described(Object descriptor, Object value) {}

    /**
     * An unsigned integer.
     *
     * @param bits its width: 8, 16, 32 or 64
     * @param value its value; with 64 bits the two's complement pattern
     */
    public record Unsigned(int bits, long value) {}

    /**
     * An array, which differs from a list in that its elements are of one type. An empty one, and one of lists, maps, arrays
     * or described values, is written as a list.
     */
    public record Array(List<Object> elements) {
        public Array {
            elements = List.copyOf(elements);
        }
    }

    /** A value that has a type and no content. */
    public enum Null {
        NULL
    }
}
