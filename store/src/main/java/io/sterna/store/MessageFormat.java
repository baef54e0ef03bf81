package io.sterna.store;

import java.io.IOException;
import java.util.function.Consumer;

/** How a {@link MessageFile} lies on the disk: its name tells, and MVStore's version of its contents. */
enum MessageFormat {
    PLAIN(".mv", 2),
    CHECKED(".mvc", 3);

    private final String suffix;
    private final int version;

    MessageFormat(String suffix, int version) {
        this.suffix = suffix;
        this.version = version;
    }

    /** MVStore's version of the contents. */
    int version() {
        return version;
    }

    String suffix() {
        return suffix;
    }

    static MessageFormat of(String name) {
        return name.endsWith(CHECKED.suffix) ? CHECKED : PLAIN;
    }

    /** Where in the stored file the first so many bytes end. */
    long storedBytes(long bytes) {
        return this == CHECKED ? CheckedFile.storedBytes(bytes) : bytes;
    }

    Disk.File open(Disk disk, String name, Consumer<StoreException> damages) throws IOException {
        Disk.File file = disk.open(name);
        return this == CHECKED ? CheckedFile.open(file, disk.path(name), damages) : file;
    }
}
