package io.sterna.amqp.codec;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.OptionalLong;

/**
 * Reads AMQP 1.0 encoded values in place (AMQP 1.0 part 1). Every method takes an array, the offset of a value's
 * constructor and a limit, the offset after the last byte that may belong to it, with
 * {@code 0 <= offset <= limit <= bytes.length}; it reads nothing beyond the limit, keeps nothing, allocates nothing but
 * its result, and throws {@link DecodeException} for whatever a peer may have got wrong. Any thread.
 */
public final class AmqpValues {
    /**
     * How deep described types, lists, maps and arrays may lie in each other. A performative with a terminus and its
     * filters needs eight; Proton-J's decoder gives up at 32 as well.
     */
    public static final int MAX_DEPTH = 32;

    private AmqpValues() {}

    /**
     * Checks one value of any type through to its last byte and returns the offset after it. A value that passes is at
     * most {@link #MAX_DEPTH} deep, its sizes and counts are exactly those of what is there, its strings are UTF-8 and
     * its symbols ASCII, so that decoding it into objects costs time and memory in proportion to its bytes. Takes time
     * in proportion to the bytes up to the limit.
     *
     * <p>Refused although the type system allows them: arrays of elements without bytes (ten bytes can claim 4 G of
     * them), map keys that are described, compound, arrays, decimals or null, and maps with many keys of the same hash.
     *
     * <p>A value that passes need not be one that a decoder can use: a performative may still lack a field or have one
     * of another type.
     */
    public static int validate(byte[] bytes, int offset, int limit) throws DecodeException {
        return ValueWalker.walk(bytes, offset, limit, 0);
    }

    /**
     * The offset after the value, found from its size alone: what lies inside a list, map, array, string or symbol is
     * not looked at. Takes constant time, except for descriptors, which are validated.
     */
    public static int skip(byte[] bytes, int offset, int limit) throws DecodeException {
        int at = ValueWalker.formatCodeOffset(bytes, offset, limit);
        return ValueWalker.skipData(bytes, bytes[at] & 0xff, at + 1, limit);
    }

    /** Whether the value is described. */
    public static boolean isDescribed(byte[] bytes, int offset, int limit) throws DecodeException {
        return ValueWalker.code(bytes, offset, limit) == FormatCode.DESCRIBED;
    }

    /** Whether the value is null. */
    public static boolean isNull(byte[] bytes, int offset, int limit) throws DecodeException {
        return ValueWalker.code(bytes, offset, limit) == FormatCode.NULL;
    }

    /** Whether the value is a list. */
    public static boolean isList(byte[] bytes, int offset, int limit) throws DecodeException {
        int code = ValueWalker.code(bytes, offset, limit);
        return code == FormatCode.LIST_0 || code == FormatCode.LIST_8 || code == FormatCode.LIST_32;
    }

    /** Whether the value is a map. */
    public static boolean isMap(byte[] bytes, int offset, int limit) throws DecodeException {
        return FormatCode.isMap(ValueWalker.code(bytes, offset, limit));
    }

    /** Whether the value is a string. */
    public static boolean isString(byte[] bytes, int offset, int limit) throws DecodeException {
        return FormatCode.isString(ValueWalker.code(bytes, offset, limit));
    }

    /** Whether the value is a symbol. */
    public static boolean isSymbol(byte[] bytes, int offset, int limit) throws DecodeException {
        return FormatCode.isSymbol(ValueWalker.code(bytes, offset, limit));
    }

    /** Whether the value is a string or a symbol. */
    public static boolean isText(byte[] bytes, int offset, int limit) throws DecodeException {
        int code = ValueWalker.code(bytes, offset, limit);
        return FormatCode.isString(code) || FormatCode.isSymbol(code);
    }

    /** The offset of the first character's bytes of a string or symbol that {@link #skip} has accepted. */
    public static int textOffset(byte[] bytes, int offset) {
        return offset + 1 + FormatCode.sizeWidthBytes(bytes[offset] & 0xff);
    }

    /** Whether the value is binary. */
    public static boolean isBinary(byte[] bytes, int offset, int limit) throws DecodeException {
        int code = ValueWalker.code(bytes, offset, limit);
        return code == FormatCode.BINARY_8 || code == FormatCode.BINARY_32;
    }

