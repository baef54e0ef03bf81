package io.sterna.store;

import java.nio.ByteBuffer;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A block's header, a value in MVStore: all that recovery needs, without the bodies.
 *
 * <pre>
 *  +----------+-----------+------------+-------+------------------------------+------------------+-----------------------+
 *  | queue id | partition | body bytes | count | count × (sequence, size)     | settled          | updates               |
 *  | long     | int       | long       | int   | varint deltas, varint sizes  | (count+63)/64    | int, each: place int, |
 *  |          |           |            |       | the first sequence is whole  | longs            | count int, bytes int, |
 *  |          |           |            |       |                              |                  | annotations           |
 *  +----------+-----------+------------+-------+------------------------------+------------------+-----------------------+
 * </pre>
 *
 * The bodies stand one behind the other in the parts of the body, see {@link BlockStore}.
 *
 * @param updates by place in the block
 */
record BlockHeader(
        int partition,
        long queueId,
        long bodyBytes,
        long[] sequences,
        int[] sizes,
        long[] settled,
        NavigableMap<Integer, Update> updates) {

    private static final int MAX_VARINT_BYTES = 10;

    byte[] encode() {
        int bytes = 32 + sequences.length * 2 * MAX_VARINT_BYTES + settled.length * Long.BYTES;
        for (Update update : updates.values()) {
            bytes += 3 * Integer.BYTES + update.annotations().length;
        }
        ByteBuffer out = ByteBuffer.allocate(bytes);
        out.putLong(queueId).putInt(partition).putLong(bodyBytes).putInt(sequences.length);
        long previous = 0;
        for (int i = 0; i < sequences.length; i++) {
            putVarint(out, sequences[i] - previous);
            putVarint(out, sizes[i]);
            previous = sequences[i];
        }
        for (long word : settled) {
            out.putLong(word);
        }
        out.putInt(updates.size());
        updates.forEach((place, update) -> out.putInt(place)
                .putInt(update.deliveryCount())
                .putInt(update.annotations().length)
                .put(update.annotations()));
        byte[] encoded = new byte[out.position()];
        out.flip().get(encoded);
        return encoded;
    }

    static BlockHeader decode(byte[] encoded) {
        ByteBuffer in = ByteBuffer.wrap(encoded);
        long queueId = in.getLong();
        int partition = in.getInt();
        long bodyBytes = in.getLong();
        int count = in.getInt();
        long[] sequences = new long[count];
        int[] sizes = new int[count];
        long previous = 0;
        for (int i = 0; i < count; i++) {
            previous += getVarint(in);
            sequences[i] = previous;
            sizes[i] = (int) getVarint(in);
        }
        long[] settled = Block.nothingSettled(count);
        for (int i = 0; i < settled.length; i++) {
            settled[i] = in.getLong();
        }
        TreeMap<Integer, Update> updates = new TreeMap<>();
        for (int left = in.getInt(); left > 0; left--) {
            int place = in.getInt();
            int deliveryCount = in.getInt();
            byte[] annotations = new byte[in.getInt()];
            in.get(annotations);
            updates.put(place, new Update(deliveryCount, annotations));
        }
        return new BlockHeader(partition, queueId, bodyBytes, sequences, sizes, settled, updates);
    }

    Optional<Update> update(int place) {
        return Optional.ofNullable(updates.get(place));
    }

    private static void putVarint(ByteBuffer out, long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            out.put((byte) (rest | 0x80));
            rest >>>= 7;
        }
        out.put((byte) rest);
    }

    private static long getVarint(ByteBuffer in) {
        long value = 0;
        int shift = 0;
        byte next;
        do {
            next = in.get();
            value |= (next & 0x7FL) << shift;
            shift += 7;
        } while (next < 0);
        return value;
    }
}
