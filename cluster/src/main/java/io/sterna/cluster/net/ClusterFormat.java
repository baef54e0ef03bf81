package io.sterna.cluster.net;

import io.sterna.cluster.Difference;
import io.sterna.cluster.Holdings;
import io.sterna.cluster.NodeReport;
import io.sterna.cluster.PartitionView;
import io.sterna.cluster.Position;
import io.sterna.cluster.ReplicaReport;
import io.sterna.cluster.SequenceRanges;
import io.sterna.cluster.SequenceRanges.Range;
import io.sterna.cluster.Standing;
import io.sterna.store.LogOperation;
import io.sterna.store.LogRecord;
import io.sterna.store.LogRecordFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * How the cluster's records are written: components in their order, an optional one behind a byte that is 1 when it is
 * there, lists behind their count. One pair of methods for each record.
 */
final class ClusterFormat {
    // What the shortest of each takes, for a first look at counts.
    private static final int LEAST_RECORD_BYTES = 21;
    private static final int LEAST_REPORT_BYTES = 40;
    private static final int LEAST_DISK_BYTES = 9;
    private static final int LEAST_VALUE_BYTES = 9;
    private static final int LEAST_QUEUE_BYTES = 19;
    private static final int LEAST_TOPIC_BYTES = 17;

    private ClusterFormat() {}

    static void write(Position position, WireWriter out) {
        out.putLong(position.epoch());
        out.putLong(position.index());
    }

    static Position readPosition(WireReader in) {
        return new Position(in.readLong(), in.readLong());
    }

    static void write(PartitionView view, WireWriter out) {
        out.putInt(view.partition());
        out.putLong(view.epoch());
        out.putLong(view.lineage());
        out.putString(view.owner());
        out.putList(view.disks().entrySet(), (disk, to) -> {
            to.putString(disk.getKey());
            to.putLong(disk.getValue());
        });
    }

    static PartitionView readView(WireReader in) {
        return new PartitionView(in.readInt(), in.readLong(), in.readLong(), in.readString(), readDisks(in));
    }

    private static SortedMap<String, Long> readDisks(WireReader in) {
        SortedMap<String, Long> disks = new TreeMap<>();
        for (Map.Entry<String, Long> disk :
                in.readList(LEAST_DISK_BYTES, from -> Map.entry(from.readString(), from.readLong()))) {
            if (disks.put(disk.getKey(), disk.getValue()) != null) {
                throw new IllegalArgumentException("the node " + disk.getKey() + " is there twice");
            }
        }
        return disks;
    }

    private static void write(Optional<PartitionView> view, WireWriter out) {
        out.putBoolean(view.isPresent());
        view.ifPresent(there -> write(there, out));
    }

    private static Optional<PartitionView> readOptionalView(WireReader in) {
        return in.readBoolean() ? Optional.of(readView(in)) : Optional.empty();
    }

    static void write(Standing standing, WireWriter out) {
        write(standing.view(), out);
        write(standing.proposed(), out);
        out.putBoolean(standing.whole());
        out.putLong(standing.generation());
    }

    static Standing readStanding(WireReader in) {
        return new Standing(readOptionalView(in), readOptionalView(in), in.readBoolean(), in.readLong());
    }

    private static void write(ReplicaReport report, WireWriter out) {
        out.putInt(report.partition());
        out.putLong(report.disk());
        write(report.standing(), out);
        write(report.end(), out);
        out.putBoolean(report.failed());
    }

    private static ReplicaReport readReplicaReport(WireReader in) {
        return new ReplicaReport(in.readInt(), in.readLong(), readStanding(in), readPosition(in), in.readBoolean());
    }

    static void write(NodeReport report, WireWriter out) {
        out.putString(report.node());
        out.putLong(report.table());
        out.putBoolean(report.draining());
        out.putList(report.replicas().values(), ClusterFormat::write);
    }

    static NodeReport readNodeReport(ByteBuffer body) throws MalformedFrameException {
        return WireReader.whole("a report", body, ClusterFormat::readNodeReport);
    }

    private static NodeReport readNodeReport(WireReader in) {
        String node = in.readString();
        long table = in.readLong();
        boolean draining = in.readBoolean();
        Map<Integer, ReplicaReport> replicas = new TreeMap<>();
        for (ReplicaReport replica : in.readList(LEAST_REPORT_BYTES, ClusterFormat::readReplicaReport)) {
            if (replicas.put(replica.partition(), replica) != null) {
                throw new IllegalArgumentException("partition " + replica.partition() + " is reported twice");
            }
        }
        return new NodeReport(node, table, draining, replicas);
    }

    /** About what it takes; for the limit of what waits to be sent. */
    static long bytes(NodeReport report) {
        return 64 + 256L * report.replicas().size();
    }

    /** The first sequence, then by turns how many a range and the hole after it have beyond the least. */
    static void write(SequenceRanges ranges, WireWriter out) {
        out.putVarint(ranges.ranges().size());
        long last = 0;
        boolean first = true;
        for (Range range : ranges.ranges()) {
            if (first) {
                out.putLong(range.first());
                first = false;
            } else {
                out.putVarint(range.first() - last - 2);
            }
            last = range.last();
            out.putVarint(last - range.first());
        }
    }

