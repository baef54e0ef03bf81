package io.sterna.cluster.net;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sterna.store.LogOperation;
import io.sterna.store.LogRecord;
import io.sterna.store.LogRecordFormat;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Reads a frame's body, which may be anything. Counts and lengths are compared with what is left before anything is
 * allocated. All methods throw {@link IllegalArgumentException}, or {@link BufferUnderflowException} when the body ends too
 * early; {@link #whole} makes one clear refusal of both. Owned by the thread that made it.
 */
final class WireReader {
    private static final int MAX_VARINT_SHIFT = 63;

    private final ByteBuffer body;

    WireReader(ByteBuffer body) {
        this.body = body;
    }

    /** Reads something that is all of a body. */
    static <T> T whole(String what, ByteBuffer body, Function<WireReader, T> format) throws MalformedFrameException {
        try {
            T value = format.apply(new WireReader(body));
            if (body.hasRemaining()) {
                throw new MalformedFrameException(what + " ends " + body.remaining() + " bytes before its frame");
            }
            return value;
        } catch (BufferUnderflowException end) {
            throw new MalformedFrameException(what + " is longer than its frame", end);
        } catch (IllegalArgumentException | ArithmeticException wrong) {
            throw new MalformedFrameException(what + " can't be read: " + wrong.getMessage(), wrong);
        }
    }

    int readByte() {
        return body.get() & 0xFF;
    }

    boolean readBoolean() {
        int value = body.get();
        if (value != 0 && value != 1) {
            throw new IllegalArgumentException("neither yes nor no: " + value);
        }
        return value == 1;
    }

    int readInt() {
        return body.getInt();
    }

    long readLong() {
        return body.getLong();
    }

    long readVarint() {
        long value = 0;
        int shift = 0;
        byte next;
        do {
            next = body.get();
            if (shift > MAX_VARINT_SHIFT || (shift == MAX_VARINT_SHIFT && (next & 0xFF) > 1)) {
                throw new IllegalArgumentException("a number of more than 64 bits");
            }
            value |= (next & 0x7FL) << shift;
            shift += 7;
        } while (next < 0);
        return value;
    }

    byte[] readBytes(int count) {
        if (count > body.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] bytes = new byte[count];
        body.get(bytes);
        return bytes;
    }

    String readString() {
        long length = readVarint();
        if (length < 0 || length > WireWriter.MAX_STRING_BYTES) {
            throw new IllegalArgumentException("a text of " + Long.toUnsignedString(length) + " bytes");
        }
        try {
            return UTF_8.newDecoder()
                    .decode(ByteBuffer.wrap(readBytes((int) length)))
                    .toString();
        } catch (CharacterCodingException notText) {
            throw new IllegalArgumentException("a text that is no UTF-8", notText);
        }
    }

    /**
     * The elements that {@link WireWriter#putList} wrote.
     *
     * @param leastBytes what the shortest one takes
     */
    <T> List<T> readList(int leastBytes, Function<WireReader, T> format) {
        int count = readCount(leastBytes);
        List<T> elements = new ArrayList<>(count);
        for (int left = count; left > 0; left--) {
            elements.add(format.apply(this));
        }
        return elements;
    }

    /** A count of things that take at least so many bytes each. */
    int readCount(int leastBytes) {
        long count = readVarint();
        if (count < 0 || count > body.remaining() / leastBytes) {
            throw new IllegalArgumentException(
                    "a count of " + Long.toUnsignedString(count) + ", with " + body.remaining() + " bytes left");
        }
        return (int) count;
    }

    LogRecord readRecord() {
        return LogRecordFormat.readRecord(body);
    }

    LogOperation readOperation() {
        return LogRecordFormat.readOperation(body);
    }
}
