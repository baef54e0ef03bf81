package io.sterna.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.zip.CRC32C;

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
 * So any one damaged block among each 64 is restored, and any damage of at most 28 KiB in one place. Blocks stay as they
 * are; the parity of the last group is written anew as the group grows, and on opening where a crash has torn it. Where
 * blocks could not be restored their parity is made invalid, for they would be "restored" to what they are. Owned by one
 * thread.
 */
final class CheckedFile implements Disk.File {
    static final int BLOCK_BYTES = 4096;

    private static final int STORED_BYTES = BLOCK_BYTES + Integer.BYTES;
    private static final int LANES = 8;
    private static final int GROUP_BLOCKS = 512;
    private static final long GROUP_BYTES = (long) (LANES + GROUP_BLOCKS) * STORED_BYTES;
    /** Read at once. */
    private static final int RUN_BLOCKS = 64;

    private final Disk.File file;
    private final String path;
    private final Consumer<StoreException> damages;
    private final ByteBuffer run = ByteBuffer.allocate(RUN_BLOCKS * STORED_BYTES);
    /** Of the last group. */
    private final byte[][] parity = new byte[LANES][STORED_BYTES];
    /** Parities of the last group that could not be told, since blocks are damaged. */
    private final boolean[] broken = new boolean[LANES];

    private long blocks;

    private CheckedFile(Disk.File file, String path, Consumer<StoreException> damages) {
        this.file = file;
        this.path = path;
        this.damages = damages;
    }

    /**
     * Takes a file, which is closed with this.
     *
     * @param damages hears of blocks that were damaged and could be restored
     */
    static CheckedFile open(Disk.File file, String path, Consumer<StoreException> damages) throws IOException {
        CheckedFile opened = new CheckedFile(file, path, damages);
        opened.load();
        return opened;
    }

    /** A block is damaged and can't be restored. */
    static final class DamagedBlockException extends IOException {
        private static final long serialVersionUID = 1;

        DamagedBlockException(String message) {
            super(message);
        }
    }

    private void load() throws IOException {
        long bytes = file.size();
        long inGroup = bytes % GROUP_BYTES / STORED_BYTES - LANES;
        blocks = bytes / GROUP_BYTES * GROUP_BLOCKS + Math.max(0, inGroup);
        loadParity();
    }

    /** Computes the parity of the last group from its blocks. */
    private void loadParity() throws IOException {
        clearParity();
        long group = blocks / GROUP_BLOCKS;
        for (long block = group * GROUP_BLOCKS; block < blocks; block++) {
            byte[] bytes = readStored(offsetOf(block));
            if (!isGood(block, bytes)) {
                try {
                    bytes = restored(block);
                } catch (DamagedBlockException e) {
                    // Whoever reads it will hear of it.
                    broken[lane(block)] = true;
                }
            }
            addTo(parity[lane(block)], bytes);
        }
        boolean torn = false;
        for (int lane = 0; lane < LANES; lane++) {
            torn |= !broken[lane] && !isGood(parityNumber(group, lane), readStored(parityOffset(group, lane)));
        }
        if (torn && blocks % GROUP_BLOCKS != 0) {
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
            long left = Math.min(GROUP_BLOCKS - blocks % GROUP_BLOCKS, source.remaining() / BLOCK_BYTES);
            append(source, (int) left);
        }
    }

    /** Writes some blocks that lie in one group. */
    private void append(ByteBuffer source, int count) throws IOException {
        long first = blocks;
        byte[] bytes = new byte[STORED_BYTES];
        for (int done = 0; done < count; ) {
            run.clear();
            int now = Math.min(RUN_BLOCKS, count - done);
            for (int i = 0; i < now; i++) {
                long block = first + done + i;
                source.get(bytes, 0, BLOCK_BYTES);
                sign(block, bytes);
                addTo(parity[lane(block)], bytes);
                run.put(bytes);
            }
            file.write(run.flip(), offsetOf(first + done));
            done += now;
        }
        blocks += count;
        writeParity();
        if (blocks % GROUP_BLOCKS == 0) {
            clearParity();
        }
    }

