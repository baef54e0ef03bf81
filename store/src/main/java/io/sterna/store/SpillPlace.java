package io.sterna.store;

import java.util.List;

/**
 * Where messages are in a {@link Spill}.
 *
 * @param file as {@link Spill#newFile} gave it
 * @param position in the file, bytes
 * @param bytes so many
 */
public record SpillPlace(long file, long position, int bytes) {

    /** What messages take in a file, bytes. */
    public static int bytesOf(List<StoredMessage> messages) {
        long bytes = 0;
        for (StoredMessage message : messages) {
            bytes += SpillFormat.HEADER_BYTES + message.message().length;
        }
        return Math.toIntExact(bytes);
    }
}
