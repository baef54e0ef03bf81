package io.sterna.broker.cluster;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Whether this node is drained, as a file in its data directory that is there or not: so that it holds after a restart. Any
 * thread that may block; one at a time.
 */
record DrainMark(Path directory) {
    private static final String NAME = "drained";

    boolean isSet() {
        return Files.exists(directory.resolve(NAME));
    }

    /** Returns when it is on the disk. */
    void set(boolean draining) throws IOException {
        Path file = directory.resolve(NAME);
        if (!draining) {
            Files.deleteIfExists(file);
        } else if (!Files.exists(file)) {
            Files.createFile(file);
        }
        try (FileChannel entries = FileChannel.open(directory, StandardOpenOption.READ)) {
            entries.force(true);
        }
    }
}
