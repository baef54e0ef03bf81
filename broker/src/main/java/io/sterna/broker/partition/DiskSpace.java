package io.sterna.broker.partition;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;

/** The disk on which the node keeps its data. */
@FunctionalInterface
public interface DiskSpace {

    /**
     * What it was like when it was looked at.
     *
     * @param usableBytes what this process may still write
     * @param totalBytes its size
     */
    record Reading(long usableBytes, long totalBytes) {}

    /** Looks. May block for as long as the disk likes. */
    Reading look() throws IOException;

    /** The disk of a directory that is there. */
    static DiskSpace of(Path directory) {
        return () -> {
            FileStore store = Files.getFileStore(directory);
            return new Reading(store.getUsableSpace(), store.getTotalSpace());
        };
    }
}
