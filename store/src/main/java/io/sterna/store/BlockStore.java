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
import org.h2.mvstore.MVMap;
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
 * <p>Nothing is ever overwritten in the file, see {@link MessageFile}; when most of it has become useless, what lives is
 * copied into a new one.
 *
 * <p>Owned by the worker, and by the opening thread before. What is put is safe when it is saved and noted in the journal.
 */
final class BlockStore {
    static final int PART_BYTES = 1 << 20;
    /** The file may be so many times what it is for: copying then costs less than was written since the last copy. */
    private static final int WASTE_FACTOR = 3;

    private final Disk disk;
    private final StoreConfig config;
    private MessageFile file;
    private Optional<MessageFile> copy = Optional.empty();
    private MVMap<Long, byte[]> headers;
    private MVMap<Long, byte[]> bodies;
    private MVMap<Long, byte[]> nodes;
    private MVMap<Long, byte[]> partitions;
    private long nextNumber;
    private long storedBytes;

    BlockStore(Disk disk, StoreConfig config, MessageFile file) {
        this.disk = disk;
        this.config = config;
        this.file = file;
        headers = file.map(MessageFile.HEADERS);
        bodies = file.map(MessageFile.BODIES);
        nodes = file.map(MessageFile.NODES);
        partitions = file.map(MessageFile.PARTITIONS);
        nextNumber = 1 + Math.max(lastKey(headers), lastKey(bodies));
    }

    /** Number of the next block, for a body of this size. */
    long nextNumber(long bodyBytes) {
        long number = nextNumber;
        nextNumber += Math.max(1, (bodyBytes + PART_BYTES - 1) / PART_BYTES);
        return number;
    }

    /** Puts a block's messages and its header. Only within a message of several parts is something committed. */
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
                    if (left > 0) {
                        maybeCommit();
                    }
                }
            }
        }
        putHeader(number, header);
        storedBytes += storedBytes(header.bodyBytes(), header.sequences().length);
    }

    private static byte[] newPart(long left) {
        return new byte[(int) Math.min(PART_BYTES, left) + Integer.BYTES];
    }

    void putHeader(long number, BlockHeader header) {
        byte[] encoded = header.encode();
        put(headers, number, Arrays.copyOf(encoded, encoded.length + Integer.BYTES));
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
        storedBytes -= storedBytes(block.bodyBytes(), block.count());
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

    /** Puts what is unsaved on the disk when it is a slice or more, so that memory stays bounded. */
    void maybeCommit() {
        file.maybeCommit(config.sliceBytes());
    }

    /** Puts everything on stable storage. */
    MessageFile.Saved save() {
        return file.save();
    }

    /** Counts a block that the file already holds. */
    void adopt(Block block) {
        storedBytes += storedBytes(block.bodyBytes(), block.count());
    }

    /** Whether most of the file is useless. */
    boolean isWasteful(long slackBytes) {
        return fileBytes() > slackBytes && storedBytes * WASTE_FACTOR < fileBytes();
    }

    /** Begins to copy what lives into a new file; nothing else may be put until {@link #switchToCopy}. */
    MessageCopier beginCopy() throws IOException {
        MessageFile target = MessageFile.create(disk, config, file.number() + 1);
        copy = Optional.of(target);
        return new MessageCopier(file, target, config.sliceBytes());
    }

    /** The copy is noted, durably: it is the file from now on, if there is one. */
    void switchToCopy() throws IOException {
        if (copy.isEmpty()) {
            return;
        }
        MessageFile old = file;
        file = copy.get();
        copy = Optional.empty();
        headers = file.map(MessageFile.HEADERS);
        bodies = file.map(MessageFile.BODIES);
        nodes = file.map(MessageFile.NODES);
        partitions = file.map(MessageFile.PARTITIONS);
        old.close();
        disk.delete(old.name());
    }

    /** Size of the file. */
    long fileBytes() {
        return file.bytes();
    }

    /** Leaves the file as it was saved last. */
    void close() {
        file.close();
        copy.ifPresent(MessageFile::close);
    }

    /** About what a block takes in the file. */
    private static long storedBytes(long bodyBytes, int count) {
        return bodyBytes + 64 + 6L * count;
    }

    private static long lastKey(MVMap<Long, byte[]> map) {
        Long last = map.lastKey();
        return last == null ? 0 : last;
    }

    /** Puts a value that has four bytes left free at its end. */
    private void put(MVMap<Long, byte[]> map, long key, byte[] value) {
        ByteBuffer.wrap(value).putInt(value.length - Integer.BYTES, crc(key, value));
        map.put(key, value);
        file.onPut(value.length);
    }

    private byte[] get(MVMap<Long, byte[]> map, long key, String what) throws StoreException {
        try {
            byte[] value = map.get(key);
            if (value == null) {
                throw damage(what, "is missing");
            }
            return checked(key, value, what);
        } catch (MVStoreException e) {
            throw new StoreException(
                    "In the message store " + disk.path(file.name()) + ", " + what + " is unreadable.", e);
        }
    }

    private byte[] checked(long key, byte[] value, String what) throws StoreException {
        if (!isIntact(key, value)) {
            throw damage(what, "is damaged");
        }
        return value;
    }

    /** Whether a value has the right CRC. */
    static boolean isIntact(long key, byte[] value) {
        return value.length >= Integer.BYTES
                && ByteBuffer.wrap(value).getInt(value.length - Integer.BYTES) == crc(key, value);
    }

    private StoreException damage(String what, String how) {
        return new StoreException("In the message store " + disk.path(file.name()) + ", " + what + " " + how + ".");
    }

    private static int crc(long key, byte[] value) {
        CRC32C crc = new CRC32C();
        crc.update(ByteBuffer.allocate(Long.BYTES).putLong(0, key));
        crc.update(value, 0, value.length - Integer.BYTES);
        return (int) crc.getValue();
    }
}
