package io.sterna.store;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Puts copies of damaged files aside, for people to look at; nothing damaged is ever deleted. */
final class Quarantine {
    private static final String PREFIX = "damaged-";
    private static final String UNFINISHED_SUFFIX = ".new";
    private static final int COPY_BYTES = 1 << 20;

    private Quarantine() {}

    /** Whether a file of this name was put aside. */
    static boolean isSetAside(String name) {
        return name.startsWith(PREFIX);
    }

    /**
     * Copies a file, once for each {@code what}.
     *
     * @return the path of the copy
     */
    static String copy(Disk disk, String name, Disk.File file, String what) throws IOException {
        String copyName = PREFIX + what + "-" + name;
        if (!disk.list().contains(copyName)) {
            copy(disk, file, 0, copyName);
        }
        return disk.path(copyName);
    }

    /** Copies what a file holds from {@code from} on. */
    static void copyEnd(Disk disk, String name, Disk.File file, long from) throws IOException {
        copy(disk, file, from, unusedName(disk, name));
    }

    /** The copy has its name when it is whole, and not when a crash has cut it short. */
    private static void copy(Disk disk, Disk.File file, long from, String copyName) throws IOException {
        String unfinished = copyName + UNFINISHED_SUFFIX;
        disk.delete(unfinished);
        try (Disk.File copy = disk.open(unfinished)) {
            ByteBuffer buffer = ByteBuffer.allocate(COPY_BYTES);
            long size = file.size();
            for (long at = from; at < size; at += COPY_BYTES) {
                buffer.clear().limit((int) Math.min(COPY_BYTES, size - at));
                file.read(buffer, at);
                copy.write(buffer.flip(), at - from);
            }
            copy.force();
        }
        disk.rename(unfinished, copyName);
        disk.forceDirectory();
    }

    /**
     * Moves a file out of the way.
     *
     * @return its new path
     */
    static String move(Disk disk, String name) throws IOException {
        String newName = unusedName(disk, name);
        disk.rename(name, newName);
        disk.forceDirectory();
        return disk.path(newName);
    }

    private static String unusedName(Disk disk, String name) throws IOException {
        int number = 1;
        while (disk.list().contains(PREFIX + number + "-" + name)) {
            number++;
        }
        return PREFIX + number + "-" + name;
    }
}
