package io.sterna.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** Another disk, for those that do a few things otherwise. Any thread. */
abstract class ForwardingDisk implements Disk {
    private final Disk below;

    ForwardingDisk(Disk below) {
        this.below = below;
    }

    @Override
    public Disk.File open(String name) throws IOException {
        return below.open(name);
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

    @Override
    public void giveUpWhenFull(String name, boolean giveUp) {
        below.giveUpWhenFull(name, giveUp);
    }

    @Override
    public String path(String name) {
        return below.path(name);
    }

    @Override
    public long usableBytes() {
        return below.usableBytes();
    }

    /** A file of it. */
    abstract static class ForwardingFile implements Disk.File {
        private final Disk.File below;

        ForwardingFile(Disk.File below) {
            this.below = below;
        }

        @Override
        public void write(ByteBuffer source, long position) throws IOException {
            below.write(source, position);
        }

        @Override
        public void read(ByteBuffer target, long position) throws IOException {
            below.read(target, position);
        }

        @Override
        public void force() throws IOException {
            below.force();
        }

        @Override
        public long size() throws IOException {
            return below.size();
        }

        @Override
        public void truncate(long bytes) throws IOException {
            below.truncate(bytes);
        }

        @Override
        public void close() throws IOException {
            below.close();
        }
    }
}
