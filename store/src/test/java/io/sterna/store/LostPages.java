package io.sterna.store;

import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;

/** Pages of a file that can't be read, and not be written in part, until they are written wholly. Any thread. */
final class LostPages implements FaultyDisk.Fault {
    static final int BYTES = 4096;

    private final String file;
    private final Disk disk;
    private final Set<Long> pages = new ConcurrentSkipListSet<>();

    LostPages(String file, Disk disk) {
        this.file = file;
        this.disk = disk;
    }

    void add(long page) {
        pages.add(page);
    }

    boolean isEmpty() {
        return pages.isEmpty();
    }

    @Override
    public void maybeThrow(String name, long from, long to, boolean writes) throws IOException {
        if (!name.equals(file)) {
            return;
        }
        long size = disk.size(name);
        if (writes) {
            pages.removeIf(page -> from <= page * BYTES && to >= Math.min((page + 1) * BYTES, size));
        }
        for (long page : pages) {
            if (from < (page + 1) * BYTES && to > page * BYTES) {
                throw new IOException("Input/output error");
            }
        }
    }
}
