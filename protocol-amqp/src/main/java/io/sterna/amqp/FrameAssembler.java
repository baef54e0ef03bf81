package io.sterna.amqp;

import java.util.Arrays;

/**
 * Cuts the byte stream into frames (AMQP 1.0 §2.3). Whole frames are handed on where they lie in the read buffer; only a
 * frame that is split over reads is copied together, in an array that grows with what has come, not with what the
 * frame claims to be.
 *
 * <pre>
 *             +0       +1       +2       +3
 *        +-----------------------------------+
 *      0 |                SIZE               |
 *        +-----------------------------------+
 *      4 |  DOFF  |  TYPE  |     CHANNEL     |
 *        +-----------------------------------+
 * 4*DOFF | performative, payload …           |
 * </pre>
 */
final class FrameAssembler {
    static final int HEADER_BYTES = 8;
    private static final int SIZE_BYTES = 4;
    private static final byte[] MAGIC = {'A', 'M', 'Q', 'P'};
    private static final byte[] NONE = new byte[0];

    /** Takes frames. */
    interface Sink {
        /**
         * One frame whose size field has been checked; the array belongs to the caller.
         *
         * @return whether to go on; otherwise what follows stays in the assembler
         */
        boolean onFrame(byte[] bytes, int offset, int size);

        /**
         * Eight bytes where a protocol header was expected.
         *
         * @return whether to go on
         */
        boolean onProtocolHeader(byte[] bytes, int offset);

        /** What came where a protocol header was expected is none; nothing behind it is read any more. */
        void onNoProtocolHeader();

        /** The size field makes no sense or is above the limit; nothing behind it can be read any more. */
        void onBadSize(long size, int maxFrameBytes);
    }

    private final Sink sink;
    private int maxFrameBytes;
    private byte[] partial = NONE;
    private int partialLength;
    private boolean headerExpected = true;
    private boolean broken;

    FrameAssembler(Sink sink, int maxFrameBytes) {
        this.sink = sink;
        this.maxFrameBytes = maxFrameBytes;
    }

    void maxFrameBytes(int newLimit) {
        maxFrameBytes = newLimit;
    }

    /** The next eight bytes are a protocol header. */
    void expectHeader() {
        headerExpected = true;
    }

    /** Takes bytes off the stream; what does not make a whole frame is kept. */
    void receive(byte[] bytes, int offset, int length) {
        int end = offset + length;
        int position = offset;
        boolean more = true;
        if (partialLength > 0) {
            position = fill(bytes, offset, end);
            more = partialLength == 0 || handOnPartial();
        }
        if (more && partialLength == 0) {
            position = cut(bytes, position, end);
        }
        keep(bytes, position, end - position);
    }

    /** Adds to the partial frame until it is whole; returns the offset after what it took. */
    private int fill(byte[] bytes, int offset, int end) {
        int position = offset;
        if (!headerExpected && partialLength < SIZE_BYTES) {
            position = keep(bytes, position, Math.min(SIZE_BYTES - partialLength, end - position));
        }
        int size = sizeAt(partial, 0, partialLength);
        if (size > partialLength) {
            position = keep(bytes, position, Math.min(size - partialLength, end - position));
        }
        return position;
    }

    /** Hands the partial frame on when it is whole; returns whether to go on behind it. */
    private boolean handOnPartial() {
        int size = sizeAt(partial, 0, partialLength);
        if (size != partialLength) {
            return false;
        }
        byte[] whole = partial;
        clear();
        return handOn(whole, 0, size);
    }

    /** Goes on with what was kept, after a sink has said to stop. */
    void resume() {
        byte[] kept = partial;
        int length = partialLength;
        clear();
        int consumed = cut(kept, 0, length);
        keep(kept, consumed, length - consumed);
    }

    /** Forgets what was kept. */
    void clear() {
        partial = NONE;
        partialLength = 0;
    }

    /** Hands on the whole frames; returns the offset after them. */
    private int cut(byte[] bytes, int offset, int end) {
        int position = offset;
        boolean more = true;
        while (more && !broken) {
            int size = sizeAt(bytes, position, end);
            if (size < 0 || size > end - position) {
                break;
            }
            more = handOn(bytes, position, size);
            position += size;
        }
        return position;
    }

    private boolean handOn(byte[] bytes, int offset, int size) {
        if (headerExpected) {
            headerExpected = false;
            return sink.onProtocolHeader(bytes, offset);
        }
        return sink.onFrame(bytes, offset, size);
    }

    /** The size of what begins at {@code position}, or -1 when that can't be told yet or makes no sense. */
    private int sizeAt(byte[] bytes, int position, int end) {
        return headerExpected ? headerAt(bytes, position, end) : frameAt(bytes, position, end);
    }

    private int headerAt(byte[] bytes, int position, int end) {
        int available = Math.min(end - position, MAGIC.length);
        if (!broken && Arrays.mismatch(bytes, position, position + available, MAGIC, 0, available) >= 0) {
            broken = true;
            sink.onNoProtocolHeader();
        }
        return broken ? -1 : HEADER_BYTES;
    }

    private int frameAt(byte[] bytes, int position, int end) {
        if (end - position < SIZE_BYTES || broken) {
            return -1;
        }
        long size = Octets.int32(bytes, position) & 0xffff_ffffL;
        if (size < HEADER_BYTES || size > maxFrameBytes) {
            broken = true;
            sink.onBadSize(size, maxFrameBytes);
            return -1;
        }
        return (int) size;
    }

    /** Takes bytes off the stream that have to wait; returns the offset after them. */
    int keep(byte[] bytes, int offset, int length) {
        if (length > 0 && !broken) {
            int needed = partialLength + length;
            if (needed > partial.length) {
                partial = Arrays.copyOf(partial, Math.max(needed, Math.min(2 * partial.length, maxFrameBytes)));
            }
            System.arraycopy(bytes, offset, partial, partialLength, length);
            partialLength = needed;
        }
        return offset + length;
    }
}
