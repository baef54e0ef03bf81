package io.sterna.cluster.table;

import io.sterna.cluster.TableContent;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * What a keeper must not forget, on disk: two files that are written in turn, so that a write that is cut off leaves the one
 * before. Blocks. Owned by one thread at a time.
 *
 * <pre>
 * file:    magic (8), CRC32C of what follows (4), length of what follows (4), number of the write (8), content
 * content: count of founders (4), each as UTF-8 with its length (2); promised, accepted; the table
 * ballot:  round (8), node as UTF-8 with its length (2), life (8)
 * </pre>
 */
public final class KeeperFile implements AutoCloseable {
    private static final long MAGIC = 0x5354_524E_4B45_4550L;
    private static final int HEAD_BYTES = 16;
    private static final int FILES = 2;

    /** More than any table takes. */
    private static final int MOST_BYTES = 1 << 26;

    private final List<FileChannel> files;
    private final List<String> founders;
    private final Optional<KeeperState> recovered;
    private long lastWrite;

    private record Kept(long write, List<String> founders, KeeperState state) {}

    private KeeperFile(List<FileChannel> files, List<String> founders, Optional<Kept> newest) {
        this.files = files;
        this.founders = founders;
        recovered = newest.map(Kept::state);
        lastWrite = newest.map(Kept::write).orElse(0L);
    }

    /**
     * Opens or makes the files {@code keeper-0} and {@code keeper-1} in a directory.
     *
     * @param founders who keeps the table
     * @throws FoundersChangedException when the cluster has begun with others
     * @throws IOException when the files can't be read or made
     */
    public static KeeperFile open(Path directory, List<String> founders) throws IOException {
        List<FileChannel> files = new ArrayList<>();
        try {
            List<Kept> found = new ArrayList<>();
            for (int number = 0; number < FILES; number++) {
                FileChannel file = FileChannel.open(
                        directory.resolve("keeper-" + number),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE);
                files.add(file);
                read(file).ifPresent(found::add);
            }
            Optional<Kept> newest = found.stream().reduce((one, other) -> one.write() > other.write() ? one : other);
            if (newest.filter(kept -> !kept.founders().equals(founders)).isPresent()) {
                throw new FoundersChangedException(newest.get().founders(), founders);
            }
            force(directory);
            return new KeeperFile(files, List.copyOf(founders), newest);
        } catch (IOException e) {
            for (FileChannel file : files) {
                file.close();
            }
            throw e;
        }
    }

    private static void force(Path directory) throws IOException {
        try (FileChannel entries = FileChannel.open(directory, StandardOpenOption.READ)) {
            entries.force(true);
        }
    }

    /** What was there; empty when nothing was, or nothing that is whole: then the other nodes tell what it was. */
    public Optional<KeeperState> recovered() {
        return recovered;
    }

    /** Returns when it is on the disk. */
    public void write(KeeperState state) throws IOException {
        long write = lastWrite + 1;
        ByteBuffer bytes = bytes(write, state);
        FileChannel file = files.get((int) (write % FILES));
        for (long at = 0; bytes.hasRemaining(); ) {
            at += file.write(bytes, at);
        }
        file.force(false);
        lastWrite = write;
    }

    @Override
    public void close() throws IOException {
        for (FileChannel file : files) {
            file.close();
        }
    }

    // ---- Format

    private ByteBuffer bytes(long write, KeeperState state) throws IOException {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(content)) {
            out.writeLong(write);
            out.writeInt(founders.size());
            for (String founder : founders) {
                out.writeUTF(founder);
            }
            write(state.promised(), out);
            write(state.accepted(), out);
            out.write(TableCodec.encode(state.content()));
        }
        byte[] bytes = content.toByteArray();
        return ByteBuffer.allocate(HEAD_BYTES + bytes.length)
                .putLong(MAGIC)
                .putInt(crc(bytes))
                .putInt(bytes.length)
                .put(bytes)
                .flip();
    }

    private static int crc(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }

    private static void write(Ballot ballot, DataOutputStream out) throws IOException {
        out.writeLong(ballot.round());
        out.writeUTF(ballot.node());
        out.writeLong(ballot.life());
    }

    private static Ballot readBallot(DataInputStream in) throws IOException {
        return new Ballot(in.readLong(), in.readUTF(), in.readLong());
    }

    /** Empty when the file is empty, or was not written to its end. */
    private static Optional<Kept> read(FileChannel file) throws IOException {
        ByteBuffer head = ByteBuffer.allocate(HEAD_BYTES);
        if (!readFully(file, 0, head) || head.getLong(0) != MAGIC) {
            return Optional.empty();
        }
        int length = head.getInt(12);
        if (length < 0 || length > MOST_BYTES || length > file.size() - HEAD_BYTES) {
            return Optional.empty();
        }
        byte[] bytes = new byte[length];
        if (!readFully(file, HEAD_BYTES, ByteBuffer.wrap(bytes)) || crc(bytes) != head.getInt(8)) {
            return Optional.empty();
        }
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            long write = in.readLong();
            List<String> founders = new ArrayList<>();
            for (int left = in.readInt(); left > 0; left--) {
                founders.add(in.readUTF());
            }
            Ballot promised = readBallot(in);
            Ballot accepted = readBallot(in);
            TableContent content = TableCodec.decode(in.readAllBytes());
            return Optional.of(new Kept(write, founders, new KeeperState(promised, accepted, content)));
        } catch (IllegalArgumentException e) {
            throw new IOException("a keeper file is of another version, or was changed: " + e.getMessage(), e);
        }
    }

    private static boolean readFully(FileChannel file, long from, ByteBuffer into) throws IOException {
        long at = from;
        while (into.hasRemaining()) {
            int count = file.read(into, at);
            if (count < 0) {
                return false;
            }
            at += count;
        }
        return true;
    }
}