    /** Whether the value is an unsigned long. */
    public static boolean isUlong(byte[] bytes, int offset, int limit) throws DecodeException {
        int code = ValueWalker.code(bytes, offset, limit);
        return code == FormatCode.SMALL_ULONG || code == FormatCode.ULONG || code == FormatCode.ULONG_0;
    }

    /** Whether the value is a timestamp. */
    public static boolean isTimestamp(byte[] bytes, int offset, int limit) throws DecodeException {
        return ValueWalker.code(bytes, offset, limit) == FormatCode.TIMESTAMP;
    }

    /** Whether the value is a UUID. */
    public static boolean isUuid(byte[] bytes, int offset, int limit) throws DecodeException {
        return ValueWalker.code(bytes, offset, limit) == FormatCode.UUID;
    }

    /**
     * How many items a list has, or how many keys and values together a map has. At most as many as it has bytes, so
     * that a loop over them ends.
     */
    public static int count(byte[] bytes, int offset, int limit) throws DecodeException {
        int code = ValueWalker.code(bytes, offset, limit);
        if (code == FormatCode.LIST_0) {
            return 0;
        }
        if (!FormatCode.isCompound(code)) {
            throw unexpected("list or map", offset, code);
        }
        int end = ValueWalker.skipData(bytes, code, offset + 1, limit);
        int countAt = offset + 1 + FormatCode.sizeWidthBytes(code);
        long count = ValueWalker.count(bytes, code, countAt);
        if (count > end - itemsOffset(bytes, offset)) {
            throw new DecodeException(countAt, "count " + count + " exceeds the bytes of the items");
        }
        return (int) count;
    }

    /** The offset of the first item of a list or map that {@link #count} has accepted. */
    public static int itemsOffset(byte[] bytes, int offset) {
        int code = bytes[offset] & 0xff;
        return code == FormatCode.LIST_0 ? offset + 1 : offset + 1 + 2 * FormatCode.sizeWidthBytes(code);
    }

    /** Reads a boolean. */
    public static boolean readBoolean(byte[] bytes, int offset, int limit) throws DecodeException {
        int code = ValueWalker.code(bytes, offset, limit);
        return switch (code) {
            case FormatCode.TRUE -> true;
            case FormatCode.FALSE -> false;
            case FormatCode.BOOLEAN -> {
                ValueWalker.walk(bytes, offset, limit, 0);
                yield bytes[offset + 1] == 1;
            }
            default -> throw unexpected("boolean", offset, code);
        };
    }

    /** Reads an unsigned byte: 0 to 255. */
    public static int readUbyte(byte[] bytes, int offset, int limit) throws DecodeException {
        int code = fixed(bytes, offset, limit, "ubyte");
        if (code != FormatCode.UBYTE) {
            throw unexpected("ubyte", offset, code);
        }
        return bytes[offset + 1] & 0xff;
    }

    /** Reads an unsigned short: 0 to 65535. */
    public static int readUshort(byte[] bytes, int offset, int limit) throws DecodeException {
        int code = fixed(bytes, offset, limit, "ushort");
        if (code != FormatCode.USHORT) {
            throw unexpected("ushort", offset, code);
        }
        return BigEndian.getUshort(bytes, offset + 1);
    }

    /** Reads an unsigned int: 0 to 2<sup>32</sup> - 1. */
    public static long readUint(byte[] bytes, int offset, int limit) throws DecodeException {
        int code = fixed(bytes, offset, limit, "uint");
        return switch (code) {
            case FormatCode.UINT_0 -> 0;
            case FormatCode.SMALL_UINT -> bytes[offset + 1] & 0xff;
            case FormatCode.UINT -> BigEndian.getUint(bytes, offset + 1);
            default -> throw unexpected("uint", offset, code);
        };
    }

    /**
     * Reads an unsigned long; above {@link Long#MAX_VALUE} it comes out negative, as {@link Long#compareUnsigned} has
     * it.
     */
    public static long readUlong(byte[] bytes, int offset, int limit) throws DecodeException {
        int code = fixed(bytes, offset, limit, "ulong");
        return switch (code) {
            case FormatCode.ULONG_0 -> 0;
            case FormatCode.SMALL_ULONG -> bytes[offset + 1] & 0xff;
            case FormatCode.ULONG -> BigEndian.getLong(bytes, offset + 1);
            default -> throw unexpected("ulong", offset, code);
        };
    }

