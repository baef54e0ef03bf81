package io.sterna.cluster.table;

import io.sterna.cluster.PartitionView;
import io.sterna.cluster.Placement;
import io.sterna.cluster.TableContent;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The table as bytes; equal tables are equal bytes. Numbers are variable in length, seven bits in a byte, the lowest first;
 * nodes are numbers, too, of which a list comes first.
 *
 * <pre>
 * format (1), generation (8 bytes)
 * count of nodes, each as UTF-8 with its length (2 bytes)
 * count of views, each: partition, epoch, lineage (8 bytes), owner, count in sync, who is in sync, their disks (8 bytes each)
 * 0, or 1 and the placement: version, count of partitions, each: count of nodes, nodes
 * </pre>
 */
public final class TableCodec {
    private static final int FORMAT = 1;
    private static final int BITS = 7;
    private static final int MORE = 1 << BITS;
    private static final int LONGEST_SHIFT = 63;

    /** More partitions, nodes or replicas than any cluster has; keeps damage from asking for memory. */
    private static final int MOST = 1 << 20;

    private TableCodec() {}

    public static byte[] encode(TableContent content) {
        List<String> names = List.copyOf(names(content));
        Map<String, Integer> numbers = new LinkedHashMap<>();
        names.forEach(name -> numbers.put(name, numbers.size()));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.write(FORMAT);
            out.writeLong(content.generation());
            writeNumber(out, names.size());
            for (String name : names) {
                out.writeUTF(name);
            }
            writeNumber(out, content.views().size());
            for (PartitionView view : content.views().values()) {
                writeNumber(out, view.partition());
                writeNumber(out, view.epoch());
                out.writeLong(view.lineage());
                writeNumber(out, numbers.get(view.owner()));
                writeNodes(out, view.inSync(), numbers);
                for (long disk : view.disks().values()) {
                    out.writeLong(disk);
                }
            }
            out.write(content.placement().isPresent() ? 1 : 0);
            if (content.placement().isPresent()) {
                Placement placement = content.placement().get();
                writeNumber(out, placement.version());
                writeNumber(out, placement.nodes().size());
                for (List<String> nodes : placement.nodes()) {
                    writeNodes(out, nodes, numbers);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("could not write to memory", e);
        }
        return bytes.toByteArray();
    }

    /**
     * Reads what {@link #encode} has written.
     *
     * @throws IllegalArgumentException when the bytes are not a table that this version can read
     */
    public static TableContent decode(byte[] bytes) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int format = in.readUnsignedByte();
            if (format != FORMAT) {
                throw new IllegalArgumentException("the table has format " + format + ", this version reads " + FORMAT);
            }
            long generation = in.readLong();
            List<String> names = new ArrayList<>();
            for (int left = readCount(in); left > 0; left--) {
                names.add(in.readUTF());
            }
            Map<Integer, PartitionView> views = new TreeMap<>();
            for (int left = readCount(in); left > 0; left--) {
                int partition = readCount(in);
                long epoch = readNumber(in);
                long lineage = in.readLong();
                String owner = names.get(readCount(in));
                SortedMap<String, Long> disks = new TreeMap<>();
                for (String node : readNodes(in, names)) {
                    disks.put(node, in.readLong());
                }
                views.put(partition, new PartitionView(partition, epoch, lineage, owner, disks));
            }
            Optional<Placement> placement = in.readBoolean() ? Optional.of(readPlacement(in, names)) : Optional.empty();
            if (in.read() >= 0) {
                throw new IllegalArgumentException("the table has bytes behind its end");
            }
            return new TableContent(generation, views, placement);
        } catch (IOException | IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("the table can't be read", e);
        }
    }

    private static Placement readPlacement(DataInputStream in, List<String> names) throws IOException {
        long version = readNumber(in);
        List<List<String>> nodes = new ArrayList<>();
        for (int left = readCount(in); left > 0; left--) {
            nodes.add(readNodes(in, names));
        }
        return new Placement(version, nodes);
    }

    private static NavigableSet<String> names(TableContent content) {
        NavigableSet<String> names = new TreeSet<>();
        Stream.concat(
                        content.views().values().stream().map(PartitionView::inSync),
                        content.placement().stream().flatMap(placement -> placement.nodes().stream()))
                .forEach(names::addAll);
        return names;
    }

    private static void writeNodes(DataOutputStream out, List<String> nodes, Map<String, Integer> numbers)
            throws IOException {
        writeNumber(out, nodes.size());
        for (String node : nodes) {
            writeNumber(out, numbers.get(node));
        }
    }

    private static List<String> readNodes(DataInputStream in, List<String> names) throws IOException {
        List<String> nodes = new ArrayList<>();
        for (int left = readCount(in); left > 0; left--) {
            nodes.add(names.get(readCount(in)));
        }
        return nodes;
    }

    private static void writeNumber(DataOutputStream out, long number) throws IOException {
        long left = number;
        while (left >>> BITS != 0) {
            out.write((int) (left & MORE - 1) | MORE);
            left >>>= BITS;
        }
        out.write((int) left);
    }

    private static long readNumber(DataInputStream in) throws IOException {
        long number = 0;
        for (int shift = 0; shift <= LONGEST_SHIFT; shift += BITS) {
            int next = in.readUnsignedByte();
            number |= (long) (next & MORE - 1) << shift;
            if (next < MORE) {
                return number;
            }
        }
        throw new IOException("a number has more than 64 bits");
    }

    private static int readCount(DataInputStream in) throws IOException {
        long count = readNumber(in);
        if (count < 0 || count > MOST) {
            throw new IOException("a count or an index of " + count);
        }
        return (int) count;
    }
}
