package io.sterna.store;

import static io.sterna.store.CheckedBlock.STORED_BYTES;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The blocks and parities of a {@link CheckedFile} as they lie in the file below: one behind the other, each at a numbered
 * place.
 *
 * <pre>
 *  place   0     …  7     8        …  519        520   …
 *        | parities     | blocks of group 0    | parities of group 1, …
 *          exclusive or of the places p, p + 8, p + 16, … of a group = 0
 * </pre>
 *
 * So one of these that is damaged, or can't be read, is restored from the others, and written again where it was: a disk
 * puts another sector in the place of one that it has lost then. Owned by one thread.
 */
final class StoredBlocks {
    static final int LANES = 8;
    static final int GROUP_BLOCKS = 512;

    private static final int GROUP_PLACES = LANES + GROUP_BLOCKS;
    private static final int PAGE_BYTES = 4096;

    private final Disk.File file;
    private final String path;
    private final Consumer<StoreException> damages;

    private long blocks;
    /** Of what was read last. */
    private Optional<IOException> failure = Optional.empty();

    /**
     * Those of a file, of which none is known yet.
     *
     * @param damages hears of what was damaged and could be restored
     */
    StoredBlocks(Disk.File file, String path, Consumer<StoreException> damages) {
        this.file = file;
        this.path = path;
        this.damages = damages;
    }

    /** Blocks, without parities. */
    long blocks() {
        return blocks;
    }

    void setBlocks(long count) {
        blocks = count;
    }

    /** How many whole blocks lie in so many bytes. */
    static long blocksWithin(long bytes) {
        long places = bytes / STORED_BYTES;
        return places / GROUP_PLACES * GROUP_BLOCKS + Math.max(0, places % GROUP_PLACES - LANES);
    }

    /** Where so many blocks end. */
    static long end(long count) {
        return count == 0 ? 0 : offset(count - 1) + STORED_BYTES;
    }

    static long offset(long block) {
        return offsetOfPlace(placeOf(block));
    }

    static int lane(long block) {
        return (int) (block % LANES);
    }

    /** Under the checksum of a parity, in place of a block's number. */
    long parityNumber(long group, int lane) {
        long inGroup = Math.min(GROUP_BLOCKS, blocks - group * GROUP_BLOCKS);
        long summed = (Math.max(0, inGroup) - lane + LANES - 1) / LANES;
        return -1 - ((group * LANES + lane) * GROUP_BLOCKS + summed);
    }

    boolean isGoodParity(long group, int lane) throws IOException {
        return good(group * GROUP_PLACES + lane).isPresent();
    }

    /** Blocks of one group as they were written. */
    byte[] read(long first, int count) throws IOException {
        byte[] bytes = new byte[count * STORED_BYTES];
        boolean all = isReadable(bytes, offset(first));
        for (int i = 0; i < count; i++) {
            if (!all || !CheckedBlock.isGood(first + i, bytes, i * STORED_BYTES)) {
                System.arraycopy(read(first + i), 0, bytes, i * STORED_BYTES, STORED_BYTES);
            }
        }
        return bytes;
    }

