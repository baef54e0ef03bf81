package io.sterna.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.zip.CRC32C;

/**
 * The number that tells a data directory from all others, in a file of its own:
 *
 * <pre>
 *  +--------+---------+------+--------+
 *  | magic  | version | id   | crc32c |
 *  | int    | int     | long | int    |   over what is before it
 *  +--------+---------+------+--------+
 * </pre>
 */
final class DiskId {
    static final String NAME = "disk-id";

    private static final String UNFINISHED = NAME + ".new";
    private static final int MAGIC = 0x53544944; // STID
    private static final int VERSION = 1;
    private static final int BYTES = 20;

    private DiskId() {}

    /**
     * Reads it, and makes one where there is none yet. One that can't be read is set aside and another one is made: whoever
     * knows the former one then takes this directory for an empty one, which is safe.
     *
     * @return never 0
     */
    static long of(Disk disk, DamageLog damages) throws IOException, StoreException {
        if (!disk.list().contains(NAME)) {
            return make(disk);
        }
        ByteBuffer found = read(disk);
        if (isGood(found)) {
            if (found.getInt(4) != VERSION) {
                throw new StoreException("The file " + disk.path(NAME) + " is of version " + found.getInt(4)
                        + " of its format; this program knows version " + VERSION + ".");
            }
            return found.getLong(8);
        }
        String was = disk.path(NAME);
        damages.add(new StoreException("The file " + was + " is damaged and was moved to " + Quarantine.move(disk, NAME)
                + ". The data directory has another id from now on; nothing else is lost by that."));
        return make(disk);
    }

    private static ByteBuffer read(Disk disk) throws IOException {
        ByteBuffer found = ByteBuffer.allocate(BYTES);
        try (Disk.File file = disk.open(NAME)) {
            file.read(found, 0);
        }
        return found.flip();
    }

    private static boolean isGood(ByteBuffer found) {
        return found.limit() == BYTES && found.getInt(0) == MAGIC && found.getInt(BYTES - Integer.BYTES) == crc(found);
    }

    private static long make(Disk disk) throws IOException {
        long id = 0;
        while (id == 0) {
            id = new SecureRandom().nextLong();
        }
        ByteBuffer bytes = ByteBuffer.allocate(BYTES);
        bytes.putInt(MAGIC).putInt(VERSION).putLong(id);
        bytes.putInt(crc(bytes)).flip();
        try (Disk.File file = disk.open(UNFINISHED)) {
            file.write(bytes, 0);
            file.force();
        }
        disk.rename(UNFINISHED, NAME);
        disk.forceDirectory();
        return id;
    }

    private static int crc(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate().position(0).limit(BYTES - Integer.BYTES));
        return (int) crc.getValue();
    }
}
