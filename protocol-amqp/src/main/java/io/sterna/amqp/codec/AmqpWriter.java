package io.sterna.amqp.codec;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Appends AMQP 1.0 encoded values to a growing array, each in its shortest encoding. Lists and maps are opened, filled
 * with items and closed: {@code int list = writer.beginList(); …; writer.endList(list, count);}. Owned by one thread.
 */
public final class AmqpWriter {
    /**
     * A compound value is begun with the long form's room for code, size and count, and moved down if it turns out
     * short.
     */
    private static final int LONG_HEAD_BYTES = 9;

    private static final int SHORT_HEAD_BYTES = 3;

    private byte[] bytes;
    private int length;

    /** Starts empty, with room for {@code capacityBytes} before it has to grow. */
    public AmqpWriter(int capacityBytes) {
        bytes = new byte[Math.max(capacityBytes, LONG_HEAD_BYTES)];
    }

    /** What has been written, in bytes. */
    public int length() {
        return length;
    }

    /** A copy of what has been written. */
    public byte[] toByteArray() {
        return Arrays.copyOf(bytes, length);
    }

    public AmqpWriter writeNull() {
        return code(FormatCode.NULL, 0);
    }

    public AmqpWriter writeBoolean(boolean value) {
        return code(value ? FormatCode.TRUE : FormatCode.FALSE, 0);
    }

    /** Writes an unsigned byte, 0 to 255. */
    public AmqpWriter writeUbyte(int value) {
        checkRange(value, 0xff);
        code(FormatCode.UBYTE, 1);
        bytes[length++] = (byte) value;
        return this;
    }

    /** Writes an unsigned short, 0 to 65535. */
    public AmqpWriter writeUshort(int value) {
        checkRange(value, 0xffff);
        code(FormatCode.USHORT, 2);
        BigEndian.putShort(bytes, length, value);
        length += 2;
        return this;
    }

    /** Writes an unsigned int, 0 to 2<sup>32</sup> - 1. */
    public AmqpWriter writeUint(long value) {
        checkRange(value, 0xffff_ffffL);
        if (value == 0) {
            return code(FormatCode.UINT_0, 0);
        }
        if (value <= 0xff) {
            code(FormatCode.SMALL_UINT, 1);
            bytes[length++] = (byte) value;
            return this;
        }
        code(FormatCode.UINT, 4);
        return int32((int) value);
    }

    /** Writes an unsigned long, a negative argument standing for a value above {@link Long#MAX_VALUE}. */
    public AmqpWriter writeUlong(long value) {
        if (value == 0) {
            return code(FormatCode.ULONG_0, 0);
        }
        if (value > 0 && value <= 0xff) {
            code(FormatCode.SMALL_ULONG, 1);
            bytes[length++] = (byte) value;
            return this;
        }
        code(FormatCode.ULONG, 8);
        return int64(value);
    }

    /** Writes a long. */
    public AmqpWriter writeLong(long value) {
        if (value == (byte) value) {
            code(FormatCode.SMALL_LONG, 1);
            bytes[length++] = (byte) value;
            return this;
        }
        code(FormatCode.LONG, 8);
        return int64(value);
    }

    /** Writes a timestamp, in milliseconds since 1970-01-01T00:00Z. */
    public AmqpWriter writeTimestampMillis(long value) {
        code(FormatCode.TIMESTAMP, 8);
        return int64(value);
    }

    /** Writes a string. */
    public AmqpWriter writeString(String value) {
        return variable(FormatCode.STRING_8, FormatCode.STRING_32, value.getBytes(StandardCharsets.UTF_8));
    }

    /** Writes a symbol, which has to be ASCII. */
    public AmqpWriter writeSymbol(String value) {
        if (!value.chars().allMatch(c -> c < 0x80)) {
            throw new IllegalArgumentException("symbol is not ASCII: " + value);
        }
        return variable(FormatCode.SYMBOL_8, FormatCode.SYMBOL_32, value.getBytes(StandardCharsets.US_ASCII));
    }

    /** Writes a binary value. */
    public AmqpWriter writeBinary(byte[] value) {
        return variable(FormatCode.BINARY_8, FormatCode.BINARY_32, value);
    }

    /** Copies values that are encoded already. */
    public AmqpWriter writeEncoded(byte[] source, int offset, int end) {
        ensure(end - offset);
        System.arraycopy(source, offset, bytes, length, end - offset);
        length += end - offset;
        return this;
    }

    /** Writes the descriptor of a described value; the value is written next. */
    public AmqpWriter writeDescriptor(long descriptorCode) {
        return code(FormatCode.DESCRIBED, 0).writeUlong(descriptorCode);
    }

    /** Begins a list; what it returns goes to {@link #endList}. */
    public int beginList() {
        return beginCompound();
    }

    /** Ends a list of as many items as have been written since it was begun. */
    public AmqpWriter endList(int begun, int count) {
        if (count == 0) {
            length = begun;
            return code(FormatCode.LIST_0, 0);
        }
        return endCompound(begun, count, FormatCode.LIST_8, FormatCode.LIST_32);
    }

    /** Begins a map; what it returns goes to {@link #endMap}. */
    public int beginMap() {
        return beginCompound();
    }

    /** Ends a map of as many keys and values, both counted, as have been written since it was begun. */
    public AmqpWriter endMap(int begun, int count) {
        return endCompound(begun, count, FormatCode.MAP_8, FormatCode.MAP_32);
    }

    private int beginCompound() {
        ensure(LONG_HEAD_BYTES);
        int begun = length;
        length += LONG_HEAD_BYTES;
        return begun;
    }

    private AmqpWriter endCompound(int begun, int count, int shortCode, int longCode) {
        int itemsAt = begun + LONG_HEAD_BYTES;
        int itemsBytes = length - itemsAt;
        if (count <= 0xff && itemsBytes < 0xff) {
            System.arraycopy(bytes, itemsAt, bytes, begun + SHORT_HEAD_BYTES, itemsBytes);
            bytes[begun] = (byte) shortCode;
            bytes[begun + 1] = (byte) (itemsBytes + 1);
            bytes[begun + 2] = (byte) count;
            length = begun + SHORT_HEAD_BYTES + itemsBytes;
        } else {
            bytes[begun] = (byte) longCode;
            BigEndian.putInt(bytes, begun + 1, itemsBytes + 4);
            BigEndian.putInt(bytes, begun + 5, count);
        }
        return this;
    }

    private AmqpWriter variable(int shortCode, int longCode, byte[] data) {
        if (data.length <= 0xff) {
            code(shortCode, 1 + data.length);
            bytes[length++] = (byte) data.length;
        } else {
            code(longCode, 4 + data.length);
            int32(data.length);
        }
        return writeEncoded(data, 0, data.length);
    }

    /** Writes a format code and makes room for what follows it. */
    private AmqpWriter code(int code, int followingBytes) {
        ensure(1 + followingBytes);
        bytes[length++] = (byte) code;
        return this;
    }

    private AmqpWriter int32(int value) {
        BigEndian.putInt(bytes, length, value);
        length += 4;
        return this;
    }

    private AmqpWriter int64(long value) {
        BigEndian.putLong(bytes, length, value);
        length += 8;
        return this;
    }

    private void ensure(int moreBytes) {
        if (bytes.length - length < moreBytes) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, Math.addExact(length, moreBytes)));
        }
    }

    private static void checkRange(long value, long highest) {
        if (value < 0 || value > highest) {
            throw new IllegalArgumentException(value + " is not within 0 and " + highest);
        }
    }
}
