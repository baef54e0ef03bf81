package io.sterna.broker.crash;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * Where the journal of a stopped broker ends: read here from the format that the store documents, not with the store's
 * own code. A file has a header of 4096 octets with the segment's number at 12, and then records at multiples of 8 with
 * length (at 0), segment (4), number (8), and a CRC-32C of all before it in their last four octets.
 *
 * @param end offset behind the last whole record
 * @param lastNumber number of that record, 0 when the segment has none
 */
record JournalTail(Path file, int segment, long end, long lastNumber, long freeBytes) {
    private static final long MAGIC = 0x535445524E41204AL;
    private static final int HEADER_BYTES = 4096;
    private static final int LEAST_RECORD_BYTES = 48;

    static JournalTail find(Path data) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.walk(data)) {
            files = all.filter(path -> path.getFileName().toString().matches("journal-.*\\.(seg|big)"))
                    .toList();
        }
        Optional<JournalTail> last = Optional.empty();
        for (Path file : files) {
            ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
            if (bytes.limit() >= HEADER_BYTES && bytes.getLong(0) == MAGIC) {
                JournalTail tail = walk(file, bytes);
                last = Stream.concat(last.stream(), Stream.of(tail)).max(Comparator.comparingInt(JournalTail::segment));
            }
        }
        return last.orElseThrow(() -> new IllegalStateException("no journal below " + data + ": " + files));
    }

    private static JournalTail walk(Path file, ByteBuffer bytes) {
        int segment = bytes.getInt(12);
        int at = HEADER_BYTES;
        long number = 0;
        while (isRecord(bytes, at, segment)) {
            number = bytes.getLong(at + 8);
            at += (bytes.getInt(at) + 7) & -8;
        }
        return new JournalTail(file, segment, at, number, bytes.limit() - at);
    }

    private static boolean isRecord(ByteBuffer bytes, int at, int segment) {
        if (at + LEAST_RECORD_BYTES > bytes.limit() || bytes.getInt(at + 4) != segment) {
            return false;
        }
        int length = bytes.getInt(at);
        if (length < LEAST_RECORD_BYTES || length > bytes.limit() - at) {
            return false;
        }
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate().limit(at + length - Integer.BYTES).position(at));
        return bytes.getInt(at + length - Integer.BYTES) == (int) crc.getValue();
    }
}
