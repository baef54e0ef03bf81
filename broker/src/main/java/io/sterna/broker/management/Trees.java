package io.sterna.broker.management;

import io.sterna.amqp.codec.AmqpScalars;
import io.sterna.amqp.codec.AmqpValues;
import io.sterna.amqp.codec.AmqpWriter;
import io.sterna.amqp.codec.DecodeException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Maps, lists, texts, numbers and truth values as AMQP writes them (AMQP 1.0 §1.6). */
final class Trees {
    private static final int INT = 0x71;
    private static final int DOUBLE = 0x82;
    private static final int UUID_CODE = 0x98;

    private Trees() {}

    /** Reads a value; what is null, or of a type that has no place here, is left out. */
    static Object read(byte[] bytes, int at, int limit) throws DecodeException {
        if (AmqpValues.isMap(bytes, at, limit)) {
            return readMap(bytes, at, limit);
        }
        if (!AmqpValues.isList(bytes, at, limit)) {
            return AmqpScalars.read(bytes, at, limit).orElse("");
        }
        List<Object> list = new ArrayList<>();
        int itemAt = AmqpValues.itemsOffset(bytes, at);
        for (int left = AmqpValues.count(bytes, at, limit); left > 0; left--) {
            int end = AmqpValues.skip(bytes, itemAt, limit);
            list.add(read(bytes, itemAt, end));
            itemAt = end;
        }
        return list;
    }

    /** Reads a map, whose keys become texts; what is null is left out. */
    static Map<String, Object> readMap(byte[] bytes, int at, int limit) throws DecodeException {
        Map<String, Object> map = new LinkedHashMap<>();
        readNullableMap(bytes, at, limit).forEach((key, value) -> value.ifPresent(its -> map.put(key, its)));
        return map;
    }

    /** As {@link #readMap}; what is null is empty. */
    static Map<String, Optional<Object>> readNullableMap(byte[] bytes, int at, int limit) throws DecodeException {
        AmqpValues.validate(bytes, at, limit);
        Map<String, Optional<Object>> map = new LinkedHashMap<>();
        int keyAt = AmqpValues.itemsOffset(bytes, at);
        for (int left = AmqpValues.count(bytes, at, limit); left > 1; left -= 2) {
            int valueAt = AmqpValues.skip(bytes, keyAt, limit);
            int end = AmqpValues.skip(bytes, valueAt, limit);
            Optional<Object> value = AmqpValues.isNull(bytes, valueAt, limit)
                    ? Optional.empty()
                    : Optional.of(read(bytes, valueAt, end));
            map.put(String.valueOf(read(bytes, keyAt, valueAt)), value);
            keyAt = end;
        }
        return map;
    }

    /** Writes a value. */
    static void write(Object value, AmqpWriter out) {
        if (value instanceof Map<?, ?> map) {
            int begun = out.beginMap();
            map.forEach((key, item) -> {
                out.writeString(String.valueOf(key));
                write(item, out);
            });
            out.endMap(begun, 2 * map.size());
        } else if (value instanceof List<?> list) {
            int begun = out.beginList();
            list.forEach(item -> write(item, out));
            out.endList(begun, list.size());
        } else if (value instanceof Boolean truth) {
            out.writeBoolean(truth);
        } else if (value instanceof Long number) {
            out.writeLong(number);
        } else if (value instanceof Integer number) {
            writeInt(number, out);
        } else if (value instanceof Double number) {
            writeDouble(number, out);
        } else {
            out.writeString(String.valueOf(value));
        }
    }

    private static void writeDouble(double value, AmqpWriter out) {
        byte[] encoded = new byte[1 + Double.BYTES];
        ByteBuffer.wrap(encoded).put((byte) DOUBLE).putDouble(value);
        out.writeEncoded(encoded, 0, encoded.length);
    }

    /** Writes an AMQP int. */
    static void writeInt(int value, AmqpWriter out) {
        byte[] encoded = {(byte) INT, (byte) (value >> 24), (byte) (value >> 16), (byte) (value >> 8), (byte) value};
        out.writeEncoded(encoded, 0, encoded.length);
    }

    /** Writes what {@link AmqpScalars} reads of a message-id (AMQP 1.0 §3.2.11 to §3.2.14). */
    static void writeMessageId(Object id, AmqpWriter out) {
        if (id instanceof Number number) {
            out.writeUlong(number.longValue());
        } else if (id instanceof byte[] binary) {
            out.writeBinary(binary);
        } else if (id instanceof UUID uuid) {
            byte[] encoded = new byte[17];
            encoded[0] = (byte) UUID_CODE;
            for (int i = 0; i < Long.BYTES; i++) {
                encoded[1 + i] = (byte) (uuid.getMostSignificantBits() >> (56 - 8 * i));
                encoded[9 + i] = (byte) (uuid.getLeastSignificantBits() >> (56 - 8 * i));
            }
            out.writeEncoded(encoded, 0, encoded.length);
        } else {
            out.writeString(String.valueOf(id));
        }
    }
}
