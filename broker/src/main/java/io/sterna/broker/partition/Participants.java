package io.sterna.broker.partition;

import io.sterna.amqp.codec.DecodeException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.IntConsumer;

/** Partitions that have a part in a decision, besides the one that decides. Owned by the loop of that one. */
final class Participants {
    private long bits;

    private Participants(long bits) {
        this.bits = bits;
    }

    static Participants of(List<TransactionBranch> branches) {
        return new Participants(branches.stream()
                .mapToLong(branch -> bit(branch.partition().id()))
                .reduce(0, (one, other) -> one | other));
    }

    /** With more of them. */
    Participants and(long others) {
        return new Participants(bits | others);
    }

    long bits() {
        return bits;
    }

    /** @throws DecodeException when it is not what {@link #encode} gives, so that it was written by another version */
    static Participants decode(byte[] value) throws DecodeException {
        if (value.length != Long.BYTES) {
            throw new DecodeException(0, "a decision of an unknown version");
        }
        return new Participants(ByteBuffer.wrap(value).getLong());
    }

    /** A bit for each partition, big-endian. */
    byte[] encode() {
        return ByteBuffer.allocate(Long.BYTES).putLong(0, bits).array();
    }

    private static long bit(int partition) {
        return 1L << partition;
    }

    /** Takes one out; returns whether none is left. */
    boolean remove(int partition) {
        bits &= ~bit(partition);
        return bits == 0;
    }

    void forEach(IntConsumer each) {
        for (long left = bits; left != 0; left &= left - 1) {
            each.accept(Long.numberOfTrailingZeros(left));
        }
    }
}
