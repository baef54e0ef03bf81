package io.sterna.cluster.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.vertx.core.internal.net.NetSocketInternal;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * What a link sends, in two lanes. Messages between replicas are a stream, of which a piece at a time is put into a frame;
 * all else goes between two pieces, so that no message is held up by how long another one is, or how many wait. What was
 * added in one turn goes out in one write, or as few as its length asks for. Owned by the network's event loop, but for what
 * says so.
 */
final class LinkOutput {
    /** How much may wait in the socket; the rest stays in the queue, where it takes no memory of its own. */
    private static final int MAX_SOCKET_BYTES = 4 * WireWriter.CHUNK_BYTES;

    private static final int HEADER_BYTES = Integer.BYTES + 1;

    private final NetSocketInternal socket;
    private final LongSupplier clockMillis;
    private final ByteBufAllocator allocator;
    private final WireWriter urgentWriter;
    private final WireWriter streamWriter;
    private PeerCounters counters = new PeerCounters();
    private long writtenMillis;

    // Any thread
    private final OutgoingQueue urgent;
    private final OutgoingQueue stream;

    /** @param wakeUp called by any thread when {@link #flush} is to be called */
    LinkOutput(NetSocketInternal socket, PeerLimits limits, LongSupplier clockMillis, Runnable wakeUp) {
        this.socket = socket;
        this.clockMillis = clockMillis;
        allocator = socket.channelHandlerContext().alloc();
        urgentWriter = new WireWriter(allocator);
        streamWriter = new WireWriter(allocator, HEADER_BYTES);
        urgent = new OutgoingQueue(limits.maxQueuedBytes(), limits.maxFrameBytes(), wakeUp);
        stream = new OutgoingQueue(limits.maxQueuedBytes(), limits.maxFrameBytes(), wakeUp);
        writtenMillis = clockMillis.getAsLong();
        socket.setWriteQueueMaxSize(MAX_SOCKET_BYTES);
    }

    /** Where to count from now on. */
    void countBy(PeerCounters newCounters) {
        counters = newCounters;
    }

    /**
     * Sends something, in its lane after what was sent before. Any thread.
     *
     * @return false when it is not taken, and nothing after it
     */
    boolean offer(Outgoing entry) {
        return (entry.isUrgent() ? urgent : stream).offer(entry);
    }

    /** About how much waits to be sent. Any thread. */
    long queuedBytes() {
        return urgent.bytes() + stream.bytes();
    }

    /** Why something was not taken. */
    Optional<String> overflow() {
        return urgent.overflow().or(stream::overflow);
    }

    /** The event loop looks: what is added from now on wakes it again. */
    void onAwake() {
        urgent.onAwake();
        stream.onAwake();
    }

    /** Writes as much as the socket takes. */
    void flush() {
        while (!socket.writeQueueFull()) {
            ByteBuf next = next();
            if (!next.isReadable()) {
                return;
            }
            write(next);
        }
    }

    /** Whole frames, for one write; empty when there are none. */
    private ByteBuf next() {
        encode(urgent, urgentWriter);
        ByteBuf frames = urgentWriter.next();
        if (frames.isReadable()) {
            return frames;
        }
        encode(stream, streamWriter);
        ByteBuf piece = streamWriter.next();
        return piece.isReadable() ? framed(piece) : piece;
    }

    private ByteBuf framed(ByteBuf piece) {
        int length = 1 + piece.readableBytes();
        int at = piece.readerIndex() - HEADER_BYTES;
        if (at >= 0) {
            return piece.setInt(at, length)
                    .setByte(at + Integer.BYTES, FrameKind.STREAM.code())
                    .readerIndex(at);
        }
        // An array as it is, or what is before one.
        ByteBuf header = allocator.directBuffer(HEADER_BYTES).writeInt(length).writeByte(FrameKind.STREAM.code());
        return Unpooled.wrappedBuffer(header, piece);
    }

    /** Makes bytes for one write out of what waits, if there is so much. */
    private void encode(OutgoingQueue queue, WireWriter writer) {
        while (!writer.hasChunk()) {
            Outgoing entry = queue.poll();
            if (entry == null) {
                return;
            }
            entry.write(writer);
            counters.sentMessages.increment();
        }
    }

    /** Writes a frame at once; not at all in the middle of another one, for which the socket has no room. */
    void writeNow(FrameKind kind, byte[] body) {
        if (!urgentWriter.isEmpty()) {
            return;
        }
        WireWriter alone = new WireWriter(allocator);
        alone.beginFrame(kind);
        alone.putBytes(body);
        alone.endFrame();
        write(alone.next());
    }

    /** Says that this node lives, unless something was written of late. */
    void maybeHeartbeat(long nowMillis, long heartbeatMillis) {
        if (nowMillis - writtenMillis >= heartbeatMillis && !socket.writeQueueFull()) {
            writeNow(FrameKind.HEARTBEAT, new byte[0]);
        }
    }

    private void write(ByteBuf bytes) {
        counters.sentBytes.add(bytes.readableBytes());
        writtenMillis = clockMillis.getAsLong();
        socket.writeMessage(bytes);
    }

    /** Takes nothing more, and forgets what was not written. */
    void close() {
        urgent.close();
        stream.close();
        urgentWriter.release();
        streamWriter.release();
    }
}
