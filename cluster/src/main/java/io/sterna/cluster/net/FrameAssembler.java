package io.sterna.cluster.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Cuts what a socket has read into frames, see {@link WireWriter}. A frame that is whole in what was read is not copied;
 * one that is not is gathered in a buffer that grows as its bytes come. Pieces of the stream are handed on as they come,
 * for another assembler. Owned by the link's event loop.
 */
final class FrameAssembler {
    private static final int LENGTH_BYTES = Integer.BYTES;
    private static final int HEADER_BYTES = LENGTH_BYTES + 1;

    /** No more is taken for a frame before more of it is there. */
    private static final int FIRST_BYTES = 1 << 20;

    private final ByteBufAllocator allocator;
    private int maxFrameBytes;
    private @Nullable ByteBuf partial;

    /** What is still to come of a piece of the stream. */
    private int streamBytes;

    /** Takes frames. */
    interface FrameHandler {
        /**
         * A frame is there.
         *
         * @param body the caller's; not to be kept
         * @return false when no more frames are wanted
         */
        boolean onFrame(FrameKind kind, ByteBuffer body) throws MalformedFrameException;

        /**
         * A piece of the stream is there, as much of it as was read.
         *
         * @param piece the caller's; not to be kept
         * @return false when no more is wanted
         */
        boolean onStream(ByteBuf piece) throws MalformedFrameException;
    }

    FrameAssembler(ByteBufAllocator allocator, int maxFrameBytes) {
        this.allocator = allocator;
        this.maxFrameBytes = maxFrameBytes;
    }

    /** From now on frames may be so long. */
    void limit(int newMaxFrameBytes) {
        maxFrameBytes = newMaxFrameBytes;
    }

    /** Reads all of {@code in}, which stays the caller's. */
    void feed(ByteBuf in, FrameHandler handler) throws MalformedFrameException {
        boolean wanted = true;
        while (wanted && in.isReadable()) {
            if (streamBytes > 0) {
                wanted = stream(in, handler);
            } else if (partial != null) {
                wanted = fill(partial, in, handler);
            } else if (in.readableBytes() < HEADER_BYTES) {
                begin(in, HEADER_BYTES);
            } else if (isStream(in, in.readerIndex())) {
                streamBytes = length(in, in.readerIndex()) - 1;
                in.skipBytes(HEADER_BYTES);
            } else if (in.readableBytes() < LENGTH_BYTES + length(in, in.readerIndex())) {
                begin(in, LENGTH_BYTES + length(in, in.readerIndex()));
            } else {
                int length = length(in, in.readerIndex());
                wanted = dispatch(in, in.readerIndex() + LENGTH_BYTES, length, handler);
                in.skipBytes(LENGTH_BYTES + length);
            }
        }
    }

    /** Hands on what is there of a piece of the stream: nothing of it is gathered here. */
    private boolean stream(ByteBuf in, FrameHandler handler) throws MalformedFrameException {
        ByteBuf piece = in.readSlice(Math.min(streamBytes, in.readableBytes()));
        streamBytes -= piece.readableBytes();
        return handler.onStream(piece);
    }

    private void begin(ByteBuf in, int expected) {
        partial = allocator.buffer(Math.min(expected, FIRST_BYTES)).writeBytes(in);
    }

    /** Goes on with a frame that has begun. */
    private boolean fill(ByteBuf begun, ByteBuf in, FrameHandler handler) throws MalformedFrameException {
        take(begun, in, HEADER_BYTES);
        if (begun.readableBytes() < HEADER_BYTES) {
            return true;
        }
        int length = length(begun, 0);
        if (isStream(begun, 0)) {
            streamBytes = length - 1;
            release();
            return true;
        }
        take(begun, in, LENGTH_BYTES + length);
        if (begun.readableBytes() < LENGTH_BYTES + length) {
            return true;
        }
        partial = null;
        try {
            return dispatch(begun, LENGTH_BYTES, length, handler);
        } finally {
            begun.release();
        }
    }

    private static boolean isStream(ByteBuf from, int at) {
        return from.getByte(at + LENGTH_BYTES) == FrameKind.STREAM.code();
    }

    private static void take(ByteBuf begun, ByteBuf in, int upTo) {
        int missing = upTo - begun.readableBytes();
        if (missing > 0) {
            int count = Math.min(missing, in.readableBytes());
            if (begun.writableBytes() < count) {
                // Twice as much each time: Netty alone would add a little, and copy what is there for each.
                long twice = 2L * begun.capacity();
                begun.capacity((int) Math.max(begun.readableBytes() + count, Math.min(upTo, twice)));
            }
            begun.writeBytes(in, count);
        }
    }

    private int length(ByteBuf from, int at) throws MalformedFrameException {
        int length = from.getInt(at);
        if (length < 1 || length > maxFrameBytes) {
            throw new MalformedFrameException("a frame of " + Integer.toUnsignedString(length) + " bytes where at most "
                    + maxFrameBytes + " are allowed");
        }
        return length;
    }

    private static boolean dispatch(ByteBuf from, int at, int length, FrameHandler handler)
            throws MalformedFrameException {
        FrameKind kind = FrameKind.of(from.getByte(at));
        return handler.onFrame(kind, from.nioBuffer(at + 1, length - 1));
    }

    /** Forgets what has begun. */
    void release() {
        if (partial != null) {
            partial.release();
            partial = null;
        }
    }
}
