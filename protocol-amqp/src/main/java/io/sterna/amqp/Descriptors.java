package io.sterna.amqp;

import io.sterna.amqp.codec.AmqpValues;
import io.sterna.amqp.codec.DecodeException;
import java.nio.charset.StandardCharsets;

/** Recognizes the performatives of the hot path by their descriptors, of which there are three forms each (§1.3.2). */
final class Descriptors {
    static final int FLOW = 0x13;
    static final int TRANSFER = 0x14;
    static final int DISPOSITION = 0x15;

    private static final int CLOSE = 0x18;

    /** Any other descriptor. */
    static final int OTHER = -1;

    private static final byte DESCRIBED = 0x00;
    private static final byte SMALL_ULONG = 0x53;
    private static final byte ULONG = (byte) 0x80;
    private static final byte SYM8 = (byte) 0xa3;
    private static final byte SYM32 = (byte) 0xb3;

    private Descriptors() {}

    /** Which of the three performatives begins at {@code offset}, or {@link #OTHER}. */
    static int performative(byte[] bytes, int offset, int limit) throws DecodeException {
        if (bytes[offset] != DESCRIBED) {
            throw new DecodeException(offset, "a performative was expected, which is a described type");
        }
        if (limit - offset >= 3 && bytes[offset + 1] == SMALL_ULONG) {
            return known(bytes[offset + 2]);
        }
        if (limit - offset >= 10 && bytes[offset + 1] == ULONG) {
            return Octets.int32(bytes, offset + 2) == 0 ? known(Octets.int32(bytes, offset + 6)) : OTHER;
        }
        if (limit - offset >= 2 && (bytes[offset + 1] == SYM8 || bytes[offset + 1] == SYM32)) {
            return named(bytes, offset + 1, limit);
        }
        return OTHER;
    }

    private static int known(int code) {
        return code >= FLOW && code <= DISPOSITION ? code : OTHER;
    }

    private static int named(byte[] bytes, int offset, int limit) throws DecodeException {
        int end = AmqpValues.validate(bytes, offset, limit);
        int start = offset + (bytes[offset] == SYM8 ? 2 : 5);
        return switch (new String(bytes, start, end - start, StandardCharsets.US_ASCII)) {
            case "amqp:flow:list" -> FLOW;
            case "amqp:transfer:list" -> TRANSFER;
            case "amqp:disposition:list" -> DISPOSITION;
            default -> OTHER;
        };
    }

    /** Whether a close may begin at {@code offset}; no other performative that is described by a number passes. */
    static boolean isClose(byte[] bytes, int offset, int limit) {
        boolean smallUlong = limit - offset >= 3 && bytes[offset + 1] == SMALL_ULONG;
        return bytes[offset] == DESCRIBED && (!smallUlong || bytes[offset + 2] == CLOSE);
    }

    /** Where the list behind the descriptor begins. */
    static int end(byte[] bytes, int offset, int limit) throws DecodeException {
        return bytes[offset + 1] == SMALL_ULONG ? offset + 3 : AmqpValues.validate(bytes, offset + 1, limit);
    }

    /** Whether a value is {@code accepted} in the form that everybody uses. */
    static boolean isAccepted(byte[] bytes, int offset, int end) {
        return end - offset == 4
                && bytes[offset] == DESCRIBED
                && bytes[offset + 1] == SMALL_ULONG
                && bytes[offset + 2] == 0x24
                && bytes[offset + 3] == 0x45;
    }
}
