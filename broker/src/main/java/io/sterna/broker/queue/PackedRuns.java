package io.sterna.broker.queue;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Messages of which there is nothing to say but where they stand, how large they are and when they expire, without an
 * object for each: runs of messages that are as far apart, as large, and as much later in expiring as each other.
 *
 * <pre>
 *  +-------+--------------------------+-------+------------------------+
 *  | count | distance from the one    | kind  | how much later than    |  for each run; numbers of 7 bits a byte, the
 *  |       | before, or from the base |       | that it expires,       |  lowest first, the highest bit of a byte says
 *  |       |                          |       | or than the first time |  that another one follows
 *  +-------+--------------------------+-------+------------------------+
 * </pre>
 *
 * The kind is twice the bytes of each, and one more when they are spilled and not in the store. The last is signed: its
 * lowest bit is the sign. A message that never expires has the time 0 here.
 */
final class PackedRuns {
    private static final int MAX_INT_BYTES = 5;
    private static final int MAX_LONG_BYTES = 10;
    private static final int MAX_RUN_BYTES = 2 * MAX_INT_BYTES + 2 * MAX_LONG_BYTES;

    private PackedRuns() {}

    /**
     * Packs messages.
     *
     * @param base at or below the first sequence
     * @param firstMillis a time near those at which they expire
     * @param entries rising by sequence; one at least, no slot is empty
     */
    static byte[] pack(long base, long firstMillis, Entry[] entries) {
        ByteBuffer out = ByteBuffer.allocate(entries.length * MAX_RUN_BYTES);
        long sequence = base;
        long millis = firstMillis;
        int count = 0;
        Run run = new Run(0, 0, 0);
        for (Entry entry : entries) {
            long expiresAtMillis = entry.traits().expiresAtMillis();
            Run its = new Run(entry.sequence() - sequence, kind(entry), expiresAtMillis - millis);
            sequence = entry.sequence();
            millis = expiresAtMillis;
            if (count > 0 && !its.equals(run)) {
                put(out, count, run);
                count = 0;
            }
            count++;
            run = its;
        }
        put(out, count, run);
        return Arrays.copyOf(out.array(), out.position());
    }

    /** The messages, as they are when they were restored or spilled, with {@code traits} each but for the time. */
    static Entry[] unpack(byte[] packed, long base, long firstMillis, int count, MessageTraits traits) {
        ByteBuffer in = ByteBuffer.wrap(packed);
        Entry[] entries = new Entry[count];
        long sequence = base;
        MessageTraits shared = traits.withExpiresAtMillis(firstMillis);
        int at = 0;
        while (in.hasRemaining()) {
            int end = at + (int) get(in);
            long distance = get(in);
            long kind = get(in);
            int bytes = (int) (kind >> 1);
            Backing backing = (kind & 1) == 0 ? Backing.STORE : Backing.SPILL;
            long later = signed(get(in));
            while (at < end) {
                sequence += distance;
                shared = shared.withExpiresAtMillis(shared.expiresAtMillis() + later);
                entries[at++] = Entry.unpacked(sequence, bytes, backing, shared);
            }
        }
        return entries;
    }

    private record Run(long distance, long kind, long laterMillis) {}

    private static long kind(Entry entry) {
        return 2L * entry.sizeBytes() + (entry.spilled() ? 1 : 0);
    }

    private static void put(ByteBuffer out, int count, Run run) {
        put(out, count);
        put(out, run.distance());
        put(out, run.kind());
        put(out, unsigned(run.laterMillis()));
    }

    private static long unsigned(long number) {
        return (number << 1) ^ (number >> (Long.SIZE - 1));
    }

    private static long signed(long number) {
        return (number >>> 1) ^ -(number & 1);
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
