package io.sterna.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A data directory in memory that knows what was forced. A crash image of it holds what was forced, and of each later
 * write any of its sectors: as it was before, as it was written, or as rubbish. Any thread.
 */
final class CrashDisk implements Disk {
    private static final int SECTOR_BYTES = 512;
    private static final AtomicInteger NEXT_ID = new AtomicInteger();

    private final String id = "disk" + NEXT_ID.incrementAndGet();
    private final Map<String, Content> files = new TreeMap<>();
    private final Map<String, String> renamed = new ConcurrentHashMap<>();
    private int forces;
    private int forceToWatch;
    private Runnable beforeForce = () -> {};
    private int writesUntilFailure = Integer.MAX_VALUE;
    private long capacityBytes = Long.MAX_VALUE;

    /** What a disk may hold after a crash at this instant. */
    synchronized CrashDisk crash(Random random) {
        CrashDisk image = new CrashDisk();
        boolean rubbish = random.nextInt(4) == 0;
        int keepPercent = List.of(0, 50, 90, 100).get(random.nextInt(4));
        files.forEach((name, content) -> image.files.put(name, content.crash(random, keepPercent, rubbish)));
        return image;
    }

    /** Runs something right before one of the next forces takes effect, when all that it is for is still unsafe. */
    synchronized void beforeForce(int forcesFromNow, Runnable action) {
        forceToWatch = forces + forcesFromNow;
        beforeForce = action;
    }

    /** From now on, and after so many writes, nothing can be written. */
    synchronized void failAfter(int writes) {
        writesUntilFailure = writes;
    }

    /** From now on its files can grow to so many bytes together, and it has more room no sooner than this is raised. */
    synchronized void capacity(long bytes) {
        capacityBytes = bytes;
    }

    synchronized long usedBytes() {
        return files.values().stream().mapToLong(content -> content.size).sum();
    }

    @Override
    public synchronized long usableBytes() {
        return capacityBytes == Long.MAX_VALUE ? Long.MAX_VALUE : Math.max(0, capacityBytes - usedBytes());
    }

    /** No longer needed. */
    synchronized void discard() {
        writesUntilFailure = 0;
    }

    synchronized int forces() {
        return forces;
    }

    /** Changes bytes of a file as a failing disk does. */
    synchronized void garble(String name, long position, int count, Random random) {
        byte[] rubbish = new byte[count];
        random.nextBytes(rubbish);
        Content content = files.get(name);
        content.write(position, rubbish);
        content.force();
    }

    /** Damages a block of a {@link CheckedFile}, and the next with the same parity, so that neither can be restored. */
    synchronized void ruin(String name, long position) {
        int stored = CheckedFile.BLOCK_BYTES + Integer.BYTES;
        garble(name, position, 4, new Random(1));
        int block = (int) (position / stored);
        garble(name, block % 8 * (long) stored + 10, 4, new Random(1));
    }

    synchronized byte[] bytes(String name) {
        Content content = files.get(name);
        return Arrays.copyOf(content.now, content.size);
    }

    synchronized void put(String name, byte[] bytes) {
        Content content = new Content();
        content.write(0, bytes);
        content.force();
        files.put(name, content);
    }

    synchronized boolean exists(String name) {
        return files.containsKey(name);
    }

    synchronized void create(String name) {
        files.computeIfAbsent(name, key -> new Content());
    }

    synchronized void write(String name, ByteBuffer source, long position) throws IOException {
        if (writesUntilFailure <= 0) {
            throw new IOException("No space left on device");
        }
        writesUntilFailure--;
        long mostBytes = capacityBytes == Long.MAX_VALUE
                ? Long.MAX_VALUE
                : Math.max(0, files.get(name).size + usableBytes() - position);
        byte[] bytes = new byte[(int) Math.min(source.remaining(), mostBytes)];
        source.get(bytes);
        files.get(name).write(position, bytes);
        if (source.hasRemaining()) {
            throw new IOException("No space left on device");
        }
    }

    synchronized int read(String name, ByteBuffer target, long position) {
        Content content = files.get(name);
        int count = (int) Math.min(target.remaining(), content.size - position);
        if (count <= 0) {
            return -1;
        }
        target.put(content.now, (int) position, count);
        return count;
    }

    synchronized void force(String name) throws IOException {
        if (writesUntilFailure <= 0) {
            throw new IOException("Input/output error");
        }
        forces++;
        if (forces == forceToWatch) {
            beforeForce.run();
        }
        files.get(name).force();
    }

