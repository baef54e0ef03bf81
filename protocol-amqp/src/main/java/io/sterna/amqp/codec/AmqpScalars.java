package io.sterna.amqp.codec;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.UUID;

/** Reads values of AMQP's primitive types as Java objects (AMQP 1.0 §1.6), in place like {@link AmqpValues}. */
public final class AmqpScalars {
    private AmqpScalars() {}

    /**
     * The value as the smallest Java type that holds every value of its AMQP type: Boolean; Integer for byte, short, int,
     * ubyte and ushort; Long for long, uint and timestamp, and for ulong as far as it goes, BigInteger beyond; Float;
     * Double; String for string, symbol and char; UUID; byte[] for binary. Empty for null and for all other types.
     *
     * @throws DecodeException when the value does not end before the limit
     */
    public static Optional<Object> read(byte[] bytes, int offset, int limit) throws DecodeException {
        int code = ValueWalker.code(bytes, offset, limit);
        if (code == FormatCode.DESCRIBED) {
            return Optional.empty();
        }
        int at = offset + 1;
        int end = ValueWalker.skipData(bytes, code, at, limit);
        return Optional.ofNullable(
                switch (code) {
                    case FormatCode.TRUE -> true;
                    case FormatCode.FALSE -> false;
                    case FormatCode.BOOLEAN -> bytes[at] != 0;
                    case FormatCode.UBYTE -> bytes[at] & 0xff;
                    case FormatCode.BYTE, FormatCode.SMALL_INT -> (int) bytes[at];
                    case FormatCode.USHORT -> BigEndian.getUshort(bytes, at);
                    case FormatCode.SHORT -> (int) (short) BigEndian.getUshort(bytes, at);
                    case FormatCode.INT -> BigEndian.getInt(bytes, at);
                    case FormatCode.UINT_0, FormatCode.ULONG_0 -> 0L;
                    case FormatCode.SMALL_UINT, FormatCode.SMALL_ULONG -> bytes[at] & 0xffL;
                    case FormatCode.UINT -> BigEndian.getUint(bytes, at);
                    case FormatCode.SMALL_LONG -> (long) bytes[at];
                    case FormatCode.LONG, FormatCode.TIMESTAMP -> BigEndian.getLong(bytes, at);
                    case FormatCode.ULONG -> ulong(BigEndian.getLong(bytes, at));
                    case FormatCode.FLOAT -> Float.intBitsToFloat(BigEndian.getInt(bytes, at));
                    case FormatCode.DOUBLE -> Double.longBitsToDouble(BigEndian.getLong(bytes, at));
                    case FormatCode.CHAR -> character(BigEndian.getInt(bytes, at));
                    case FormatCode.UUID ->
                        new UUID(BigEndian.getLong(bytes, at), BigEndian.getLong(bytes, at + Long.BYTES));
                    case FormatCode.STRING_8, FormatCode.STRING_32, FormatCode.SYMBOL_8, FormatCode.SYMBOL_32 -> {
                        int start = at + FormatCode.sizeWidthBytes(code);
                        yield new String(bytes, start, end - start, StandardCharsets.UTF_8);
                    }
                    case FormatCode.BINARY_8, FormatCode.BINARY_32 -> AmqpValues.readBinary(bytes, offset, limit);
                    default -> null;
                });
    }

    private static Object ulong(long bits) {
        return bits >= 0
                ? (Object) bits
                : BigInteger.valueOf(bits & Long.MAX_VALUE).setBit(Long.SIZE - 1);
    }

    /** A code point beyond Unicode is no character. */
    private static String character(int codePoint) {
        return Character.isValidCodePoint(codePoint) ? Character.toString(codePoint) : "";
    }
}
