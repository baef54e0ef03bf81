package io.sterna.store;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** Changes what good records of a segment say. */
final class RecordPatch {
    private RecordPatch() {}

    /** Makes a record say that those up to another had been forced when it was written. */
    static void sayForced(byte[] segment, int at, long forced) {
        ByteBuffer bytes = ByteBuffer.wrap(segment);
        bytes.putLong(at + 16, forced);
        int length = bytes.getInt(at);
        CRC32C crc = new CRC32C();
        crc.update(segment, at, length - Integer.BYTES);
        bytes.putInt(at + length - Integer.BYTES, (int) crc.getValue());
    }
}
