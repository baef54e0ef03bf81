package io.sterna.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * One use of a journal file. The file begins with a header that is forced before the first record is written, so that
 * records without a readable header are damage and never a crash:
 *
 * <pre>
 *  0             8              12        16             24       28              4096
 *  +-------------+--------------+---------+--------------+--------+---------------+----------- - -
 *  | "STERNA J"  | format       | segment | first record | crc32c | zeros         | records
 *  | long        | version int  | int     | number long  | int    |               |
 *  +-------------+--------------+---------+--------------+--------+---------------+----------- - -
 * </pre>
 *
 * A sector of its own keeps a torn write of a record away from it.
 *
 * @param number rises by one from use to use of any file
 * @param firstRecord number of the record that stands first in it
 */
record JournalSegment(SegmentFile file, int number, long firstRecord) {
    static final int FORMAT_VERSION = 2;
    static final int HEADER_BYTES = 4096;
    /** Kept free at the end, so that checkpoints can be noted when there is no segment left to go on to. */
    static final int NOTE_RESERVE_BYTES = 2048;

    private static final long MAGIC = 0x535445524E41204AL;
    private static final int FIELD_BYTES = 28;

    /** Makes this the use of the file, durably. */
    void writeHeader() throws IOException {
        ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
        header.putLong(MAGIC).putInt(FORMAT_VERSION).putInt(number).putLong(firstRecord);
        header.putInt(crc(header)).position(0);
        file.file().write(header, 0);
        file.file().force();
    }

    /**
     * Reads a file's header.
     *
     * @return empty when it was never used, or its header is unreadable
     * @throws StoreException when another version of the format wrote it
     */
    static Optional<JournalSegment> of(SegmentFile file, Disk disk) throws IOException, StoreException {
        ByteBuffer header = ByteBuffer.allocate(FIELD_BYTES);
        file.file().read(header, 0);
        if (header.hasRemaining() || header.getLong(0) != MAGIC || header.getInt(24) != crc(header)) {
            return Optional.empty();
        }
        if (header.getInt(8) != FORMAT_VERSION) {
            throw new StoreException("The journal file " + disk.path(file.name()) + " has format version "
                    + header.getInt(8) + "; this broker reads and writes version " + FORMAT_VERSION
                    + ". Run the version of the broker that wrote it.");
        }
        return Optional.of(new JournalSegment(file, header.getInt(12), header.getLong(16)));
    }

    /** Where ordinary records end. */
    long recordLimit() {
        return file.bytes() - NOTE_RESERVE_BYTES;
    }

    private static int crc(ByteBuffer header) {
        CRC32C crc = new CRC32C();
        crc.update(header.duplicate().position(0).limit(FIELD_BYTES - Integer.BYTES));
        return (int) crc.getValue();
    }
}
