package io.sterna.store;

import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * The messages of blocks, one behind the other, in parts of 1 MiB whose numbers follow that of the block. Owned by the
 * worker, and by the opening thread before.
 */
final class BlockBodies {
    static final int PART_BYTES = 1 << 20;

    private final CheckedMap<Long> parts;

    BlockBodies(MessageFile file) {
        parts = CheckedMap.numbered(file, MessageFile.BODIES);
    }

    /** How many parts a body of that size has. */
    static long parts(long bodyBytes) {
        return (bodyBytes + PART_BYTES - 1) / PART_BYTES;
    }

    /** Puts messages; {@code betweenParts} is run before there is too much in memory. */
    void put(long number, ByteBuffer messages, Runnable betweenParts) {
        long key = number;
        while (messages.hasRemaining()) {
            int count = Math.min(messages.remaining(), PART_BYTES);
            byte[] part = new byte[count + CheckedMap.CRC_BYTES];
            messages.get(part, 0, count);
            parts.put(key++, part);
            if (messages.hasRemaining()) {
                betweenParts.run();
            }
        }
    }

    /**
     * Reads bytes of a block's body.
     *
     * @throws StoreException when they are missing or damaged
     */
    byte[] read(long number, long bodyBytes, long from, int count) throws StoreException {
        byte[] bytes = new byte[count];
        int filled = 0;
        while (filled < count) {
            long at = from + filled;
            long part = at / PART_BYTES;
            byte[] value = parts.get(number + part, "block " + number);
            int partBytes = (int) Math.min(PART_BYTES, bodyBytes - part * PART_BYTES);
            int offset = (int) (at - part * PART_BYTES);
            int length = Math.min(count - filled, partBytes - offset);
            System.arraycopy(value, offset, bytes, filled, length);
            filled += length;
        }
        return bytes;
    }

    /** Removes a block's body; {@code damages} hears of each part that stands on an unreadable page. */
    void remove(long number, long bodyBytes, Consumer<DamageException> damages) {
        for (long part = 0; part < parts(bodyBytes); part++) {
            try {
                parts.removeReadable(number + part);
            } catch (DamageException e) {
                damages.accept(e);
            }
        }
    }

    /** The highest number of a part, as far as it can be read; 0 when there is none. */
    long lastNumber() {
        return parts.lastKey().orElse(0L);
    }
}
