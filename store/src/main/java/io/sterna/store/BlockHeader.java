package io.sterna.store;

import java.nio.ByteBuffer;
import java.util.NavigableMap;
import java.util.Optional;

/**
 * A block's header, a value in MVStore: all that recovery needs, without the bodies.
 *
 * <pre>
 *  +----------+----------+-----------+------------+-------+------------------------------+---------------+---------+
 *  | of topic | owner id | partition | body bytes | count | count × (sequence, size)     | settled       | updates |
 *  | byte     | long     | int       | long       | int   | varint deltas, varint sizes  | (count+63)/64 | by      |
 *  |          |          |           |            |       | the first sequence is whole  | longs         | place   |
 *  +----------+----------+-----------+------------+-------+------------------------------+---------------+---------+
 * </pre>
 *
 * The bodies stand one behind the other in the parts of the body, see {@link BlockStore}.
 *
 * @param ofTopic whether the owner is a topic and not a queue
 * @param updates by place in the block, see {@link Update#putAll}
 */
record BlockHeader(
        boolean ofTopic,
        int partition,
        long ownerId,
        long bodyBytes,
        long[] sequences,
        int[] sizes,
        long[] settled,
        NavigableMap<Integer, Update> updates) {

    BlockHeader(
            QueueState owner,
            long bodyBytes,
            long[] sequences,
            int[] sizes,
            long[] settled,
            NavigableMap<Integer, Update> updates) {
        this(owner.isOfTopic(), owner.partition(), owner.ownerId(), bodyBytes, sequences, sizes, settled, updates);
    }

    /** The same messages with another fate. */
    BlockHeader with(long[] nowSettled, NavigableMap<Integer, Update> nowUpdates) {
        return new BlockHeader(ofTopic, partition, ownerId, bodyBytes, sequences, sizes, nowSettled, nowUpdates);
    }

    byte[] encode() {
        int bytes = 32 + sequences.length * 2 * Varint.MAX_BYTES + settled.length * Long.BYTES;
        bytes += Update.maxBytes(updates);
        ByteBuffer out = ByteBuffer.allocate(bytes);
        out.put((byte) (ofTopic ? 1 : 0))
                .putLong(ownerId)
                .putInt(partition)
                .putLong(bodyBytes)
                .putInt(sequences.length);
        long previous = 0;
        for (int i = 0; i < sequences.length; i++) {
            Varint.put(out, sequences[i] - previous);
            Varint.put(out, sizes[i]);
            previous = sequences[i];
        }
        for (long word : settled) {
            out.putLong(word);
        }
        Update.putAll(out, updates);
        byte[] encoded = new byte[out.position()];
        out.flip().get(encoded);
        return encoded;
    }

    static BlockHeader decode(ByteBuffer in) {
        boolean ofTopic = in.get() != 0;
        long ownerId = in.getLong();
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
        return new BlockHeader(ofTopic, partition, ownerId, bodyBytes, sequences, sizes, settled, Update.getAll(in));
    }

    Optional<Update> update(int place) {
        return updates.isEmpty() ? Optional.empty() : Optional.ofNullable(updates.get(place));
    }
}
