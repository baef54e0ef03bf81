package io.sterna.amqp;

import io.sterna.amqp.codec.AmqpValues;
import io.sterna.amqp.codec.DecodeException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the fields of one performative in their order, without objects in between; for the three performatives of the
 * hot path. One per event loop, used again for every frame.
 */
final class FieldReader {
    /** What an absent boolean field gives. */
    static final int UNSET = -1;

    private byte[] bytes = new byte[0];
    private int position;
    private int end;
    private int remaining;

    /**
     * Starts on the list at {@code offset}.
     *
     * @return the offset after the list, where a transfer's payload begins
     */
    int begin(byte[] frame, int offset, int limit) throws DecodeException {
        bytes = frame;
        position = offset;
        end = limit;
        int code = octet();
        switch (code) {
            case 0x45 -> {
                remaining = 0;
                end = position;
            }
            case 0xc0 -> {
                int size = octet();
                size(size, 1, limit);
                remaining = octet();
            }
            case 0xd0 -> {
                int size = fourOctets();
                size(size, 4, limit);
                remaining = fourOctets();
            }
            default -> throw new DecodeException(offset, "a list of fields was expected, not code " + hex(code));
        }
        if (remaining < 0 || remaining > end - position) {
            throw new DecodeException(offset, "the list counts more fields than it has bytes");
        }
        return end;
    }

    private void size(int size, int least, int limit) throws DecodeException {
        if (size < least || size > limit - position) {
            throw new DecodeException(position, "the list of fields is longer than its frame");
        }
        end = position + size;
    }

    /** Passes over fields that a later version of the specification may add; they too must be well formed. */
    void finish() throws DecodeException {
        while (remaining > 0) {
            next();
            position = AmqpValues.validate(bytes, position, end);
        }
        if (position != end) {
            throw new DecodeException(position, "the list of fields is longer than its fields");
        }
    }

    /** A 32-bit field as a bit pattern in 0 … 2³²-1, or -1 when it is not set. */
    long uint() throws DecodeException {
        if (absent()) {
            return UNSET;
        }
        int code = octet();
        return switch (code) {
            case 0x43 -> 0;
            case 0x52 -> octet();
            case 0x70 -> fourOctets() & 0xffff_ffffL;
            default -> throw unexpected("uint", code);
        };
    }

    /** A boolean field: 0 or 1, or {@link #UNSET}. */
    int bool() throws DecodeException {
        if (absent()) {
            return UNSET;
        }
        int code = octet();
        return switch (code) {
            case 0x41 -> 1;
            case 0x42 -> 0;
            case 0x56 -> {
                int value = octet();
                if (value > 1) {
                    throw new DecodeException(position - 1, "a boolean is 0 or 1, not " + value);
                }
                yield value;
            }
            default -> throw unexpected("boolean", code);
        };
    }

    /** A ubyte field, or {@link #UNSET}. */
    int ubyte() throws DecodeException {
        if (absent()) {
            return UNSET;
        }
        int code = octet();
        if (code != 0x50) {
            throw unexpected("ubyte", code);
        }
        return octet();
    }

    /** A copy of a binary field, or null. */
    byte @Nullable [] binary() throws DecodeException {
        if (absent()) {
            return null;
        }
        int code = octet();
        int length =
                switch (code) {
                    case 0xa0 -> octet();
                    case 0xb0 -> fourOctets();
                    default -> throw unexpected("binary", code);
                };
        if (length < 0 || length > end - position) {
            throw new DecodeException(position, "a binary is longer than what holds it");
        }
        byte[] value = new byte[length];
        System.arraycopy(bytes, position, value, 0, length);
        position += length;
        return value;
    }

    /**
     * Passes over a field of any type after checking it.
     *
     * @return its offset, or -1 when it is not set; {@link #position()} is then its end
     */
    int any() throws DecodeException {
        if (absent()) {
            return UNSET;
        }
        int start = position;
        position = AmqpValues.validate(bytes, position, end);
        return start;
    }

    int position() {
        return position;
    }

    private boolean absent() throws DecodeException {
        if (remaining == 0) {
            return true;
        }
        next();
        if (position < end && bytes[position] == 0x40) {
            position++;
            return true;
        }
        return false;
    }

    private void next() {
        remaining--;
    }

    private int octet() throws DecodeException {
        if (position >= end) {
            throw new DecodeException(position, "the fields end too early");
        }
        return bytes[position++] & 0xff;
    }

    private int fourOctets() throws DecodeException {
        if (end - position < 4) {
            throw new DecodeException(position, "the fields end too early");
        }
        int value = Octets.int32(bytes, position);
        position += 4;
        return value;
    }

    private DecodeException unexpected(String type, int code) {
        return new DecodeException(position - 1, "a " + type + " was expected, not code " + hex(code));
    }

    private static String hex(int code) {
        return "0x" + Integer.toHexString(code);
    }
}
