package io.sterna.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The spill in the data directory, {@code spill-NNNNNNNN}, with a thread of its own that is there once it is needed. */
final class SpillFiles implements Spill, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(SpillFiles.class);
    private static final String PREFIX = "spill-";
    private static final int MOST_OPEN = 16;
    private static final long CLOSE_SECONDS = 10;

    private final Disk disk;
    private final AtomicLong lastFile = new AtomicLong();
    private final ExecutorService executor = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "sterna-spill");
        thread.setDaemon(true);
        return thread;
    });

    /** The executor's: by when they were used last. */
    private final Map<Long, Disk.File> open = new LinkedHashMap<>(MOST_OPEN, 0.75f, true);

    private SpillFiles(Disk disk) {
        this.disk = disk;
    }

    /** Deletes what a process that ended has left. */
    static SpillFiles open(Disk disk) throws IOException {
        deleteAll(disk);
        return new SpillFiles(disk);
    }

    private static void deleteAll(Disk disk) throws IOException {
        for (String name : disk.list()) {
            if (name.matches(PREFIX + "\\d{8,}")) {
                disk.delete(name);
            }
        }
    }

    private static String name(long file) {
        return PREFIX + String.format("%08d", file);
    }

    @Override
    public long newFile() {
        return lastFile.incrementAndGet();
    }

    @Override
    public void write(SpillPlace place, List<StoredMessage> messages, WriteListener listener) {
        run(
                () -> {
                    try {
                        file(place.file()).write(SpillFormat.encode(place, messages), place.position());
                    } catch (IOException | RuntimeException e) {
                        listener.onFailed(failed("written to", place, e));
                        return;
                    }
                    listener.onWritten();
                },
                listener::onFailed);
    }

    @Override
    public void read(SpillPlace place, MessageReader reader) {
        run(
                () -> {
                    SpillFormat.Decoded decoded;
                    try {
                        byte[] bytes = new byte[place.bytes()];
                        file(place.file()).read(ByteBuffer.wrap(bytes), place.position());
                        decoded = SpillFormat.decode(place, bytes);
                    } catch (IOException | RuntimeException e) {
                        reader.onFailed(failed("read from", place, e));
                        return;
                    }
                    if (decoded.damaged()) {
                        log.error(
                                "{} is damaged at {} to {}: messages that are not durable are lost",
                                disk.path(name(place.file())),
                                place.position(),
                                place.position() + place.bytes());
                    }
                    reader.onMessages(decoded.messages());
                },
                reader::onFailed);
    }

    private StoreException failed(String what, SpillPlace place, Exception cause) {
        return new StoreException(
                "Messages that are not durable can't be " + what + " " + disk.path(name(place.file())) + " at "
                        + place.position() + ": " + cause,
                cause);
    }

    @Override
    public void delete(long file) {
        run(
                () -> {
                    try {
                        Disk.File opened = open.remove(file);
                        if (opened != null) {
                            opened.close();
                        }
                        disk.delete(name(file));
                        disk.giveUpWhenFull(name(file), false);
                    } catch (IOException e) {
                        log.warn("{} can't be deleted: {}", disk.path(name(file)), e.toString());
                    }
                },
                closed -> {});
    }

    /** Takes what has become of a task that is not run any more. */
    private interface Refusal {
        void onFailed(StoreException cause);
    }

    private void run(Runnable task, Refusal refusal) {
        try {
            executor.execute(task);
        } catch (RejectedExecutionException closed) {
            refusal.onFailed(new StoreException("The store is closed."));
        }
    }

    private Disk.File file(long file) throws IOException {
        Disk.File opened = open.get(file);
        if (opened == null) {
            // Its messages stay in memory then; to wait for room would hold up reads.
            disk.giveUpWhenFull(name(file), true);
            opened = disk.open(name(file));
            open.put(file, opened);
            if (open.size() > MOST_OPEN) {
                Iterator<Disk.File> oldestFirst = open.values().iterator();
                Disk.File oldest = oldestFirst.next();
                oldestFirst.remove();
                oldest.close();
            }
        }
        return opened;
    }

    /** Ends what was begun, and deletes all files. Blocks. */
    @Override
    public void close() {
        run(this::closeFiles, closed -> {});
        executor.shutdown();
        try {
            if (!executor.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                log.warn("The spill in {} has not ended; its files are deleted at the next start", disk.path(""));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void closeFiles() {
        try {
            for (Disk.File file : open.values()) {
                file.close();
            }
            deleteAll(disk);
        } catch (IOException e) {
            log.warn("The spill in {} can't be deleted: {}", disk.path(""), e.toString());
        }
    }
}
