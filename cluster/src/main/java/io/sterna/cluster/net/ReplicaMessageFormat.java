package io.sterna.cluster.net;

import io.sterna.cluster.ReplicaMessage;
import io.sterna.cluster.ReplicaMessage.Append;
import io.sterna.cluster.ReplicaMessage.Appended;
import io.sterna.cluster.ReplicaMessage.Attached;
import io.sterna.cluster.ReplicaMessage.Begin;
import io.sterna.cluster.ReplicaMessage.Begun;
import io.sterna.cluster.ReplicaMessage.Dropped;
import io.sterna.cluster.ReplicaMessage.Join;
import io.sterna.cluster.ReplicaMessage.Part;
import io.sterna.cluster.ReplicaMessage.PartApplied;
import io.sterna.cluster.ReplicaMessage.Refused;
import io.sterna.store.LogRecord;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * How the messages of replicas are written.
 *
 * <pre>
 * | tag byte | partition int | epoch long | the other components in their order |
 * | tag byte | view |                                                              begin
 * </pre>
 */
final class ReplicaMessageFormat {
    private static final int BEGIN = 1;
    private static final int BEGUN = 2;
    private static final int APPEND = 3;
    private static final int APPENDED = 4;
    private static final int REFUSED = 5;
    private static final int JOIN = 6;
    private static final int ATTACHED = 7;
    private static final int PART = 8;
    private static final int PART_APPLIED = 9;
    private static final int DROPPED = 10;

    /** What a message without a list takes at most, or about so. */
    private static final int SMALL_BYTES = 64;

    private static final int VIEW_BYTES = 256;

    private ReplicaMessageFormat() {}

    /** About what it takes; for the limit of what waits to be sent. */
    static long bytes(ReplicaMessage message) {
        if (message instanceof Append append) {
            return SMALL_BYTES + ClusterFormat.bytes(append.records());
        } else if (message instanceof Part part) {
            return SMALL_BYTES + ClusterFormat.bytes(part.difference());
        } else if (message instanceof Join join) {
            return SMALL_BYTES + ClusterFormat.bytes(join.held());
        } else if (message instanceof Begin) {
            return VIEW_BYTES;
        }
        return SMALL_BYTES;
    }

    static void write(ReplicaMessage message, WireWriter out) {
        if (message instanceof Begin begin) {
            out.putByte(BEGIN);
            ClusterFormat.write(begin.view(), out);
        } else if (message instanceof Begun begun) {
            begin(BEGUN, message, out);
            ClusterFormat.write(begun.end(), out);
        } else if (message instanceof Append append) {
            begin(APPEND, message, out);
            out.putLong(append.stream());
            out.putInt(append.parts());
            ClusterFormat.write(append.before(), out);
            ClusterFormat.writeRecords(append.records(), out);
            out.putLong(append.committed());
        } else if (message instanceof Appended appended) {
            begin(APPENDED, message, out);
            out.putLong(appended.stream());
            out.putLong(appended.durable());
            out.putLong(appended.written());
            out.putBoolean(appended.gap());
        } else if (message instanceof Refused) {
            begin(REFUSED, message, out);
        } else if (message instanceof Join join) {
            begin(JOIN, message, out);
            out.putLong(join.attempt());
            out.putLong(join.disk());
            ClusterFormat.write(join.held(), out);
        } else if (message instanceof Attached attached) {
            begin(ATTACHED, message, out);
            out.putLong(attached.attempt());
            out.putLong(attached.stream());
            ClusterFormat.write(attached.from(), out);
        } else if (message instanceof Part part) {
            begin(PART, message, out);
            out.putLong(part.stream());
            out.putInt(part.number());
            ClusterFormat.write(part.asOf(), out);
            ClusterFormat.write(part.difference(), out);
        } else if (message instanceof PartApplied applied) {
            begin(PART_APPLIED, message, out);
            out.putLong(applied.stream());
            out.putInt(applied.number());
        } else if (message instanceof Dropped dropped) {
            begin(DROPPED, message, out);
            out.putLong(dropped.stream());
        } else {
            throw new IllegalArgumentException("unknown message " + message);
        }
    }

    private static void begin(int tag, ReplicaMessage message, WireWriter out) {
        out.putByte(tag);
        out.putInt(message.partition());
        out.putLong(message.epoch());
    }

    static ReplicaMessage read(ByteBuffer body) throws MalformedFrameException {
        return WireReader.whole("a message of a replica", body, in -> {
            ReplicaMessage message = read(in);
            if (message.partition() < 0) {
                throw new IllegalArgumentException("it is of partition " + message.partition());
            }
            return message;
        });
    }

    private static ReplicaMessage read(WireReader in) {
        int tag = in.readByte();
        if (tag == BEGIN) {
            return new Begin(ClusterFormat.readView(in));
        }
        int partition = in.readInt();
        long epoch = in.readLong();
        return switch (tag) {
            case BEGUN -> new Begun(partition, epoch, ClusterFormat.readPosition(in));
            case APPEND ->
                new Append(
                        partition,
                        epoch,
                        in.readLong(),
                        in.readInt(),
                        ClusterFormat.readPosition(in),
                        readRecords(in, partition),
                        in.readLong());
            case APPENDED ->
                new Appended(partition, epoch, in.readLong(), in.readLong(), in.readLong(), in.readBoolean());
            case REFUSED -> new Refused(partition, epoch);
            case JOIN -> new Join(partition, epoch, in.readLong(), in.readLong(), ClusterFormat.readHoldings(in));
            case ATTACHED ->
                new Attached(partition, epoch, in.readLong(), in.readLong(), ClusterFormat.readPosition(in));
            case PART ->
                new Part(
                        partition,
                        epoch,
                        in.readLong(),
                        in.readInt(),
                        ClusterFormat.readPosition(in),
                        ClusterFormat.readDifference(in));
            case PART_APPLIED -> new PartApplied(partition, epoch, in.readLong(), in.readInt());
            case DROPPED -> new Dropped(partition, epoch, in.readLong());
            default -> throw new IllegalArgumentException("a message of unknown tag " + tag);
        };
    }

    /** Nobody writes into the log of another partition than the one that is spoken of. */
    private static List<LogRecord> readRecords(WireReader in, int partition) {
        List<LogRecord> records = ClusterFormat.readRecords(in);
        for (LogRecord record : records) {
            if (record.partition() != partition) {
                throw new IllegalArgumentException(
                        "a record of partition " + record.partition() + " among those of " + partition);
            }
        }
        return records;
    }
}
