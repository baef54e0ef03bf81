package io.sterna.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sterna.store.LogOperation.NodeCreated;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.h2.mvstore.Cursor;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;

/**
 * Blocks of messages, nodes and partition marks in MVStore. Each value ends with a CRC32C over its key and itself,
 * because MVStore does not check the bodies of its pages.
 *
 * <pre>
 *  map "headers"     block number                    header, see {@link BlockHeader}
 *  map "bodies"      block number, + 1, + 2, …       parts of 1 MiB of the messages, one behind the other
 *  map "nodes"       node id                         | partition int | kind int | address UTF-8 |
 *  map "partitions"  partition                       | epoch long | index long |
 * </pre>
 *
 * Owned by the worker, and by the opening thread before. What is put is safe when it is committed, synced and noted in
 * the journal; the version that was noted last is held, so that a crash can go back to it.
 */
final class BlockStore {
    static final String FILE = "messages.mv";
    static final int PART_BYTES = 1 << 20;

    private static final int FORMAT_VERSION = 1;
    /** Zero is reported to break reopening; the file's size is about the write rate times this. */
    private static final int RETENTION_MILLIS = 5_000;

    private static final int VERSIONS_TO_KEEP = 5;
    private static final int COMPACT_BELOW_PERCENT = 60;

    private final Disk disk;
    private final StoreConfig config;
    private final MVStore store;
    private final boolean fresh;
    private final MVMap<Long, byte[]> headers;
    private final MVMap<Long, byte[]> bodies;
    private final MVMap<Long, byte[]> nodes;
    private final MVMap<Long, byte[]> partitions;
    private MVStore.TxCounter held;
    private long nextNumber;
    private long unsavedBytes;

    private BlockStore(Disk disk, StoreConfig config, MVStore store, boolean fresh) {
        this.fresh = fresh;
        this.disk = disk;
        this.config = config;
        this.store = store;
        headers = openMap("headers");
        bodies = openMap("bodies");
        nodes = openMap("nodes");
        partitions = openMap("partitions");
        nextNumber = 1 + Math.max(lastKey(headers), lastKey(bodies) + 1);
        held = store.registerVersionUsage();
    }

    /**
     * Opens the file, and goes back to the version that was noted.
     *
     * @param version as noted in the journal; empty to take the newest
     * @throws StoreException when another version of the format wrote the file
     * @throws MVStoreException when the file is damaged
     */
    static BlockStore open(Disk disk, StoreConfig config, Optional<Long> version) throws StoreException {
        MVStore store = new MVStore.Builder()
                .fileName(disk.messageStoreName(FILE))
                .autoCommitDisabled()
                // Otherwise a commit still happens by itself when 1 MB is unsaved.
                .autoCommitBufferSize(0)
                .cacheSize(config.cacheMebibytes())
                .open();
        try {
            store.setRetentionTime(RETENTION_MILLIS);
            store.setVersionsToKeep(VERSIONS_TO_KEEP);
            if (version.isPresent() && version.get() != store.getCurrentVersion()) {
                goBack(store, version.get());
            }
            boolean fresh = store.getCurrentVersion() == 0;
            if (!fresh && store.getStoreVersion() != FORMAT_VERSION) {
                throw new StoreException("The message store " + disk.path(FILE) + " has format version "
                        + store.getStoreVersion() + "; this broker reads and writes version " + FORMAT_VERSION
                        + ". Run the version of the broker that wrote it.");
            }
            if (fresh) {
                store.setStoreVersion(FORMAT_VERSION);
            }
            return new BlockStore(disk, config, store, fresh);
        } catch (StoreException | RuntimeException e) {
            store.closeImmediately();
            throw e;
        }
    }

    /** A torn chunk is not detected by MVStore: only the version that was synced and noted can be trusted. */
    private static void goBack(MVStore store, long version) {
        try {
            store.rollbackTo(version);
        } catch (IllegalArgumentException e) {
            throw new MVStoreException(
                    DataUtils.ERROR_FILE_CORRUPT,
                    "version " + version + " is not in the file, which ends at version " + store.getCurrentVersion());
        }
        store.sync();
    }

