package io.sterna.broker.queue;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Messages of which there is nothing to say but where they stand and how large they are, without an object for each: runs
 * of messages that are as far apart and as large as each other.
 *
 * <pre>
 *  +-------+--------------------------+-------+
 *  | count | distance from the one    | bytes |  for each run; numbers of 7 bits a byte, the lowest first, the
 *  |       | before, or from the base | each  |  highest bit of a byte says that another one follows
 *  +-------+--------------------------+-------+
 * </pre>
 */
final class PackedRuns {
    private static final int MAX_INT_BYTES = 5;
    private static final int MAX_LONG_BYTES = 10;
    private static final int MAX_RUN_BYTES = 2 * MAX_INT_BYTES + MAX_LONG_BYTES;
    private static final byte[] NO_ANNOTATIONS = {};

    private PackedRuns() {}

    /**
     * Packs messages.
     *
     * @param base at or below the first sequence
     * @param entries rising by sequence; one at least, no slot is empty
     */
    static byte[] pack(long base, Entry[] entries) {
        ByteBuffer out = ByteBuffer.allocate(entries.length * MAX_RUN_BYTES);
        long previous = base;
        int count = 0;
        long distance = 0;
        int bytes = 0;
        for (Entry entry : entries) {
            long itsDistance = entry.sequence() - previous;
            previous = entry.sequence();
            if (count > 0 && (itsDistance != distance || entry.sizeBytes() != bytes)) {
                putRun(out, count, distance, bytes);
                count = 0;
            }
            count++;
            distance = itsDistance;
            bytes = entry.sizeBytes();
        }
        putRun(out, count, distance, bytes);
        return Arrays.copyOf(out.array(), out.position());
    }

    /** The messages, as they are when they were restored, with {@code traits} each. */
    static Entry[] unpack(byte[] packed, long base, int count, MessageTraits traits) {
        ByteBuffer in = ByteBuffer.wrap(packed);
        Entry[] entries = new Entry[count];
        long sequence = base;
        int at = 0;
        while (in.hasRemaining()) {
            int end = at + (int) get(in);
            long distance = get(in);
            int bytes = (int) get(in);
            while (at < end) {
                sequence += distance;
                entries[at++] = Entry.recovered(sequence, bytes, 0, traits, NO_ANNOTATIONS);
            }
        }
        return entries;
    }

    private static void putRun(ByteBuffer out, int count, long distance, int bytes) {
        put(out, count);
        put(out, distance);
        put(out, bytes);
    }

    private static void put(ByteBuffer out, long number) {
        long rest = number;
        while ((rest & ~0x7FL) != 0) {
            out.put((byte) (rest | 0x80));
            rest >>>= 7;
        }
        out.put((byte) rest);
    }

    private static long get(ByteBuffer in) {
        long number = 0;
        int shift = 0;
        byte next;
        do {
            next = in.get();
            number |= (long) (next & 0x7F) << shift;
            shift += 7;
        } while (next < 0);
        return number;
    }
}