    /** Writes the parity of the group with the last block. */
    private void writeParity() throws IOException {
        long group = (blocks - 1) / GROUP_BLOCKS;
        ByteBuffer all = ByteBuffer.allocate(LANES * STORED_BYTES);
        for (int lane = 0; lane < LANES; lane++) {
            byte[] bytes = parity[lane];
            sign(parityNumber(group, lane), bytes);
            if (broken[lane]) {
                bytes[BLOCK_BYTES] ^= 1;
            }
            all.put(bytes);
        }
        file.write(all.flip(), parityOffset(group, 0));
    }

    @Override
    public void read(ByteBuffer target, long position) throws IOException {
        long at = position;
        while (target.hasRemaining() && at < size()) {
            long first = at / BLOCK_BYTES;
            long wanted = (at % BLOCK_BYTES + target.remaining() + BLOCK_BYTES - 1) / BLOCK_BYTES;
            long inGroup = Math.min(GROUP_BLOCKS - first % GROUP_BLOCKS, blocks - first);
            int count = (int) Math.min(Math.min(wanted, inGroup), RUN_BLOCKS);
            byte[] bytes = readRun(first, count);
            for (int i = 0; i < count; i++) {
                int from = (int) (at - (first + i) * BLOCK_BYTES);
                int length = Math.min(BLOCK_BYTES - from, target.remaining());
                target.put(bytes, i * STORED_BYTES + from, length);
                at += length;
            }
        }
    }

    /** Reads blocks of one group, all good. */
    private byte[] readRun(long first, int count) throws IOException {
        byte[] bytes = new byte[count * STORED_BYTES];
        file.read(ByteBuffer.wrap(bytes), offsetOf(first));
        for (int i = 0; i < count; i++) {
            if (crc(first + i, bytes, i * STORED_BYTES) != storedCrc(bytes, i * STORED_BYTES)) {
                byte[] good = restored(first + i);
                System.arraycopy(good, 0, bytes, i * STORED_BYTES, STORED_BYTES);
            }
        }
        return bytes;
    }

    /** A damaged block as it was written; throws when that can't be told. */
    private byte[] restored(long block) throws IOException {
        long group = block / GROUP_BLOCKS;
        byte[] sum = readStored(parityOffset(group, lane(block)));
        if (isGood(parityNumber(group, lane(block)), sum) && addPeers(block, sum)) {
            sign(block, sum);
            file.write(ByteBuffer.wrap(sum), offsetOf(block));
            damages.accept(new StoreException(
                    "The message file " + path + " is damaged at byte " + offsetOf(block) + "; its " + BLOCK_BYTES
                            + " bytes can be restored from the parity beside them, and nothing is lost."));
            return sum;
        }
        throw new DamagedBlockException("the file is damaged at byte " + offsetOf(block)
                + ", and too much around it to restore its " + BLOCK_BYTES + " bytes");
    }

    /** Adds all other blocks that have the same parity; false when one of them is damaged, too. */
    private boolean addPeers(long block, byte[] sum) throws IOException {
        for (long peer = firstPeer(block); peer < endOfGroup(block); peer += LANES) {
            if (peer != block) {
                byte[] bytes = readStored(offsetOf(peer));
                if (!isGood(peer, bytes)) {
                    return false;
                }
                addTo(sum, bytes);
            }
        }
        return true;
    }

    private static long firstPeer(long block) {
        return block / GROUP_BLOCKS * GROUP_BLOCKS + lane(block);
    }

    private long endOfGroup(long block) {
        return Math.min(blocks, (block / GROUP_BLOCKS + 1) * GROUP_BLOCKS);
    }

    /**
     * Reads everything, also what nobody needs, and restores what can be restored.
     *
     * @param unrestored hears of what can't
     */
    void scrub(Consumer<StoreException> unrestored) throws IOException {
        long firstBad = -1;
        for (long block = 0; block < blocks; block++) {
            boolean bad = isLost(block);
            if (bad && firstBad < 0) {
                firstBad = block;
            }
            if (firstBad >= 0 && (!bad || block + 1 == blocks)) {
                long end = offsetOf(bad ? block : block - 1) + STORED_BYTES;
                unrestored.accept(new StoreException("The message file " + path + " is damaged between bytes "
                        + offsetOf(firstBad) + " and " + end + ", too much to restore what was there."));
                firstBad = -1;
            }
            if (block + 1 == endOfGroup(block)) {
                scrubParity(block);
            }
        }
    }

