package io.sterna.cluster.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sterna.cluster.PartitionView;
import io.sterna.cluster.Standing;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A standing as a value of its replica:
 *
 * <pre>
 *  +---------+-------+------------+------+------+----------+------+
 *  | version | whole | generation | view | view | proposed | view |
 *  | byte 1  | byte  | long       | byte |      | byte     |      |   a view follows where its byte is 1
 *  +---------+-------+------------+------+------+----------+------+
 *  view: | partition int | epoch long | lineage long | owner UTF | count int | count × (node UTF, disk long) |
 *  strings as DataOutput writes them
 * </pre>
 */
final class StandingFormat {
    private static final int VERSION = 1;
    private static final String KEY = "standing";

    private StandingFormat() {}

    /** The key of the value. */
    static byte[] key() {
        return KEY.getBytes(UTF_8);
    }

    static boolean isKey(byte[] key) {
        return KEY.equals(new String(key, UTF_8));
    }

    static byte[] encode(Standing standing) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            out.writeBoolean(standing.whole());
            out.writeLong(standing.generation());
            write(standing.view(), out);
            write(standing.proposed(), out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void write(Optional<PartitionView> view, DataOutputStream out) throws IOException {
        out.writeBoolean(view.isPresent());
        if (view.isPresent()) {
            out.writeInt(view.get().partition());
            out.writeLong(view.get().epoch());
            out.writeLong(view.get().lineage());
            out.writeUTF(view.get().owner());
            out.writeInt(view.get().disks().size());
            for (Map.Entry<String, Long> node : view.get().disks().entrySet()) {
                out.writeUTF(node.getKey());
                out.writeLong(node.getValue());
            }
        }
    }

    /** @throws IllegalArgumentException when it is of another version, or nothing that this has written */
    static Standing decode(byte[] bytes) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int version = in.readByte();
            if (version != VERSION) {
                throw new IllegalArgumentException("a standing of version " + version + ", not " + VERSION);
            }
            boolean whole = in.readBoolean();
            long generation = in.readLong();
            return new Standing(readView(in), readView(in), whole, generation);
        } catch (IOException e) {
            throw new IllegalArgumentException("a standing of " + bytes.length + " bytes is cut short", e);
        }
    }

    private static Optional<PartitionView> readView(DataInputStream in) throws IOException {
        if (!in.readBoolean()) {
            return Optional.empty();
        }
        int partition = in.readInt();
        long epoch = in.readLong();
        long lineage = in.readLong();
        String owner = in.readUTF();
        SortedMap<String, Long> disks = new TreeMap<>();
        for (int left = in.readInt(); left > 0; left--) {
            disks.put(in.readUTF(), in.readLong());
        }
        return Optional.of(new PartitionView(partition, epoch, lineage, owner, disks));
    }
}
