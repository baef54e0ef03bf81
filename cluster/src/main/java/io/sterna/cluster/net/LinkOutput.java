package io.sterna.cluster.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.vertx.core.internal.net.NetSocketInternal;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * What a link sends. What was added in one turn goes out in one write, or as few as its length asks for. Owned by the
 * network's event loop, but for what says so.
 */
final class LinkOutput {
    /** How much may wait in the socket; the rest stays in the queue, where it takes no memory of its own. */
    private static final int MAX_SOCKET_BYTES = 4 * WireWriter.CHUNK_BYTES;

    private final NetSocketInternal socket;
    private final LongSupplier clockMillis;
    private final ByteBufAllocator allocator;
    private final WireWriter writer;
    private PeerCounters counters = new PeerCounters();
    private long writtenMillis;

    // Any thread
    private final OutgoingQueue queue;

    /** @param wakeUp called by any thread when {@link #flush} is to be called */
    LinkOutput(NetSocketInternal socket, PeerLimits limits, LongSupplier clockMillis, Runnable wakeUp) {
        this.socket = socket;
        this.clockMillis = clockMillis;
        allocator = socket.channelHandlerContext().alloc();
        writer = new WireWriter(allocator);
        queue = new OutgoingQueue(limits.maxQueuedBytes(), limits.maxFrameBytes(), wakeUp);
        writtenMillis = clockMillis.getAsLong();
        socket.setWriteQueueMaxSize(MAX_SOCKET_BYTES);
    }

    /** Where to count from now on. */
    void countBy(PeerCounters newCounters) {
        counters = newCounters;
    }

    /**
     * Sends something after what was sent before. Any thread.
     *
     * @return false when it is not taken, and nothing after it
     */
    boolean offer(Outgoing entry) {
        return queue.offer(entry);
    }

    /** About how much waits to be sent. Any thread. */
    long queuedBytes() {
        return queue.bytes();
    }

    /** Why something was not taken. */
    Optional<String> overflow() {
        return queue.overflow();
    }

    /** The event loop looks: what is added from now on wakes it again. */
    void onAwake() {
        queue.onAwake();
    }

    /** Writes as much as the socket takes. */
    void flush() {
        while (!socket.writeQueueFull()) {
            encode();
            ByteBuf next = writer.next();
            if (!next.isReadable()) {
                return;
            }
            write(next);
        }
    }

    /** Makes bytes for one write out of what waits, if there is so much. */
    private void encode() {
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
        if (!writer.isEmpty()) {
            return;
        }
        WireWriter alone = new WireWriter(allocator);
        alone.beginFrame(kind);
        alone.putBytes(body);
        alone.endFrame();
        write(alone.next());
    }

    /** Says that this node lives, unless something was written of late, or is still to be. */
    void maybeHeartbeat(long nowMillis, long heartbeatMillis) {
        if (nowMillis - writtenMillis >= heartbeatMillis) {
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
        queue.close();
        writer.release();
    }
}
