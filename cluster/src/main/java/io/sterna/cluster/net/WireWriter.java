package io.sterna.cluster.net;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.sterna.store.LogRecordFormat;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Puts frames one after the other into buffers of a size that is good for one write. Large arrays are not copied, but put
 * between the buffers as they are. Owned by the link's event loop, or by whoever made it.
 *
 * <pre>
 * | length int | kind byte | body |      length counts the kind and the body; all numbers are big-endian
 * </pre>
 */
final class WireWriter implements LogRecordFormat.Output {
    static final int CHUNK_BYTES = 64 * 1024;
    static final int MAX_STRING_BYTES = 1024;

    /** Arrays from this size on are not worth a copy into a chunk. */
    private static final int LONE_BYTES = 32 * 1024;

    private final ByteBufAllocator allocator;
    private final int headroomBytes;
    private final ArrayDeque<ByteBuf> ready = new ArrayDeque<>();
    private @Nullable ByteBuf chunk;
    private @Nullable ByteBuf lengthChunk;
    private int lengthAt;
    private long written;
    private long frameFrom;

    WireWriter(ByteBufAllocator allocator) {
        this(allocator, 0);
    }

    /** @param headroomBytes left in front of most of what is taken, for who takes it: as its reader index says */
    WireWriter(ByteBufAllocator allocator, int headroomBytes) {
        this.allocator = allocator;
        this.headroomBytes = headroomBytes;
    }

    /** Begins a frame; the one before has ended. */
    void beginFrame(FrameKind kind) {
        ByteBuf current = room(Integer.BYTES + 1);
        lengthChunk = current;
        lengthAt = current.writerIndex();
        putInt(0);
        frameFrom = written;
        putByte(kind.code());
    }

    void endFrame() {
        if (lengthChunk == null) {
            throw new IllegalStateException("no frame has begun");
        }
        lengthChunk.setInt(lengthAt, Math.toIntExact(written - frameFrom));
        lengthChunk = null;
    }

    @Override
    public void putByte(int value) {
        room(1).writeByte(value);
        written++;
    }

    void putBoolean(boolean value) {
        putByte(value ? 1 : 0);
    }

    @Override
    public void putInt(int value) {
        room(Integer.BYTES).writeInt(value);
        written += Integer.BYTES;
    }

    @Override
    public void putLong(long value) {
        room(Long.BYTES).writeLong(value);
        written += Long.BYTES;
    }

    /** Seven bits a byte, the low ones first; taken as unsigned. */
    void putVarint(long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            putByte((int) rest | 0x80);
            rest >>>= 7;
        }
        putByte((int) rest);
    }

    /** @throws IllegalArgumentException when it is longer than anything of ours that has a name */
    void putString(String text) {
        byte[] utf8 = text.getBytes(UTF_8);
        if (utf8.length > MAX_STRING_BYTES) {
            throw new IllegalArgumentException("a text of " + utf8.length + " bytes: " + text.substring(0, 32) + "…");
        }
        putVarint(utf8.length);
        putBytes(utf8);
    }

    /** The count, and each element. */
    <T> void putList(Collection<T> elements, BiConsumer<T, WireWriter> format) {
        putVarint(elements.size());
        for (T element : elements) {
            format.accept(element, this);
        }
    }

    @Override
    public void putBytes(byte[] source) {
        if (source.length >= LONE_BYTES) {
            putAlone(source);
            return;
        }
        int from = 0;
        while (from < source.length) {
            ByteBuf current = room(1);
            int count = Math.min(source.length - from, current.writableBytes());
            current.writeBytes(source, from, count);
            from += count;
        }
        written += source.length;
    }

    private void putAlone(byte[] source) {
        if (chunk != null && chunk.isReadable()) {
            ready.add(chunk.readRetainedSlice(chunk.readableBytes()));
            leaveHeadroom(chunk);
        }
        for (int from = 0; from < source.length; from += CHUNK_BYTES) {
            ready.add(Unpooled.wrappedBuffer(source, from, Math.min(CHUNK_BYTES, source.length - from)));
        }
        written += source.length;
    }

    private ByteBuf room(int bytes) {
        ByteBuf current = chunk;
        if (current == null || current.writableBytes() < bytes) {
            seal();
            current = allocator.directBuffer(CHUNK_BYTES, CHUNK_BYTES);
            leaveHeadroom(current);
            chunk = current;
        }
        return current;
    }

    private void leaveHeadroom(ByteBuf before) {
        int from = before.writerIndex() + Math.min(headroomBytes, before.writableBytes());
        before.setIndex(from, from);
    }

    private void seal() {
        if (chunk != null) {
            if (chunk.isReadable()) {
                ready.add(chunk);
            } else {
                chunk.release();
            }
            chunk = null;
        }
    }

    /** Whether all that was put was taken. */
    boolean isEmpty() {
        return ready.isEmpty() && (chunk == null || !chunk.isReadable());
    }

    /** Whether there is enough for a write of good size. */
    boolean hasChunk() {
        return !ready.isEmpty();
    }

    /** The next bytes to send; empty when there are none. Whoever takes the buffer releases it. No frame is open. */
    ByteBuf next() {
        if (ready.isEmpty()) {
            seal();
        }
        ByteBuf first = ready.poll();
        return first == null ? Unpooled.EMPTY_BUFFER : first;
    }

    /** Forgets what was not taken. */
    void release() {
        seal();
        ready.forEach(ByteBuf::release);
        ready.clear();
    }
}
