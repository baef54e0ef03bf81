package io.sterna.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Another disk as it would be after some changes, which are made in memory only: lets recovery show what it would do. What
 * it sets aside is not kept, since nobody reads it here. Owned by one thread.
 */
final class OverlayDisk implements Disk, AutoCloseable {
    private static final int PAGE_BYTES = 4096;
    private static final byte[] ZEROS = new byte[PAGE_BYTES];

    private final Disk below;
    private final Map<String, Content> files = new TreeMap<>();

    /** Shows {@code below}, which is read and never changed. */
    OverlayDisk(Disk below) throws IOException {
        this.below = below;
        for (String name : below.list()) {
            files.put(name, new Content(Optional.of(name)));
        }
    }

    @Override
    public Disk.File open(String name) throws IOException {
        Content content = files.computeIfAbsent(name, missing -> new Content(Optional.empty()));
        content.kept = !Quarantine.isSetAside(name);
        content.open();
        return content;
    }

    @Override
    public List<String> list() {
        return List.copyOf(files.keySet());
    }

    @Override
    public long size(String name) throws IOException {
        Content content = files.get(name);
        return content != null && content.opened ? content.size : below.size(name);
    }

    @Override
    public void delete(String name) {
        files.remove(name);
    }

    @Override
    public void rename(String from, String to) throws IOException {
        Content content = files.remove(from);
        if (content == null) {
            throw new IOException("there is no " + path(from));
        }
        files.put(to, content);
    }

    @Override
    public void forceDirectory() {
        // Nothing is kept.
    }

    /** It is in memory. */
    @Override
    public long usableBytes() {
        return Long.MAX_VALUE;
    }

    @Override
    public String path(String name) {
        return Quarantine.isSetAside(name) ? below.path(name) + " (by repair, or the next start)" : below.path(name);
    }

    @Override
    public void close() throws IOException {
        for (Content content : files.values()) {
            content.close();
        }
    }

    /** A file: what lies below, and the pages that were written since. */
    private final class Content implements Disk.File {
        private final Optional<String> nameBelow;
        private final Map<Long, byte[]> pages = new HashMap<>();
        private Optional<Disk.File> fileBelow = Optional.empty();
        /** So much of the file below is still seen. */
        private long bytesBelow;

        private long size;
        private boolean opened;
        private boolean kept = true;

        Content(Optional<String> nameBelow) {
            this.nameBelow = nameBelow;
        }

        void open() throws IOException {
            if (nameBelow.isPresent() && fileBelow.isEmpty()) {
                Disk.File found = below.open(nameBelow.get());
                fileBelow = Optional.of(found);
                if (!opened) {
                    bytesBelow = found.size();
                    size = bytesBelow;
                }
            }
            opened = true;
        }

        @Override
        public void write(ByteBuffer source, long position) throws IOException {
            long at = position;
            while (source.hasRemaining()) {
                int offset = (int) (at % PAGE_BYTES);
                int count = Math.min(source.remaining(), PAGE_BYTES - offset);
                if (kept) {
                    put(at / PAGE_BYTES, offset, source.slice(source.position(), count));
                }
                source.position(source.position() + count);
                at += count;
            }
            size = Math.max(size, at);
        }

        private void put(long page, int offset, ByteBuffer bytes) throws IOException {
            byte[] now = new byte[PAGE_BYTES];
            if (bytes.remaining() < PAGE_BYTES) {
                readPage(page, ByteBuffer.wrap(now), 0);
            }
            bytes.get(now, offset, bytes.remaining());
            pages.put(page, Arrays.equals(now, ZEROS) ? ZEROS : now);
        }

        @Override
        public void read(ByteBuffer target, long position) throws IOException {
            long at = position;
            while (target.hasRemaining() && at < size) {
                int offset = (int) (at % PAGE_BYTES);
                int count = (int) Math.min(Math.min(target.remaining(), PAGE_BYTES - offset), size - at);
                readPage(at / PAGE_BYTES, target.slice(target.position(), count), offset);
                target.position(target.position() + count);
                at += count;
            }
        }

        /** Fills {@code target}, with zeros where nothing was written. */
        private void readPage(long page, ByteBuffer target, int offset) throws IOException {
            byte[] written = pages.get(page);
            if (written != null) {
                target.put(written, offset, target.remaining());
                return;
            }
            long at = page * PAGE_BYTES + offset;
            int count = (int) Math.max(0, Math.min(target.remaining(), bytesBelow - at));
            if (count > 0) {
                fileBelow.orElseThrow().read(target.slice(target.position(), count), at);
            }
        }

        @Override
        public void force() {
            // Nothing is kept.
        }

        @Override
        public long size() {
            return size;
        }

        @Override
        public void truncate(long bytes) {
            if (bytes < size) {
                size = bytes;
                bytesBelow = Math.min(bytesBelow, bytes);
                pages.keySet().removeIf(page -> page * PAGE_BYTES >= bytes);
                byte[] last = pages.get(bytes / PAGE_BYTES);
                if (last != null && last != ZEROS) {
                    Arrays.fill(last, (int) (bytes % PAGE_BYTES), PAGE_BYTES, (byte) 0);
                }
            }
        }

        @Override
        public void close() throws IOException {
            if (fileBelow.isPresent()) {
                fileBelow.get().close();
                fileBelow = Optional.empty();
            }
        }
    }
}