    /** Number of the next block, for a body of this size. */
    long nextNumber(long bodyBytes) {
        long number = nextNumber;
        nextNumber += Math.max(1, (bodyBytes + PART_BYTES - 1) / PART_BYTES);
        return number;
    }

    /** Puts a block's messages and its header. */
    void put(long number, BlockHeader header, List<byte[]> messages) {
        long left = header.bodyBytes();
        long key = number;
        byte[] part = newPart(left);
        int filled = 0;
        for (byte[] message : messages) {
            int from = 0;
            while (from < message.length) {
                int count = Math.min(message.length - from, part.length - Integer.BYTES - filled);
                System.arraycopy(message, from, part, filled, count);
                from += count;
                filled += count;
                left -= count;
                if (filled == part.length - Integer.BYTES) {
                    put(bodies, key++, part);
                    part = newPart(left);
                    filled = 0;
                    maybeCommit();
                }
            }
        }
        putHeader(number, header);
    }

    private static byte[] newPart(long left) {
        return new byte[(int) Math.min(PART_BYTES, left) + Integer.BYTES];
    }

    void putHeader(long number, BlockHeader header) {
        byte[] encoded = header.encode();
        put(headers, number, Arrays.copyOf(encoded, encoded.length + Integer.BYTES));
        maybeCommit();
    }

    /** Reads a header; throws when it is missing or damaged. */
    BlockHeader header(long number) throws StoreException {
        return BlockHeader.decode(get(headers, number, "the header of block " + number));
    }

    /**
     * Reads bytes of a block's body.
     *
     * @throws StoreException when they are missing or damaged
     */
    byte[] body(long number, long bodyBytes, long from, int count) throws StoreException {
        byte[] bytes = new byte[count];
        int filled = 0;
        while (filled < count) {
            long at = from + filled;
            long part = at / PART_BYTES;
            byte[] value = get(bodies, number + part, "block " + number);
            int partBytes = (int) Math.min(PART_BYTES, bodyBytes - part * PART_BYTES);
            int offset = (int) (at - part * PART_BYTES);
            int length = Math.min(count - filled, partBytes - offset);
            System.arraycopy(value, offset, bytes, filled, length);
            filled += length;
        }
        return bytes;
    }

    void remove(Block block) {
        headers.remove(block.number());
        for (long part = 0; part * PART_BYTES < block.bodyBytes(); part++) {
            bodies.remove(block.number() + part);
        }
        unsavedBytes += Long.BYTES;
    }

    /** Numbers of all blocks, rising. */
    Iterator<Long> blockNumbers() {
        return headers.keyIterator(null);
    }

    void putNode(int partition, NodeCreated node) {
        byte[] address = node.address().getBytes(UTF_8);
        byte[] value = new byte[3 * Integer.BYTES + address.length];
        ByteBuffer.wrap(value).putInt(partition).putInt(node.kind()).put(address);
        put(nodes, node.nodeId(), value);
    }

    void removeNode(long nodeId) {
        nodes.remove(nodeId);
    }

    void putPartition(int partition, long epoch, long index) {
        byte[] value = new byte[2 * Long.BYTES + Integer.BYTES];
        ByteBuffer.wrap(value).putLong(epoch).putLong(index);
        put(partitions, partition, value);
    }

    /** Tells {@code sink} all nodes and partitions; gives what was unreadable. */
    List<StoreException> readNodesAndPartitions(OperationSink sink) {
        List<StoreException> damages = new ArrayList<>();
        Cursor<Long, byte[]> node = nodes.cursor(null);
        while (node.hasNext()) {
            long id = node.next();
            try {
                ByteBuffer value = ByteBuffer.wrap(checked(id, node.getValue(), "node " + id));
                int partition = value.getInt();
                int kind = value.getInt();
                byte[] address = new byte[value.remaining() - Integer.BYTES];
                value.get(address);
                sink.onNodeCreated(partition, new NodeCreated(id, kind, new String(address, UTF_8)));
            } catch (StoreException e) {
                damages.add(e);
            }
        }
        Cursor<Long, byte[]> partition = partitions.cursor(null);
        while (partition.hasNext()) {
            long number = partition.next();
            try {
                ByteBuffer value =
                        ByteBuffer.wrap(checked(number, partition.getValue(), "the mark of partition " + number));
                sink.onRecord((int) number, value.getLong(), value.getLong());
            } catch (StoreException e) {
                damages.add(e);
            }
        }
        return damages;
    }

