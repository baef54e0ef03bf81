package io.sterna.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/** Another disk, of which some reads and writes fail. Any thread. */
final class FaultyDisk implements Disk {
    private final Disk below;
    private final LongAdder looks = new LongAdder();
    private volatile Fault fault = (name, from, to, writes) -> {};

    FaultyDisk(Disk below) {
        this.below = below;
    }

    /** Throws what a read or write of bytes {@code from} to {@code to} of a file is to throw. */
    interface Fault {
        void maybeThrow(String name, long from, long to, boolean writes) throws IOException;
    }

    /** From now on. */
    void set(Fault next) {
        fault = next;
    }

    @Override
    public Disk.File open(String name) throws IOException {
        return new FaultyFile(name, below.open(name));
    }

    @Override
    public List<String> list() throws IOException {
        return below.list();
    }

    @Override
    public long size(String name) throws IOException {
        return below.size(name);
    }

    @Override
    public void delete(String name) throws IOException {
        below.delete(name);
    }

    @Override
    public void rename(String from, String to) throws IOException {
        below.rename(from, to);
    }

    @Override
    public void forceDirectory() throws IOException {
        below.forceDirectory();
    }

    /** How often it was asked what room it has. */
    long looks() {
        return looks.sum();
    }

    @Override
    public long usableBytes() {
        looks.increment();
        return below.usableBytes();
    }

    @Override
    public String path(String name) {
        return below.path(name);
    }

    private final class FaultyFile implements Disk.File {
        private final String name;
        private final Disk.File file;

        FaultyFile(String name, Disk.File file) {
            this.name = name;
            this.file = file;
        }

        @Override
        public void write(ByteBuffer source, long position) throws IOException {
            fault.maybeThrow(name, position, position + source.remaining(), true);
            file.write(source, position);
        }

        @Override
        public void read(ByteBuffer target, long position) throws IOException {
            fault.maybeThrow(name, position, position + target.remaining(), false);
            file.read(target, position);
        }

        @Override
        public void force() throws IOException {
            file.force();
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public void truncate(long bytes) throws IOException {
            file.truncate(bytes);
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
