package io.sterna.cluster.net;

import io.sterna.cluster.Difference;
import io.sterna.cluster.Holdings;
import io.sterna.cluster.NodeReport;
import io.sterna.cluster.PartitionView;
import io.sterna.cluster.Position;
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
import io.sterna.cluster.ReplicaReport;
import io.sterna.cluster.SequenceRanges;
import io.sterna.cluster.Standing;
import io.sterna.store.LogRecord;
import io.sterna.store.RandomOperations;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Any of what nodes tell each other. */
final class RandomMessages {
    private static final Arbitrary<Integer> INTS = Arbitraries.integers();
    private static final Arbitrary<Integer> PARTITIONS = Arbitraries.integers().greaterOrEqual(0);
    private static final Arbitrary<Long> LONGS = Arbitraries.longs();
    private static final Arbitrary<Boolean> YES_OR_NO = Arbitraries.of(true, false);
    private static final Arbitrary<String> NODES = Arbitraries.of("n1", "n2", "n3", "nœud 4", "");

    private RandomMessages() {}

    static Arbitrary<ReplicaMessage> messages() {
        Arbitrary<Difference> differences = Combinators.combine(
                        RandomOperations.operations().list().ofMaxSize(4), YES_OR_NO)
                .as(Difference::new);
        return Arbitraries.oneOf(
                views().map(Begin::new),
                Combinators.combine(PARTITIONS, LONGS, positions()).as(Begun::new),
                Combinators.combine(
                                PARTITIONS,
                                LONGS,
                                LONGS,
                                INTS,
                                positions(),
                                RandomOperations.records().list().ofMaxSize(4),
                                LONGS)
                        .as(RandomMessages::append),
                Combinators.combine(PARTITIONS, LONGS, LONGS, LONGS, LONGS, YES_OR_NO)
                        .as(Appended::new),
                Combinators.combine(PARTITIONS, LONGS).as(Refused::new),
                Combinators.combine(PARTITIONS, LONGS, LONGS, LONGS, holdings()).as(Join::new),
                Combinators.combine(PARTITIONS, LONGS, LONGS, LONGS, positions())
                        .as(Attached::new),
                Combinators.combine(PARTITIONS, LONGS, LONGS, INTS, positions(), differences)
                        .as(Part::new),
                Combinators.combine(PARTITIONS, LONGS, LONGS, INTS).as(PartApplied::new),
                Combinators.combine(PARTITIONS, LONGS, LONGS).as(Dropped::new));
    }

    private static Append append(
            int partition,
            long epoch,
            long stream,
            int parts,
            Position before,
            List<LogRecord> records,
            long committed) {
        List<LogRecord> own = records.stream()
                .map(record -> new LogRecord(partition, record.epoch(), record.index(), record.operation()))
                .toList();
        return new Append(partition, epoch, stream, parts, before, own, committed);
    }

    static Arbitrary<NodeReport> reports() {
        Arbitrary<Standing> standings = Combinators.combine(views().optional(), views().optional(), YES_OR_NO, LONGS)
                .as(Standing::new);
        Arbitrary<ReplicaReport> replicas = Combinators.combine(INTS, LONGS, standings, positions(), YES_OR_NO)
                .as(ReplicaReport::new);
        return Combinators.combine(
                        NODES,
                        LONGS,
                        YES_OR_NO,
                        replicas.list().uniqueElements(ReplicaReport::partition).ofMaxSize(5))
                .as((node, table, draining, list) -> new NodeReport(
                        node,
                        table,
                        draining,
                        list.stream().collect(Collectors.toMap(ReplicaReport::partition, Function.identity()))));
    }

    private static Arbitrary<Position> positions() {
        return Combinators.combine(LONGS, LONGS).as(Position::new);
    }

    private static Arbitrary<PartitionView> views() {
        return Combinators.combine(
                        PARTITIONS,
                        Arbitraries.longs().greaterOrEqual(1),
                        LONGS,
                        NODES,
                        Arbitraries.maps(NODES, LONGS).ofMaxSize(3))
                .as((partition, epoch, lineage, owner, others) -> {
                    SortedMap<String, Long> disks = new TreeMap<>(others);
                    disks.put(owner, 1L);
                    return new PartitionView(partition, epoch, lineage, owner, disks);
                });
    }

    private static Arbitrary<Holdings> holdings() {
        Arbitrary<byte[]> keys = Arbitraries.bytes().array(byte[].class).ofMaxSize(5);
        Arbitrary<Holdings.Messages> messages =
                Combinators.combine(ranges(), LONGS).as(Holdings.Messages::new);
        return Combinators.combine(
                        LONGS.list().ofMaxSize(3),
                        Combinators.combine(LONGS, keys)
                                .as(Holdings.Value::new)
                                .list()
                                .ofMaxSize(3),
                        Arbitraries.maps(
                                        LONGS,
                                        Combinators.combine(messages, ranges(), ranges())
                                                .as(Holdings.Queue::new))
                                .ofMaxSize(3),
                        Arbitraries.maps(LONGS, messages).ofMaxSize(3))
                .as(Holdings::new);
    }

    private static Arbitrary<SequenceRanges> ranges() {
        return Arbitraries.oneOf(List.of(
                        Arbitraries.longs().between(0, 30), Arbitraries.longs().greaterOrEqual(0)))
                .set()
                .ofMaxSize(12)
                .map(sequences -> SequenceRanges.of(new TreeSet<>(sequences)));
    }
}