    /** Reads a timestamp: milliseconds since 1970-01-01T00:00Z. */
    public static long readTimestampMillis(byte[] bytes, int offset, int limit) throws DecodeException {
        int code = fixed(bytes, offset, limit, "timestamp");
        if (code != FormatCode.TIMESTAMP) {
            throw unexpected("timestamp", offset, code);
        }
        return BigEndian.getLong(bytes, offset + 1);
    }

    /** Reads a whole number or a timestamp of any width, for what senders encode as they please; empty for all else. */
    public static OptionalLong readAnyInteger(byte[] bytes, int offset, int limit) throws DecodeException {
        int code = ValueWalker.code(bytes, offset, limit);
        return switch (code) {
            case FormatCode.BYTE, FormatCode.SMALL_INT, FormatCode.SMALL_LONG -> {
                fixed(bytes, offset, limit, "integer");
                yield OptionalLong.of(bytes[offset + 1]);
            }
            case FormatCode.SHORT -> {
                fixed(bytes, offset, limit, "integer");
                yield OptionalLong.of((short) BigEndian.getUshort(bytes, offset + 1));
            }
            case FormatCode.INT -> {
                fixed(bytes, offset, limit, "integer");
                int value = (int) BigEndian.getUint(bytes, offset + 1);
                yield OptionalLong.of(value);
            }
            case FormatCode.LONG, FormatCode.TIMESTAMP -> {
                fixed(bytes, offset, limit, "integer");
                yield OptionalLong.of(BigEndian.getLong(bytes, offset + 1));
            }
            case FormatCode.UBYTE -> OptionalLong.of(readUbyte(bytes, offset, limit));
            case FormatCode.USHORT -> OptionalLong.of(readUshort(bytes, offset, limit));
            case FormatCode.UINT_0, FormatCode.SMALL_UINT, FormatCode.UINT ->
                OptionalLong.of(readUint(bytes, offset, limit));
            case FormatCode.ULONG_0, FormatCode.SMALL_ULONG, FormatCode.ULONG ->
                OptionalLong.of(readUlong(bytes, offset, limit));
            default -> OptionalLong.empty();
        };
    }

    /** Reads a string. */
    public static String readString(byte[] bytes, int offset, int limit) throws DecodeException {
        int code = ValueWalker.code(bytes, offset, limit);
        if (!FormatCode.isString(code)) {
            throw unexpected("string", offset, code);
        }
        int end = ValueWalker.walk(bytes, offset, limit, 0);
        int start = offset + 1 + FormatCode.sizeWidthBytes(code);
        return new String(bytes, start, end - start, StandardCharsets.UTF_8);
    }

    /** Reads a symbol. */
    public static String readSymbol(byte[] bytes, int offset, int limit) throws DecodeException {
        int code = ValueWalker.code(bytes, offset, limit);
        if (!FormatCode.isSymbol(code)) {
            throw unexpected("symbol", offset, code);
        }
        int end = ValueWalker.walk(bytes, offset, limit, 0);
        int start = offset + 1 + FormatCode.sizeWidthBytes(code);
        return new String(bytes, start, end - start, StandardCharsets.US_ASCII);
    }

    /** Copies the bytes of a binary value. */
    public static byte[] readBinary(byte[] bytes, int offset, int limit) throws DecodeException {
        int code = ValueWalker.code(bytes, offset, limit);
        if (code != FormatCode.BINARY_8 && code != FormatCode.BINARY_32) {
            throw unexpected("binary", offset, code);
        }
        int end = ValueWalker.skipData(bytes, code, offset + 1, limit);
        return Arrays.copyOfRange(bytes, offset + 1 + FormatCode.sizeWidthBytes(code), end);
    }

    /** The code of a value of fixed width that lies within the limit. */
    private static int fixed(byte[] bytes, int offset, int limit, String expected) throws DecodeException {
        int code = ValueWalker.code(bytes, offset, limit);
        if (!FormatCode.isFixed(code)) {
            throw unexpected(expected, offset, code);
        }
        ValueWalker.skipData(bytes, code, offset + 1, limit);
        return code;
    }

    private static DecodeException unexpected(String expected, int offset, int code) {
        return new DecodeException(offset, expected + " expected, found " + FormatCode.name(code));
    }
}
