package io.sterna.store;

import static io.sterna.store.CheckedBlock.STORED_BYTES;
import static io.sterna.store.StoredBlocks.GROUP_BLOCKS;
import static io.sterna.store.StoredBlocks.LANES;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * A file of blocks that is only ever added to, each block with a checksum, and beside them what it takes to restore a few
 * that were damaged. MVStore checks little of what it reads; through this it never sees a byte that was not written so.
 *
 * <pre>
 *  group 0                                                              group 1
 *  +-----------+-- - --+-----------+---------+---------+-- - --+-----------+--- - -
 *  | parity 0  |       | parity 7  | block 0 | block 1 |       | block 511 | parity 0
 *  +-----------+-- - --+-----------+---------+---------+-- - --+-----------+--- - -
 *  block     | 4096 bytes | crc32c over its number and these bytes, int |
 *  parity p  the same; its bytes are the exclusive or of the blocks p, p + 8, p + 16, … of the group, its number tells
 *            also how many these are: after a crash it may be about blocks that were cut off since
 * </pre>
 *
 * So any one block among each 64 that is damaged or can't be read is restored, and any damage of at most 28 KiB in one place.
 * Blocks stay as they are; the parity of the last group is written anew as the group grows, and on opening where a crash has
 * torn it. Where blocks could not be restored their parity is made invalid, for they would be "restored" to what they are.
 * Owned by one thread.
 */
final class CheckedFile implements Disk.File {
    static final int BLOCK_BYTES = CheckedBlock.BYTES;

    /** Read at once, and written. */
    private static final int RUN_BLOCKS = 64;

    private final Disk.File file;
    private final StoredBlocks stored;
    private final ByteBuffer run = ByteBuffer.allocate(RUN_BLOCKS * STORED_BYTES);
    /** Of the last group. */
    private final byte[][] parity = new byte[LANES][STORED_BYTES];
    /** Parities of the last group that could not be told, since blocks are damaged. */
    private final boolean[] broken = new boolean[LANES];

    private CheckedFile(Disk.File file, StoredBlocks stored) {
        this.file = file;
        this.stored = stored;
    }

    /**
     * Takes a file, which is closed with this.
     *
     * @param damages hears of blocks that were damaged and could be restored
     */
    static CheckedFile open(Disk.File file, String path, Consumer<StoreException> damages) throws IOException {
        CheckedFile opened = new CheckedFile(file, new StoredBlocks(file, path, damages));
        opened.load();
        return opened;
    }

    /** A block is damaged, or can't be read while others can, and can't be restored. */
    static final class DamagedBlockException extends IOException {
        private static final long serialVersionUID = 1;

        DamagedBlockException(String message) {
            super(message);
        }
    }

    private void load() throws IOException {
        stored.setBlocks(StoredBlocks.blocksWithin(file.size()));
        loadParity();
    }

    /** Computes the parity of the last group from its blocks. */
    private void loadParity() throws IOException {
        clearParity();
        long group = stored.blocks() / GROUP_BLOCKS;
        for (long block = group * GROUP_BLOCKS; block < stored.blocks(); block++) {
            int lane = StoredBlocks.lane(block);
            try {
                CheckedBlock.add(stored.read(block), parity[lane]);
            } catch (DamagedBlockException e) {
                // Whoever reads it will hear of it.
                broken[lane] = true;
            }
        }
        boolean torn = false;
        for (int lane = 0; lane < LANES; lane++) {
            torn |= !broken[lane] && !stored.isGoodParity(group, lane);
        }
        if (torn && stored.blocks() % GROUP_BLOCKS != 0) {
            writeParity();
        }
    }

    @Override
    public void write(ByteBuffer source, long position) throws IOException {
        if (position != size() || source.remaining() % BLOCK_BYTES != 0) {
            throw new IllegalArgumentException(source.remaining() + " bytes at " + position + " of " + size()
                    + ": only whole blocks are written, and only at the end");
        }
        while (source.hasRemaining()) {
            long left = Math.min(GROUP_BLOCKS - stored.blocks() % GROUP_BLOCKS, source.remaining() / BLOCK_BYTES);
            append(source, (int) left);
        }
    }

    /** Writes some blocks that lie in one group. */
    private void append(ByteBuffer source, int count) throws IOException {
        long first = stored.blocks();
        byte[] bytes = new byte[STORED_BYTES];
        for (int done = 0; done < count; ) {
            run.clear();
            int now = Math.min(RUN_BLOCKS, count - done);
            for (int i = 0; i < now; i++) {
                long block = first + done + i;
                source.get(bytes, 0, BLOCK_BYTES);
                CheckedBlock.sign(block, bytes);
                CheckedBlock.add(bytes, parity[StoredBlocks.lane(block)]);
                run.put(bytes);
            }
            file.write(run.flip(), StoredBlocks.offset(first + done));
            Threads.letOthersRun();
            done += now;
        }
        stored.setBlocks(first + count);
        writeParity();
        if (stored.blocks() % GROUP_BLOCKS == 0) {
            clearParity();
        }
    }

    /** Writes the parity of the group with the last block. */
    private void writeParity() throws IOException {
        long group = (stored.blocks() - 1) / GROUP_BLOCKS;
        ByteBuffer all = ByteBuffer.allocate(LANES * STORED_BYTES);
        for (int lane = 0; lane < LANES; lane++) {
            byte[] bytes = parity[lane];
            CheckedBlock.sign(stored.parityNumber(group, lane), bytes);
            if (broken[lane]) {
                bytes[BLOCK_BYTES] ^= 1;
            }
            all.put(bytes);
        }
        stored.writeParities(group, all.array());
    }

    @Override
    public void read(ByteBuffer target, long position) throws IOException {
        long at = position;
        while (target.hasRemaining() && at < size()) {
            long first = at / BLOCK_BYTES;
            long wanted = (at % BLOCK_BYTES + target.remaining() + BLOCK_BYTES - 1) / BLOCK_BYTES;
            long inGroup = Math.min(GROUP_BLOCKS - first % GROUP_BLOCKS, stored.blocks() - first);
            int count = (int) Math.min(Math.min(wanted, inGroup), RUN_BLOCKS);
            byte[] bytes = stored.read(first, count);
            for (int i = 0; i < count; i++) {
                int from = (int) (at - (first + i) * BLOCK_BYTES);
                int length = Math.min(BLOCK_BYTES - from, target.remaining());
                target.put(bytes, i * STORED_BYTES + from, length);
                at += length;
            }
        }
    }

    /**
     * Reads everything, also what nobody needs, and restores what can be restored.
     *
     * @param unrestored hears of what can't
     */
    void scrub(Consumer<StoreException> unrestored) throws IOException {
        stored.scrub(unrestored);
    }

    @Override
    public void force() throws IOException {
        file.force();
    }

    @Override
    public long size() {
        return stored.blocks() * BLOCK_BYTES;
    }

    @Override
    public void truncate(long bytes) throws IOException {
        long kept = bytes / BLOCK_BYTES;
        if (kept < stored.blocks()) {
            file.truncate(storedBytes(bytes));
            load();
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    /** Where in the file below the first so many bytes end. */
    static long storedBytes(long bytes) {
        return StoredBlocks.end(bytes / BLOCK_BYTES);
    }

    private void clearParity() {
        for (byte[] lane : parity) {
            Arrays.fill(lane, (byte) 0);
        }
        Arrays.fill(broken, false);
    }
}
