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
        if (partialLength == 0) {
            int consumed = cut(bytes, offset, length);
            keep(bytes, offset + consumed, length - consumed);
        } else {
            keep(bytes, offset, length);
            resume();
        }
    }

    /** Goes on with what was kept, after a sink has said to stop. */
    void resume() {
        byte[] kept = partial;
        int length = partialLength;
        partial = NONE;
        partialLength = 0;
        int consumed = cut(kept, 0, length);
        if (consumed == 0 && length > 0) {
            partial = kept;
            partialLength = length;
        } else {
            keep(kept, consumed, length - consumed);
        }
    }

    private int cut(byte[] bytes, int offset, int length) {
        int position = offset;
        int end = offset + length;
        boolean more = true;
        while (more && !broken) {
            int size = headerExpected ? headerAt(bytes, position, end) : frameAt(bytes, position, end);
            if (size < 0) {
                break;
            }
            int start = position;
            position += size;
            if (headerExpected) {
                headerExpected = false;
                more = sink.onProtocolHeader(bytes, start);
            } else {
                more = sink.onFrame(bytes, start, size);
            }
        }
        return position - offset;
    }

    /** The size of the protocol header at {@code position}, or -1 when it is not there as a whole. */
    private int headerAt(byte[] bytes, int position, int end) {
        int available = Math.min(end - position, MAGIC.length);
        if (Arrays.mismatch(bytes, position, position + available, MAGIC, 0, available) >= 0) {
            broken = true;
            sink.onNoProtocolHeader();
            return -1;
        }
        return end - position < HEADER_BYTES ? -1 : HEADER_BYTES;
    }

    /** The size of the frame at {@code position}, or -1 when it is not there as a whole. */
    private int frameAt(byte[] bytes, int position, int end) {
        if (end - position < 4) {
            return -1;
        }
        long size = Octets.int32(bytes, position) & 0xffff_ffffL;
        if (size < HEADER_BYTES || size > maxFrameBytes) {
            broken = true;
            sink.onBadSize(size, maxFrameBytes);
            return -1;
        }
        return size > end - position ? -1 : (int) size;
    }

    /** Takes bytes off the stream that have to wait for {@link #resume}. */
    void keep(byte[] bytes, int offset, int length) {
        if (length == 0 || broken) {
            return;
        }
        int needed = partialLength + length;
        if (needed > partial.length) {
            partial = Arrays.copyOf(partial, Math.max(needed, Math.min(2 * partial.length, maxFrameBytes)));
        }
        System.arraycopy(bytes, offset, partial, partialLength, length);
        partialLength = needed;
    }
}