    /** Whether a block is damaged and stays so. */
    private boolean isLost(long block) throws IOException {
        if (isGood(block, readStored(offsetOf(block)))) {
            return false;
        }
        try {
            restored(block);
            return false;
        } catch (DamagedBlockException e) {
            return true;
        }
    }

    private void scrubParity(long lastOfGroup) throws IOException {
        long group = lastOfGroup / GROUP_BLOCKS;
        for (int lane = 0; lane < LANES; lane++) {
            byte[] sum = new byte[STORED_BYTES];
            long first = group * GROUP_BLOCKS + lane;
            boolean good = isGood(parityNumber(group, lane), readStored(parityOffset(group, lane)));
            // One that is invalid because of a block that is lost is no other damage.
            if (!good && first < blocks && addPeers(first, sum)) {
                byte[] own = readStored(offsetOf(first));
                if (isGood(first, own)) {
                    addTo(sum, own);
                    sign(parityNumber(group, lane), sum);
                    file.write(ByteBuffer.wrap(sum), parityOffset(group, lane));
                    damages.accept(new StoreException("The message file " + path + " is damaged at byte "
                            + parityOffset(group, lane) + ", where only parity stands; nothing is lost."));
                }
            }
        }
    }

    @Override
    public void force() throws IOException {
        file.force();
    }

    @Override
    public long size() {
        return blocks * BLOCK_BYTES;
    }

    @Override
    public void truncate(long bytes) throws IOException {
        long kept = bytes / BLOCK_BYTES;
        if (kept < blocks) {
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
        long count = bytes / BLOCK_BYTES;
        return count == 0 ? 0 : offsetOf(count - 1) + STORED_BYTES;
    }

    private static long offsetOf(long block) {
        return block / GROUP_BLOCKS * GROUP_BYTES + (LANES + block % GROUP_BLOCKS) * STORED_BYTES;
    }

    private static long parityOffset(long group, int lane) {
        return group * GROUP_BYTES + (long) lane * STORED_BYTES;
    }

    private static int lane(long block) {
        return (int) (block % LANES);
    }

    /** Under the checksum of a parity, in place of a block's number. */
    private long parityNumber(long group, int lane) {
        long inGroup = Math.min(GROUP_BLOCKS, blocks - group * GROUP_BLOCKS);
        long summed = (Math.max(0, inGroup) - lane + LANES - 1) / LANES;
        return -1 - ((group * LANES + lane) * GROUP_BLOCKS + summed);
    }

    private byte[] readStored(long offset) throws IOException {
        byte[] bytes = new byte[STORED_BYTES];
        file.read(ByteBuffer.wrap(bytes), offset);
        return bytes;
    }

    private static boolean isGood(long number, byte[] bytes) {
        return crc(number, bytes, 0) == storedCrc(bytes, 0);
    }

    private static void sign(long number, byte[] bytes) {
        ByteBuffer.wrap(bytes).putInt(BLOCK_BYTES, crc(number, bytes, 0));
    }

    private static int storedCrc(byte[] bytes, int from) {
        return ByteBuffer.wrap(bytes).getInt(from + BLOCK_BYTES);
    }

    private static int crc(long number, byte[] bytes, int from) {
        CRC32C crc = new CRC32C();
        crc.update(ByteBuffer.allocate(Long.BYTES).putLong(0, number));
        crc.update(bytes, from, BLOCK_BYTES);
        return (int) crc.getValue();
    }

    private static void addTo(byte[] sum, byte[] bytes) {
        for (int i = 0; i < BLOCK_BYTES; i++) {
            sum[i] ^= bytes[i];
        }
    }

    private void clearParity() {
        for (byte[] lane : parity) {
            Arrays.fill(lane, (byte) 0);
        }
        Arrays.fill(broken, false);
    }
}
