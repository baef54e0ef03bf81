package io.sterna.store;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * How messages are written to a {@link Spill}, one behind the other:
 *
 * <pre>
 *  +-----------+----------+-------------+----------
 *  | CRC-32C 4 | length 4 | sequence 8  | message …
 *  +-----------+----------+-------------+----------
 * </pre>
 *
 * The checksum covers the place, too, so that what belongs elsewhere is not taken for it: file, position of the record,
 * length, sequence, message.
 */
final class SpillFormat {
    static final int HEADER_BYTES = 16;
    private static final int CRC_BYTES = 4;

    private SpillFormat() {}

    /**
     * What was read.
     *
     * @param messages those that are intact, in their order
     * @param damaged whether others are not
     */
    record Decoded(List<StoredMessage> messages, boolean damaged) {}

    static ByteBuffer encode(SpillPlace place, List<StoredMessage> messages) {
        byte[] bytes = new byte[place.bytes()];
        ByteBuffer out = ByteBuffer.wrap(bytes);
        for (StoredMessage message : messages) {
            int start = out.position();
            out.putInt(0)
                    .putInt(message.message().length)
                    .putLong(message.sequence())
                    .put(message.message());
            out.putInt(start, checksum(place, bytes, start, out.position()));
        }
        return out.flip();
    }

    /** When a length is not right nobody knows where the next record begins, and the rest is given up. */
    static Decoded decode(SpillPlace place, byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        List<StoredMessage> messages = new ArrayList<>();
        boolean damaged = false;
        while (in.remaining() >= HEADER_BYTES) {
            int start = in.position();
            int crc = in.getInt();
            int length = in.getInt();
            long sequence = in.getLong();
            if (length < 0 || length > in.remaining()) {
                return new Decoded(messages, true);
            }
            byte[] message = new byte[length];
            in.get(message);
            if (crc == checksum(place, bytes, start, in.position())) {
                messages.add(new StoredMessage(sequence, message));
            } else {
                damaged = true;
            }
        }
        return new Decoded(messages, damaged || in.hasRemaining());
    }

    private static int checksum(SpillPlace place, byte[] bytes, int start, int end) {
        CRC32C crc = new CRC32C();
        crc.update(ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(place.file())
                .putLong(place.position() + start)
                .flip());
        crc.update(bytes, start + CRC_BYTES, end - start - CRC_BYTES);
        return (int) crc.getValue();
    }
}
