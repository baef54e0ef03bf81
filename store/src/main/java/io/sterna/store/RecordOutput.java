package io.sterna.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The journal thread's one buffer, on its way into a file. What does not fit is written early, so that a record of any
 * length passes through it. Owned by the journal thread.
 */
final class RecordOutput implements LogRecordFormat.Output {
    private final ByteBuffer buffer;
    private final CRC32C crc = new CRC32C();
    private int crcFrom;
    private Disk.File file;
    private long bufferPosition;

    RecordOutput(int bytes, Disk.File file) {
        this.buffer = ByteBuffer.allocateDirect(bytes);
        this.file = file;
    }

    /** Goes on in {@code newFile} at {@code position}; nothing may be pending. */
    void moveTo(Disk.File newFile, long position) {
        if (buffer.position() != 0) {
            throw new IllegalStateException("bytes are pending for another file");
        }
        file = newFile;
        bufferPosition = position;
    }

    /** Where the next byte goes in the file. */
    long position() {
        return bufferPosition + buffer.position();
    }

    void beginRecord() {
        crc.reset();
        crcFrom = buffer.position();
    }

    /** Ends the record with its CRC and fills up to a multiple of eight. */
    void endRecord() throws IOException {
        updateCrc();
        ensure(Integer.BYTES + RecordCodec.ALIGNMENT);
        buffer.putInt((int) crc.getValue());
        while (position() % RecordCodec.ALIGNMENT != 0) {
            buffer.put((byte) 0);
        }
    }

    @Override
    public void putByte(int value) throws IOException {
        ensure(1);
        buffer.put((byte) value);
    }

    @Override
    public void putInt(int value) throws IOException {
        ensure(Integer.BYTES);
        buffer.putInt(value);
    }

    @Override
    public void putLong(long value) throws IOException {
        ensure(Long.BYTES);
        buffer.putLong(value);
    }

    @Override
    public void putBytes(byte[] source) throws IOException {
        int from = 0;
        while (from < source.length) {
            ensure(1);
            int count = Math.min(source.length - from, buffer.remaining());
            buffer.put(source, from, count);
            from += count;
        }
    }

    /** Writes what is pending. */
    void flush() throws IOException {
        buffer.flip();
        int count = buffer.limit();
        file.write(buffer, bufferPosition);
        bufferPosition += count;
        buffer.clear();
    }

    /** Writes what is pending and forces everything. */
    void force() throws IOException {
        flush();
        file.force();
    }

    private void ensure(int bytes) throws IOException {
        if (buffer.remaining() < bytes) {
            updateCrc();
            flush();
            crcFrom = 0;
        }
    }

    private void updateCrc() {
        int end = buffer.position();
        buffer.flip().position(crcFrom);
        crc.update(buffer);
        buffer.limit(buffer.capacity()).position(end);
        crcFrom = end;
    }
}
