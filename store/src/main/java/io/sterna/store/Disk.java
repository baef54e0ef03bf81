package io.sterna.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** The data directory, as little of it as the store needs; tests put one in its place that crashes and fails. */
interface Disk {

    /** Opens a file for reading and writing, and creates it when it is missing. */
    File open(String name) throws IOException;

    /** Names of the files in the directory. */
    List<String> list() throws IOException;

    /** Size of a file that is there. */
    long size(String name) throws IOException;

    void delete(String name) throws IOException;

    void rename(String from, String to) throws IOException;

    /** Makes creations, deletions and renames durable. */
    void forceDirectory() throws IOException;

    /**
     * Whether writes to a file, and forces of it, fail with {@link NoRoomException} when the disk is full: it is not
     * needed, and will be given up. Others may wait for room, as every file does unless this was said.
     */
    default void giveUpWhenFull(String name, boolean giveUp) {
        // Where nothing waits all fail.
    }

    /** How much may still be written; {@link Long#MAX_VALUE} when that can't be told. */
    long usableBytes();

    /** How an operator finds the file. */
    String path(String name);

    /** An open file. Positional, so that one thread may write while others read what is written. */
    interface File extends AutoCloseable {
        int ZEROS_BYTES = 1 << 20;

        /** Writes all that remains in {@code source}. */
        void write(ByteBuffer source, long position) throws IOException;

        /** Writes zeros up to {@code end}; nothing when that is not behind {@code position}. */
        default void writeZeros(long position, long end) throws IOException {
            ByteBuffer zeros = ByteBuffer.allocate((int) Math.min(ZEROS_BYTES, Math.max(0, end - position)));
            for (long at = position; at < end; at += zeros.capacity()) {
                zeros.clear().limit((int) Math.min(zeros.capacity(), end - at));
                write(zeros, at);
            }
        }

        /** Fills {@code target} as far as the file goes. */
        void read(ByteBuffer target, long position) throws IOException;

        /** Puts all that was written on stable storage. */
        void force() throws IOException;

        long size() throws IOException;

        /** Cuts off what lies behind. */
        void truncate(long bytes) throws IOException;

        @Override
        void close() throws IOException;
    }
}
