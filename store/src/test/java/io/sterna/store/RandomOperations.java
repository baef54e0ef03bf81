package io.sterna.store;

import io.sterna.store.LogOperation.Acknowledged;
import io.sterna.store.LogOperation.Atomic;
import io.sterna.store.LogOperation.DeliveryUpdated;
import io.sterna.store.LogOperation.Enqueued;
import io.sterna.store.LogOperation.EpochStarted;
import io.sterna.store.LogOperation.NodeChanged;
import io.sterna.store.LogOperation.NodeCreated;
import io.sterna.store.LogOperation.NodeDeleted;
import io.sterna.store.LogOperation.Published;
import io.sterna.store.LogOperation.ValuePut;
import io.sterna.store.LogOperation.ValueRemoved;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

/** Any operations and records that nodes may send each other, also such as no partition would make. */
public final class RandomOperations {
    private RandomOperations() {}

    /** Records of any partition. */
    public static Arbitrary<LogRecord> records() {
        return Combinators.combine(
                        Arbitraries.integers().greaterOrEqual(0),
                        Arbitraries.longs(),
                        Arbitraries.longs(),
                        operations())
                .as(LogRecord::new);
    }

    /** Operations of all kinds. */
    public static Arbitrary<LogOperation> operations() {
        Arbitrary<LogOperation> single = single();
        Arbitrary<LogOperation> atomic = single.list().ofMaxSize(4).map(Atomic::new);
        return Arbitraries.frequencyOf(Tuple.of(9, single), Tuple.of(1, atomic));
    }

    private static Arbitrary<LogOperation> single() {
        Arbitrary<Long> id = Arbitraries.longs();
        Arbitrary<Long> node = id.filter(any -> any != ValuePut.REPLICA);
        Arbitrary<byte[]> small = bytes(20);
        Arbitrary<long[]> ids = Arbitraries.longs().array(long[].class).ofMaxSize(6);
        return Arbitraries.oneOf(
                Arbitraries.create(EpochStarted::new),
                Combinators.combine(
                                node,
                                Arbitraries.integers(),
                                Arbitraries.strings().ofMaxLength(12),
                                small)
                        .as(NodeCreated::new)
                        .filter(RandomOperations::isText),
                Combinators.combine(node, small).as(NodeChanged::new),
                node.map(NodeDeleted::new),
                Combinators.combine(id, id, small, bytes(300)).as(Enqueued::new),
                Combinators.combine(id, id, ids, small, bytes(300)).as(Published::new),
                Combinators.combine(id, ids).as(Acknowledged::new),
                Combinators.combine(id, id, Arbitraries.integers(), small, small)
                        .as(DeliveryUpdated::new),
                Combinators.combine(node, small, bytes(200)).as(ValuePut::new),
                Combinators.combine(node, small).as(ValueRemoved::new));
    }

    /** Half a surrogate pair is a string, and has no UTF-8. */
    private static boolean isText(NodeCreated node) {
        return node.address().chars().noneMatch(unit -> Character.isSurrogate((char) unit));
    }

    private static Arbitrary<byte[]> bytes(int max) {
        return Arbitraries.bytes().array(byte[].class).ofMaxSize(max);
    }
}