    /**
     * A block as it was written.
     *
     * @throws CheckedFile.DamagedBlockException when that can't be told
     * @throws IOException when nothing can be read, which may pass, or what was restored can't be written
     */
    byte[] read(long block) throws IOException {
        long place = placeOf(block);
        Optional<byte[]> good = good(place);
        if (good.isPresent()) {
            return good.get();
        }
        String where = "damaged at byte " + offset(block)
                + failure.map(e -> " (" + e.getMessage() + ")").orElse("");
        Optional<byte[]> restored = restored(place);
        if (restored.isPresent()) {
            damages.accept(new StoreException("The message file " + path + " is " + where + "; its "
                    + CheckedBlock.BYTES + " bytes can be restored from the parity beside them, and nothing is lost."));
            write(place, restored.get());
            // Before the parity that it comes from is written anew: a crash may tear both.
            file.force();
            return restored.get();
        }
        // Far away, where it throws if the whole file can't be read.
        file.read(ByteBuffer.allocate(1), block < blocks / 2 ? end(blocks) - 1 : 0);
        throw new CheckedFile.DamagedBlockException(
                "the file is " + where + ", and too much around it to restore its " + CheckedBlock.BYTES + " bytes");
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
                long end = end(bad ? block + 1 : block);
                unrestored.accept(new StoreException("The message file " + path + " is damaged between bytes "
                        + offset(firstBad) + " and " + end + ", too much to restore what was there."));
                firstBad = -1;
            }
            if ((block + 1) % GROUP_BLOCKS == 0 || block + 1 == blocks) {
                scrubParities(block / GROUP_BLOCKS);
            }
        }
    }

    /** Whether a block is damaged and stays so. */
    private boolean isLost(long block) throws IOException {
        try {
            read(block);
            return false;
        } catch (CheckedFile.DamagedBlockException e) {
            return true;
        }
    }

    private void scrubParities(long group) throws IOException {
        for (int lane = 0; lane < LANES; lane++) {
            long place = group * GROUP_PLACES + lane;
            // One that is invalid because of a block that is lost is no other damage, and can't be restored.
            Optional<byte[]> restored = isGoodParity(group, lane) ? Optional.empty() : restored(place);
            if (restored.isPresent()) {
                write(place, restored.get());
                damages.accept(new StoreException("The message file " + path + " is damaged at byte "
                        + offsetOfPlace(place) + ", where only parity stands; nothing is lost."));
            }
        }
    }

    /** What belongs to a place, as all others with the same parity tell; empty when one of them is damaged, too. */
    private Optional<byte[]> restored(long place) throws IOException {
        byte[] sum = new byte[STORED_BYTES];
        long group = place / GROUP_PLACES;
        long end = Math.min((group + 1) * GROUP_PLACES, end(blocks) / STORED_BYTES);
        for (long other = group * GROUP_PLACES + place % LANES; other < end; other += LANES) {
            if (other != place) {
                Optional<byte[]> good = good(other);
                if (good.isEmpty()) {
                    return Optional.empty();
                }
                CheckedBlock.add(good.get(), sum);
            }
        }
        CheckedBlock.sign(numberAt(place), sum);
        return Optional.of(sum);
    }

    /** Writes the parities of a group. */
    void writeParities(long group, byte[] all) throws IOException {
        write(group * GROUP_PLACES, all);
    }

    /** Writes what belongs at {@code place} and behind. */
    private void write(long place, byte[] bytes) throws IOException {
        try {
            file.write(ByteBuffer.wrap(bytes), offsetOfPlace(place));
        } catch (IOException e) {
            // A page that can't be read can't be written in part either. Not at once: what stands beside would be at
            // risk.
            Optional<ByteBuffer> pages = pagesAround(place, bytes);
            if (pages.isEmpty()) {
                throw e;
            }
            file.write(pages.get(), pageOf(offsetOfPlace(place)));
        }
    }

    /** The whole pages that hold places which begin with {@code place}; empty when it can't be told what is beside them. */
    private Optional<ByteBuffer> pagesAround(long place, byte[] bytes) throws IOException {
        long own = offsetOfPlace(place);
        long from = pageOf(own);
        long to = Math.min(pageOf(own + bytes.length + PAGE_BYTES - 1), end(blocks));
        ByteBuffer pages = ByteBuffer.allocate((int) (to - from));
        for (long at = from; at < to; at = from + pages.position()) {
            boolean isOwn = at >= own && at < own + bytes.length;
            Optional<byte[]> there = isOwn ? Optional.of(bytes) : asItIs(at / STORED_BYTES);
            if (there.isEmpty()) {
                return Optional.empty();
            }
            int start = (int) (at - (isOwn ? own : offsetOfPlace(at / STORED_BYTES)));
            pages.put(there.get(), start, Math.min(there.get().length - start, pages.remaining()));
        }
        return Optional.of(pages.flip());
    }

    private static long pageOf(long offset) {
        return offset / PAGE_BYTES * PAGE_BYTES;
    }

    /** What is at a place, damaged or not; when it can't be read, what belongs there; empty when that can't be told. */
    private Optional<byte[]> asItIs(long place) throws IOException {
        byte[] bytes = new byte[STORED_BYTES];
        return isReadable(bytes, offsetOfPlace(place)) ? Optional.of(bytes) : restored(place);
    }

    /** What is at a place, empty when it is damaged or can't be read. */
    private Optional<byte[]> good(long place) throws IOException {
        byte[] bytes = new byte[STORED_BYTES];
        boolean good = isReadable(bytes, offsetOfPlace(place)) && CheckedBlock.isGood(numberAt(place), bytes, 0);
        return good ? Optional.of(bytes) : Optional.empty();
    }

    /** Fills {@code bytes}, unless the disk can't read all of them. */
    private boolean isReadable(byte[] bytes, long position) throws IOException {
        try {
            file.read(ByteBuffer.wrap(bytes), position);
            failure = Optional.empty();
        } catch (ClosedChannelException e) {
            throw e;
        } catch (IOException e) {
            failure = Optional.of(e);
        }
        return failure.isEmpty();
    }

    private long numberAt(long place) {
        long group = place / GROUP_PLACES;
        int inGroup = (int) (place % GROUP_PLACES);
        return inGroup < LANES ? parityNumber(group, inGroup) : group * GROUP_BLOCKS + inGroup - LANES;
    }

    private static long placeOf(long block) {
        return block / GROUP_BLOCKS * GROUP_PLACES + LANES + block % GROUP_BLOCKS;
    }

    private static long offsetOfPlace(long place) {
        return place * STORED_BYTES;
    }
}
