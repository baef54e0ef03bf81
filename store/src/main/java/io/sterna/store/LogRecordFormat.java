package io.sterna.store;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/**
 * Records and operations as bytes outside of a journal, to be sent to another node: what the journal has of them, without
 * what the journal puts around it. Big-endian; its end is told by itself.
 *
 * <p>What a node writes for its own replica alone is not read: values of {@link LogOperation.ValuePut#REPLICA}, {@link
 * LogOperation.LogRestarted} and {@link LogOperation.PartitionRemoved}. No node makes another one believe what it has promised.
 *
 * <pre>
 * | partition int | epoch long | index long | operation |      the operation as in {@link OperationTag}
 * </pre>
 */
public final class LogRecordFormat {
    private static final int HEADER_BYTES = Integer.BYTES + 2 * Long.BYTES;
    private static final OperationSink NO_SINK = new NoSink();

    private LogRecordFormat() {}

    /** Where bytes go. */
    public interface Output {
        /** The low eight bits. */
        void putByte(int value) throws IOException;

        /** Big-endian. */
        void putInt(int value) throws IOException;

        /** Big-endian. */
        void putLong(long value) throws IOException;

        /** All of it, which is not changed afterwards. */
        void putBytes(byte[] source) throws IOException;
    }

    /** How long a record will be. */
    public static long bytes(LogRecord record) {
        return HEADER_BYTES + bytes(record.operation());
    }

    /** How long an operation will be. */
    public static long bytes(LogOperation operation) {
        return OperationWriter.bytes(operation);
    }

    /** Writes a record. */
    public static void write(LogRecord record, Output out) throws IOException {
        out.putInt(record.partition());
        out.putLong(record.epoch());
        out.putLong(record.index());
        write(record.operation(), out);
    }

    /** Writes an operation. */
    public static void write(LogOperation operation, Output out) throws IOException {
        new OperationWriter(0, 0, out, NO_SINK).write(operation);
    }

    /**
     * Reads a record from the buffer's position on, and moves it behind the record. Allocates no more than about what the
     * buffer still holds.
     *
     * @throws IllegalArgumentException when it is none; the position is anywhere then
     */
    public static LogRecord readRecord(ByteBuffer in) {
        if (in.remaining() < HEADER_BYTES) {
            throw new IllegalArgumentException("a record ends after " + in.remaining() + " bytes");
        }
        int partition = in.getInt();
        if (partition < 0) {
            throw new IllegalArgumentException("a record of partition " + partition);
        }
        return new LogRecord(partition, in.getLong(), in.getLong(), readOperation(in));
    }

    /** The same with an operation. */
    public static LogOperation readOperation(ByteBuffer in) {
        try {
            return new OperationReader(in).operation();
        } catch (BufferUnderflowException end) {
            throw new IllegalArgumentException("an operation has no end", end);
        }
    }
}
