package io.sterna.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.zip.ZipOutputStream;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.FileStore;
import org.h2.mvstore.MVStoreException;
import org.h2.mvstore.RandomAccessStore;
import org.h2.mvstore.SFChunk;

/**
 * Lets MVStore keep its file on a {@link Disk}. What MVStore saved last is what ends last in the file, since the file is
 * cut off where it ended when it was noted and nothing in it is used again: so the chunk at its end is taken, and not the
 * one that two header blocks and a look at all other chunks agree on. A single damaged header of a chunk would cost the
 * whole file otherwise.
 *
 * <p>When the last chunk is damaged, the one before it is taken; its version tells.
 */
final class DiskFileStore extends RandomAccessStore {
    /** In which MVStore writes. */
    static final int BLOCK_BYTES = 4096;
    /** MVStore's own at the beginning, of which nothing is needed. */
    private static final int HEADER_BLOCKS = 2;

    private final Disk.File file;
    /** The last failure that may pass: MVStore takes any for the lack of a chunk when it looks for one. */
    private Optional<MVStoreException> passing = Optional.empty();

    private DiskFileStore(Disk.File file, int cacheMebibytes) {
        super(Map.of("cacheSize", cacheMebibytes));
        this.file = file;
    }

    /** Takes a file, which is closed with this. */
    static DiskFileStore open(Disk.File file, String path, int cacheMebibytes) throws IOException {
        DiskFileStore store = new DiskFileStore(file, cacheMebibytes);
        store.init(path, false);
        store.setSize(file.size());
        return store;
    }

    /** Whether something failed because the disk could not be read now, and not because it is damaged for good. */
    static boolean mayPass(MVStoreException e) {
        return e.getCause() instanceof IOException && !(e.getCause() instanceof CheckedFile.DamagedBlockException);
    }

    /** Whether a file was written to that is to be given up when the disk is full, and it is. */
    static boolean foundNoRoom(Exception e) {
        return e instanceof NoRoomException || e.getCause() instanceof NoRoomException;
    }

    /** Throws it again if it may pass: it is nothing then to draw conclusions from. */
    static void throwIfItMayPass(MVStoreException e) {
        if (mayPass(e)) {
            throw e;
        }
    }

    @Override
    public void open(String fileName, boolean readOnly, char[] encryptionKey) {
        throw new UnsupportedOperationException("it is open from the beginning");
    }

    @Override
    public FileStore<SFChunk> open(String fileName, boolean readOnly) {
        throw new UnsupportedOperationException("MVStore does not compact here");
    }

    @Override
    protected void readStoreHeader(boolean recoveryMode) {
        initializeCommonHeaderAttributes(System.currentTimeMillis());
        for (SFChunk last = lastBefore(size() / BLOCK_BYTES); ; last = lastBefore(last.block)) {
            try {
                setLastChunk(last);
                freeSpace.clear();
                // It does not name itself.
                markUsed(last);
                getChunksFromLayoutMap().forEach(this::markUsed);
                return;
            } catch (MVStoreException e) {
                throwIfItMayPass(e);
                // What leads to all others is unreadable: the next older one will do.
            }
        }
    }

    /** Where what was saved last ends. */
    long end() {
        SFChunk last = lastChunk;
        return last == null ? 0 : (last.block + last.len) * BLOCK_BYTES;
    }

    /** Where what was saved before that ends, 0 when there is nothing. */
    long beforeEnd() {
        SFChunk last = lastChunk;
        return last == null || last.block <= HEADER_BLOCKS ? 0 : last.block * BLOCK_BYTES;
    }

    /** Where what was saved as this version ends, 0 when it is not there. */
    long endOf(long version) {
        SFChunk chunk = lastChunk;
        while (chunk != null && chunk.version > version && chunk.block > HEADER_BLOCKS) {
            chunk = discoverChunk(chunk.block);
        }
        return chunk == null || chunk.version != version ? 0 : (chunk.block + chunk.len) * BLOCK_BYTES;
    }

    /** Whether all of what was saved last is readable, and not only what leads to it. */
    boolean isLastReadable() throws IOException {
        try {
            for (long at = beforeEnd(); at < end(); at += BLOCK_BYTES) {
                file.read(ByteBuffer.allocate(BLOCK_BYTES), at);
            }
            return true;
        } catch (CheckedFile.DamagedBlockException e) {
            return false;
        }
    }

    /** Reads everything, if that tells anything. */
    void scrub(Consumer<StoreException> unrestored) throws IOException {
        if (file instanceof CheckedFile checked) {
            checked.scrub(unrestored);
        }
    }

    private void markUsed(SFChunk chunk) {
        if (chunk.block > 0) {
            markUsed(chunk.block * BLOCK_BYTES, chunk.len * BLOCK_BYTES);
        }
    }

    private SFChunk lastBefore(long block) {
        passing = Optional.empty();
        Optional<SFChunk> found = block <= HEADER_BLOCKS ? Optional.empty() : Optional.ofNullable(discoverChunk(block));
        if (passing.isPresent()) {
            throw passing.get();
        }
        return found.orElseThrow(
                () -> new MVStoreException(DataUtils.ERROR_FILE_CORRUPT, "nothing that was saved in it is readable"));
    }

    @Override
    public ByteBuffer readFully(SFChunk chunk, long position, int length) {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        try {
            file.read(bytes, position);
        } catch (IOException e) {
            MVStoreException failure =
                    failed(DataUtils.ERROR_READING_FAILED, "reading " + length + " bytes at " + position, e);
            passing = Optional.of(failure).filter(DiskFileStore::mayPass).or(() -> passing);
            throw failure;
        }
        if (bytes.hasRemaining()) {
            throw new MVStoreException(
                    DataUtils.ERROR_READING_FAILED,
                    "it ends before " + (position + length) + ", where something is expected");
        }
        readCount.incrementAndGet();
        readBytes.addAndGet(length);
        return bytes.flip();
    }

    @Override
    protected void writeFully(SFChunk chunk, long position, ByteBuffer source) {
        int length = source.remaining();
        setSize(Math.max(size(), position + length));
        try {
            file.write(source, position);
        } catch (IOException e) {
            throw failed(DataUtils.ERROR_WRITING_FAILED, "writing " + length + " bytes at " + position, e);
        }
        writeCount.incrementAndGet();
        writeBytes.addAndGet(length);
    }

    @Override
    protected void truncate(long bytes) {
        try {
            file.truncate(bytes);
        } catch (IOException e) {
            throw failed(DataUtils.ERROR_WRITING_FAILED, "cutting it off at " + bytes, e);
        }
        setSize(Math.min(size(), bytes));
    }

    @Override
    public void sync() {
        try {
            file.force();
        } catch (IOException e) {
            throw failed(DataUtils.ERROR_WRITING_FAILED, "forcing it", e);
        }
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            throw failed(DataUtils.ERROR_WRITING_FAILED, "closing it", e);
        } finally {
            super.close();
        }
    }

    @Override
    public void backup(ZipOutputStream out) {
        throw new UnsupportedOperationException("MVStore does not back up here");
    }

    private static MVStoreException failed(int code, String what, IOException cause) {
        MVStoreException failure = new MVStoreException(code, what + " failed: " + cause.getMessage());
        failure.initCause(cause);
        return failure;
    }
}
