package io.sterna.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Keeps a data directory to one store at a time, across processes and within one. Released when the process dies. */
final class DirectoryLock implements AutoCloseable {
    static final String NAME = "lock";

    private final FileChannel channel;

    private DirectoryLock(FileChannel channel) {
        this.channel = channel;
    }

    static DirectoryLock take(Path directory) throws StoreException {
        Path file = directory.resolve(NAME);
        FileChannel channel;
        try {
            Files.createDirectories(directory);
            channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new StoreException(
                    "Cannot create the data directory " + directory.toAbsolutePath() + " or write to it: "
                            + e.getMessage(),
                    e);
        }
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return new DirectoryLock(channel);
            }
        } catch (OverlappingFileLockException e) {
            // Held by this process: the answer is the same.
        } catch (IOException e) {
            closeQuietly(channel);
            throw new StoreException("Cannot lock " + file.toAbsolutePath() + ": " + e.getMessage(), e);
        }
        closeQuietly(channel);
        throw new DirectoryInUseException("The data directory " + directory.toAbsolutePath()
                + " is in use by another broker. Stop it, or choose another directory.");
    }

    @Override
    public void close() {
        closeQuietly(channel);
    }

    private static void closeQuietly(FileChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            // Nothing was written through it, and the operating system has let go of it.
        }
    }
}
