package io.sterna.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The real directory. */
final class FileDisk implements Disk {
    private final Path directory;
    /** To find it takes longer than to ask it. */
    private volatile Optional<FileStore> fileStore = Optional.empty();

    FileDisk(Path directory) {
        this.directory = directory;
    }

    @Override
    public File open(String name) throws IOException {
        return new ChannelFile(FileChannel.open(
                directory.resolve(name), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE));
    }

    @Override
    public List<String> list() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Override
    public long size(String name) throws IOException {
        return Files.size(directory.resolve(name));
    }

    @Override
    public void delete(String name) throws IOException {
        Files.deleteIfExists(directory.resolve(name));
    }

    @Override
    public void rename(String from, String to) throws IOException {
        Files.move(directory.resolve(from), directory.resolve(to), StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public void forceDirectory() throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Its size, as far as can be told. */
    long totalBytes() {
        try {
            return fileStore().getTotalSpace();
        } catch (IOException e) {
            return Long.MAX_VALUE;
        }
    }

    private FileStore fileStore() throws IOException {
        FileStore found = fileStore.isPresent() ? fileStore.get() : Files.getFileStore(directory);
        fileStore = Optional.of(found);
        return found;
    }

    @Override
    public long usableBytes() {
        try {
            return fileStore().getUsableSpace();
        } catch (IOException e) {
            return Long.MAX_VALUE;
        }
    }

    @Override
    public String path(String name) {
        return directory.resolve(name).toAbsolutePath().toString();
    }

    private record ChannelFile(FileChannel channel) implements File {

        @Override
        public void write(ByteBuffer source, long position) throws IOException {
            long at = position;
            while (source.hasRemaining()) {
                at += channel.write(source, at);
            }
        }

        @Override
        public void read(ByteBuffer target, long position) throws IOException {
            long at = position;
            while (target.hasRemaining()) {
                int count = channel.read(target, at);
                if (count < 0) {
                    return;
                }
                at += count;
            }
        }

        @Override
        public void force() throws IOException {
            channel.force(false);
        }

        @Override
        public long size() throws IOException {
            return channel.size();
        }

        @Override
        public void truncate(long bytes) throws IOException {
            channel.truncate(bytes);
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
