package io.sterna.store;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** How a block or a parity of a {@link CheckedFile} is stored: its bytes, and a CRC32C over its number and them. */
final class CheckedBlock {
    static final int BYTES = 4096;
    static final int STORED_BYTES = BYTES + Integer.BYTES;

    private CheckedBlock() {}

    /** Puts the checksum behind the bytes. */
    static void sign(long number, byte[] stored) {
        ByteBuffer.wrap(stored).putInt(BYTES, crc(number, stored, 0));
    }

    /** Whether what begins at {@code from} is as it was signed. */
    static boolean isGood(long number, byte[] stored, int from) {
        return crc(number, stored, from) == ByteBuffer.wrap(stored).getInt(from + BYTES);
    }

    /** Adds bytes to a parity, which is to be signed then; also takes them away again. */
    static void add(byte[] stored, byte[] parity) {
        for (int i = 0; i < BYTES; i++) {
            parity[i] ^= stored[i];
        }
    }

    private static int crc(long number, byte[] stored, int from) {
        CRC32C crc = new CRC32C();
        crc.update(ByteBuffer.allocate(Long.BYTES).putLong(0, number));
        crc.update(stored, from, BYTES);
        return (int) crc.getValue();
    }
}
