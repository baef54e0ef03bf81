package io.sterna.store;

import java.nio.ByteBuffer;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.WriteBuffer;
import org.h2.mvstore.type.BasicDataType;

/**
 * Keys and values of our maps in MVStore. Both say that their size must not be estimated: the estimate is wrong for
 * values of mixed sizes, and a cache of 16 MB then holds 118 MB. (One of the two allowing it is enough to switch it on.)
 */
final class ValueTypes {
    private ValueTypes() {}

    static final class Key extends BasicDataType<Long> {
        private static final int MEMORY_BYTES = 24;

        @Override
        public int getMemory(Long key) {
            return MEMORY_BYTES;
        }

        @Override
        public boolean isMemoryEstimationAllowed() {
            return false;
        }

        @Override
        public int compare(Long left, Long right) {
            return Long.compare(left, right);
        }

        @Override
        public void write(WriteBuffer out, Long key) {
            out.putVarLong(key);
        }

        @Override
        public Long read(ByteBuffer in) {
            return DataUtils.readVarLong(in);
        }

        @Override
        public Long[] createStorage(int size) {
            return new Long[size];
        }
    }

    static final class Entry extends BasicDataType<EntryKey> {
        private static final int OVERHEAD_BYTES = 56;

        @Override
        public int getMemory(EntryKey key) {
            return OVERHEAD_BYTES + key.key().length;
        }

        @Override
        public boolean isMemoryEstimationAllowed() {
            return false;
        }

        @Override
        public int compare(EntryKey left, EntryKey right) {
            return left.compareTo(right);
        }

        @Override
        public void write(WriteBuffer out, EntryKey key) {
            out.putVarInt(key.partition()).putVarLong(key.nodeId()).putVarInt(key.key().length);
            out.put(key.key());
        }

        @Override
        public EntryKey read(ByteBuffer in) {
            int partition = DataUtils.readVarInt(in);
            long nodeId = DataUtils.readVarLong(in);
            byte[] key = new byte[DataUtils.readVarInt(in)];
            in.get(key);
            return new EntryKey(partition, nodeId, key);
        }

        @Override
        public EntryKey[] createStorage(int size) {
            return new EntryKey[size];
        }
    }

    static final class Bytes extends BasicDataType<byte[]> {
        private static final int OVERHEAD_BYTES = 24;

        @Override
        public int getMemory(byte[] value) {
            return OVERHEAD_BYTES + value.length;
        }

        @Override
        public boolean isMemoryEstimationAllowed() {
            return false;
        }

        @Override
        public void write(WriteBuffer out, byte[] value) {
            out.putVarInt(value.length).put(value);
        }

        @Override
        public byte[] read(ByteBuffer in) {
            byte[] value = new byte[DataUtils.readVarInt(in)];
            in.get(value);
            return value;
        }

        @Override
        public byte[][] createStorage(int size) {
            return new byte[size][];
        }
    }
}
