package io.sterna.broker.config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where the node keeps what it has promised to keep.
 *
 * @param directory created when it is not there; a relative one is below the working directory
 * @param minFreeBytes of its disk: with less than that free, producers are held back; empty to go by the disk's size
 */
public record DataConfig(Path directory, Optional<Long> minFreeBytes) {
    private static final long GIB = 1 << 30;

    /** Of a small disk. */
    private static final int FREE_SHARE = 4;

    static DataConfig read(Section section) throws ConfigException {
        String directory = section.text("dir", "data");
        Optional<Long> minFreeBytes = section.bytesOr("auto", "min-free-space", 0, 1024 * GIB);
        section.refuseUnknown();
        try {
            return new DataConfig(Path.of(directory), minFreeBytes);
        } catch (InvalidPathException e) {
            throw section.refused("dir", directory, "the path of a directory");
        }
    }

    /** How much has to be free of a disk of that size. */
    public long minFreeBytesOn(long diskBytes) {
        return minFreeBytes.orElse(Math.min(GIB, diskBytes / FREE_SHARE));
    }
}