    /** Puts what is unsaved on its way to the disk when it is a slice or more, so that memory stays bounded. */
    void maybeCommit() {
        if (unsavedBytes >= config.sliceBytes()) {
            store.commit();
            store.sync();
            unsavedBytes = 0;
        }
    }

    /** Gathers what still lives in old chunks, so that their space is used again. */
    void compact() {
        store.compact(COMPACT_BELOW_PERCENT, config.sliceBytes());
    }

    /**
     * Puts everything on stable storage.
     *
     * @return the version to note
     */
    Saved save() {
        store.commit();
        store.sync();
        unsavedBytes = 0;
        return new Saved(store.getCurrentVersion(), store.registerVersionUsage());
    }

    /** The version is noted, durably; the one before may go. */
    void onNoted(Saved saved) {
        store.deregisterVersionUsage(held);
        held = saved.usage();
    }

    /** Nothing was ever noted in this file. */
    boolean isFresh() {
        return fresh;
    }

    /** Size of the file. */
    long fileBytes() {
        return store.getFileStore().size();
    }

    /** How much of the file's space is taken by what still lives, percent. */
    int livePercent() {
        return store.getFileStore().getFillRate() * store.getFileStore().getChunksFillRate() / 100;
    }

    /** Leaves the file as it was saved last. */
    void close() {
        store.closeImmediately();
    }

    /** A version on stable storage, held until the next one is noted. */
    record Saved(long version, MVStore.TxCounter usage) {}

    private MVMap<Long, byte[]> openMap(String name) {
        return store.openMap(
                name,
                new MVMap.Builder<Long, byte[]>().keyType(new ValueTypes.Key()).valueType(new ValueTypes.Bytes()));
    }

    private static long lastKey(MVMap<Long, byte[]> map) {
        Long last = map.lastKey();
        return last == null ? 0 : last;
    }

    /** Puts a value that has four bytes left free at its end. */
    private void put(MVMap<Long, byte[]> map, long key, byte[] value) {
        ByteBuffer.wrap(value).putInt(value.length - Integer.BYTES, crc(key, value));
        map.put(key, value);
        unsavedBytes += value.length;
    }

    private byte[] get(MVMap<Long, byte[]> map, long key, String what) throws StoreException {
        try {
            byte[] value = map.get(key);
            if (value == null) {
                throw damage(what, "is missing");
            }
            return checked(key, value, what);
        } catch (MVStoreException e) {
            throw new StoreException("In the message store " + disk.path(FILE) + ", " + what + " is unreadable.", e);
        }
    }

    private byte[] checked(long key, byte[] value, String what) throws StoreException {
        if (value.length < Integer.BYTES
                || ByteBuffer.wrap(value).getInt(value.length - Integer.BYTES) != crc(key, value)) {
            throw damage(what, "is damaged");
        }
        return value;
    }

    private StoreException damage(String what, String how) {
        return new StoreException("In the message store " + disk.path(FILE) + ", " + what + " " + how + ".");
    }

    private static int crc(long key, byte[] value) {
        CRC32C crc = new CRC32C();
        crc.update(ByteBuffer.allocate(Long.BYTES).putLong(0, key));
        crc.update(value, 0, value.length - Integer.BYTES);
        return (int) crc.getValue();
    }

    /** Whether there is a file. */
    static boolean exists(Disk disk) throws IOException {
        return disk.list().contains(FILE);
    }
}