    static SequenceRanges readRanges(WireReader in) {
        List<Range> ranges = new ArrayList<>();
        long before = 0;
        for (long left = in.readVarint(); left != 0; left--) {
            long from = ranges.isEmpty() ? in.readLong() : Math.addExact(before, above(in, 2));
            before = Math.addExact(from, above(in, 0));
            ranges.add(new Range(from, before));
        }
        return new SequenceRanges(ranges);
    }

    private static long above(WireReader in, int least) {
        long more = in.readVarint();
        if (more < 0) {
            throw new IllegalArgumentException("a range beyond all sequences");
        }
        return Math.addExact(more, least);
    }

    static void write(Holdings holdings, WireWriter out) {
        out.putList(holdings.nodes(), (node, to) -> to.putLong(node));
        out.putList(holdings.values(), ClusterFormat::write);
        out.putList(holdings.queues().entrySet(), (queue, to) -> {
            to.putLong(queue.getKey());
            write(queue.getValue(), to);
        });
        out.putList(holdings.topics().entrySet(), (topic, to) -> {
            to.putLong(topic.getKey());
            write(topic.getValue(), to);
        });
    }

    static Holdings readHoldings(WireReader in) {
        return new Holdings(
                in.readList(Long.BYTES, WireReader::readLong),
                in.readList(LEAST_VALUE_BYTES, ClusterFormat::readValue),
                readById(in, LEAST_QUEUE_BYTES, ClusterFormat::readQueue),
                readById(in, LEAST_TOPIC_BYTES, ClusterFormat::readMessages));
    }

    private static <T> Map<Long, T> readById(WireReader in, int leastBytes, Function<WireReader, T> format) {
        Map<Long, T> byId = new TreeMap<>();
        for (Map.Entry<Long, T> entry :
                in.readList(leastBytes, from -> Map.entry(from.readLong(), format.apply(from)))) {
            if (byId.put(entry.getKey(), entry.getValue()) != null) {
                throw new IllegalArgumentException("the node " + entry.getKey() + " is there twice");
            }
        }
        return byId;
    }

    private static void write(Holdings.Value value, WireWriter out) {
        out.putLong(value.nodeId());
        out.putVarint(value.key().length);
        out.putBytes(value.key());
    }

    private static Holdings.Value readValue(WireReader in) {
        return new Holdings.Value(in.readLong(), in.readBytes(in.readCount(1)));
    }

    private static void write(Holdings.Messages messages, WireWriter out) {
        write(messages.live(), out);
        out.putLong(messages.highest());
    }

    private static Holdings.Messages readMessages(WireReader in) {
        return new Holdings.Messages(readRanges(in), in.readLong());
    }

    private static void write(Holdings.Queue queue, WireWriter out) {
        write(queue.own(), out);
        write(queue.references(), out);
        write(queue.updated(), out);
    }

    private static Holdings.Queue readQueue(WireReader in) {
        return new Holdings.Queue(readMessages(in), readRanges(in), readRanges(in));
    }

    /** About what it takes. */
    static long bytes(Holdings holdings) {
        long bytes = 64 + (long) Long.BYTES * holdings.nodes().size();
        for (Holdings.Value value : holdings.values()) {
            bytes += 16 + value.key().length;
        }
        for (Holdings.Queue queue : holdings.queues().values()) {
            bytes += bytes(queue.own()) + bytes(queue.references()) + bytes(queue.updated());
        }
        for (Holdings.Messages topic : holdings.topics().values()) {
            bytes += bytes(topic);
        }
        return bytes;
    }

    private static long bytes(Holdings.Messages messages) {
        return 16 + bytes(messages.live());
    }

    private static long bytes(SequenceRanges ranges) {
        return 9 + 8L * ranges.ranges().size();
    }

    static void write(Difference difference, WireWriter out) {
        out.putList(difference.operations(), ClusterFormat::write);
        out.putBoolean(difference.last());
    }

    static Difference readDifference(WireReader in) {
        return new Difference(in.readList(1, WireReader::readOperation), in.readBoolean());
    }

    /** What it takes. */
    static long bytes(Difference difference) {
        return 8
                + difference.operations().stream()
                        .mapToLong(LogRecordFormat::bytes)
                        .sum();
    }

    static void writeRecords(List<LogRecord> records, WireWriter out) {
        out.putList(records, ClusterFormat::write);
    }

    static List<LogRecord> readRecords(WireReader in) {
        return in.readList(LEAST_RECORD_BYTES, WireReader::readRecord);
    }

    /** What they take. */
    static long bytes(List<LogRecord> records) {
        return 8 + records.stream().mapToLong(LogRecordFormat::bytes).sum();
    }

    private static void write(LogRecord record, WireWriter out) {
        try {
            LogRecordFormat.write(record, out);
        } catch (IOException impossible) {
            throw new UncheckedIOException("a buffer in memory has no such errors", impossible);
        }
    }

    private static void write(LogOperation operation, WireWriter out) {
        try {
            LogRecordFormat.write(operation, out);
        } catch (IOException impossible) {
            throw new UncheckedIOException("a buffer in memory has no such errors", impossible);
        }
    }
}