    synchronized void truncate(String name, long size) {
        files.get(name).truncate((int) size);
    }

    @Override
    public synchronized long size(String name) {
        return files.get(name).size;
    }

    @Override
    public synchronized File open(String name) {
        if (!files.containsKey(name)) {
            // Another file had the name.
            renamed.remove(name);
        }
        create(name);
        return new OpenFile(name);
    }

    @Override
    public synchronized List<String> list() {
        return List.copyOf(files.keySet());
    }

    @Override
    public synchronized void delete(String name) {
        files.remove(name);
    }

    @Override
    public synchronized void rename(String from, String to) {
        Content content = files.remove(from);
        files.put(to, content);
        renamed.put(from, to);
    }

    @Override
    public void forceDirectory() {
        // Creations, deletions and renames are durable at once here.
    }

    @Override
    public String path(String name) {
        return "/" + id + "/" + name;
    }

    private final class OpenFile implements File {
        private final String openedAs;

        OpenFile(String name) {
            openedAs = name;
        }

        private String name() {
            return renamed.getOrDefault(openedAs, openedAs);
        }

        @Override
        public void write(ByteBuffer source, long position) throws IOException {
            CrashDisk.this.write(name(), source, position);
        }

        @Override
        public void read(ByteBuffer target, long position) {
            CrashDisk.this.read(name(), target, position);
        }

        @Override
        public void force() throws IOException {
            CrashDisk.this.force(name());
        }

        @Override
        public long size() {
            return CrashDisk.this.size(name());
        }

        @Override
        public void truncate(long bytes) {
            CrashDisk.this.truncate(name(), bytes);
        }

        @Override
        public void close() {
            // Nothing is held.
        }
    }

    /** A write since the last force; a truncation has no bytes. */
    private record Pending(int position, byte[] bytes, boolean truncation) {}

    private static final class Content {
        private byte[] now = new byte[0];
        private int size;
        private byte[] forced = new byte[0];
        private int forcedSize;
        private final List<Pending> pending = new ArrayList<>();

        void write(long position, byte[] bytes) {
            int end = (int) position + bytes.length;
            now = room(now, end);
            System.arraycopy(bytes, 0, now, (int) position, bytes.length);
            size = Math.max(size, end);
            pending.add(new Pending((int) position, bytes, false));
        }

        void truncate(int newSize) {
            if (newSize < size) {
                Arrays.fill(now, newSize, size, (byte) 0);
                size = newSize;
                pending.add(new Pending(newSize, new byte[0], true));
            }
        }

        void force() {
            for (Pending write : pending) {
                apply(write);
            }
            pending.clear();
        }

        private void apply(Pending write) {
            if (write.truncation()) {
                if (write.position() < forcedSize) {
                    Arrays.fill(forced, write.position(), forcedSize, (byte) 0);
                    forcedSize = write.position();
                }
                return;
            }
            int end = write.position() + write.bytes().length;
            forced = room(forced, end);
            System.arraycopy(write.bytes(), 0, forced, write.position(), write.bytes().length);
            forcedSize = Math.max(forcedSize, end);
        }

        Content crash(Random random, int keepPercent, boolean rubbish) {
            Content after = new Content();
            after.forced = forced.clone();
            after.forcedSize = forcedSize;
            for (Pending write : pending) {
                if (write.truncation()) {
                    if (random.nextInt(100) < keepPercent) {
                        after.apply(write);
                    }
                    continue;
                }
                int at = write.position();
                int end = at + write.bytes().length;
                while (at < end) {
                    int next = Math.min(end, (at / SECTOR_BYTES + 1) * SECTOR_BYTES);
                    byte[] sector = Arrays.copyOfRange(write.bytes(), at - write.position(), next - write.position());
                    if (random.nextInt(100) < keepPercent) {
                        after.apply(new Pending(at, sector, false));
                    } else if (rubbish && random.nextBoolean() && sector.length == SECTOR_BYTES) {
                        random.nextBytes(sector);
                        after.apply(new Pending(at, sector, false));
                    }
                    at = next;
                }
            }
            after.now = after.forced.clone();
            after.size = after.forcedSize;
            return after;
        }

        private static byte[] room(byte[] bytes, int needed) {
            return bytes.length >= needed ? bytes : Arrays.copyOf(bytes, Math.max(needed, bytes.length * 2));
        }
    }
}
