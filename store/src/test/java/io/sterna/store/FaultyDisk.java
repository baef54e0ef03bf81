package io.sterna.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.LongAdder;

/** Another disk, of which some reads and writes fail. Any thread. */
final class FaultyDisk extends ForwardingDisk {
    private final LongAdder looks = new LongAdder();
    private volatile Fault fault = (name, from, to, writes) -> {};

    FaultyDisk(Disk below) {
        super(below);
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
        return new FaultyFile(name, super.open(name));
    }

    /** How often it was asked what room it has. */
    long looks() {
        return looks.sum();
    }

    @Override
    public long usableBytes() {
        looks.increment();
        return super.usableBytes();
    }

    private final class FaultyFile extends ForwardingFile {
        private final String name;

        FaultyFile(String name, Disk.File below) {
            super(below);
            this.name = name;
        }

        @Override
        public void write(ByteBuffer source, long position) throws IOException {
            fault.maybeThrow(name, position, position + source.remaining(), true);
            super.write(source, position);
        }

        @Override
        public void read(ByteBuffer target, long position) throws IOException {
            fault.maybeThrow(name, position, position + target.remaining(), false);
            super.read(target, position);
        }
    }
}
