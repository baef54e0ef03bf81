package io.sterna.store;

import java.nio.ByteBuffer;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A block's header, a value in MVStore: all that recovery needs, without the bodies.
 *
 * <pre>
 *  +----------+-----------+------------+-------+------------------------------+---------------+----------------------------+
 *  | queue id | partition | body bytes | count | count × (sequence, size)     | settled       | updates                    |
 *  | long     | int       | long       | int   | varint deltas, varint sizes  | (count+63)/64 | int, each in varints:      |
 *  |          |           |            |       | the first sequence is whole  | longs         | place, delivery count, two |
 *  |          |           |            |       |                              |               | lengths; traits,           |
 *  |          |           |            |       |                              |               | annotations                |
 *  +----------+-----------+------------+-------+------------------------------+---------------+----------------------------+
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

    byte[] encode() {
        int bytes = 32 + sequences.length * 2 * Varint.MAX_BYTES + settled.length * Long.BYTES;
        bytes += updateBytes(updates);
        ByteBuffer out = ByteBuffer.allocate(bytes);
        out.putLong(queueId).putInt(partition).putLong(bodyBytes).putInt(sequences.length);
        long previous = 0;
        for (int i = 0; i < sequences.length; i++) {
            Varint.put(out, sequences[i] - previous);
            Varint.put(out, sizes[i]);
            previous = sequences[i];
        }
        for (long word : settled) {
            out.putLong(word);
        }
        putUpdates(out, updates);
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
            previous += Varint.get(in);
            sequences[i] = previous;
            sizes[i] = (int) Varint.get(in);
        }
        long[] settled = Block.nothingSettled(count);
        for (int i = 0; i < settled.length; i++) {
            settled[i] = in.getLong();
        }
        return new BlockHeader(partition, queueId, bodyBytes, sequences, sizes, settled, getUpdates(in));
    }

    Optional<Update> update(int place) {
        return Optional.ofNullable(updates.get(place));
    }

    /** At most so many bytes are what {@link #putUpdates} puts. */
    static int updateBytes(NavigableMap<Integer, Update> updates) {
        int bytes = Integer.BYTES;
        for (Update update : updates.values()) {
            bytes += 4 * Varint.MAX_BYTES + update.traits().length + update.annotations().length;
        }
        return bytes;
    }

    static void putUpdates(ByteBuffer out, NavigableMap<Integer, Update> updates) {
        out.putInt(updates.size());
        updates.forEach((place, update) -> {
            Varint.put(out, place);
            Varint.put(out, update.deliveryCount());
            Varint.put(out, update.traits().length);
            Varint.put(out, update.annotations().length);
            out.put(update.traits()).put(update.annotations());
        });
    }

    static NavigableMap<Integer, Update> getUpdates(ByteBuffer in) {
        TreeMap<Integer, Update> updates = new TreeMap<>();
        for (int left = in.getInt(); left > 0; left--) {
            int place = (int) Varint.get(in);
            int deliveryCount = (int) Varint.get(in);
            byte[] traits = new byte[(int) Varint.get(in)];
            byte[] annotations = new byte[(int) Varint.get(in)];
            in.get(traits).get(annotations);
            updates.put(place, new Update(deliveryCount, traits, annotations));
        }
        return updates;
    }
}
