package io.sterna.store;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * A random damage to one file.
 *
 * @param ranges of bytes that it changed, each with its first byte and the first behind it
 */
record Damage(String file, Kind kind, List<long[]> ranges) {
    /** What disks, controllers and people do to files. */
    enum Kind {
        BIT,
        BITS,
        RUBBISH,
        ZEROS,
        DUPLICATE,
        MOVED,
        TRUNCATION
    }

    /** Does something to one of the files of {@code disk} that are not empty. */
    static Damage cause(CrashDisk disk, Random random) {
        List<String> files = disk.list().stream()
                .filter(name -> SegmentPool.isJournal(name) || MessageFile.isMessageFile(name))
                .filter(name -> disk.size(name) > 0)
                .toList();
        String file = files.get(random.nextInt(files.size()));
        byte[] bytes = disk.bytes(file);
        byte[] before = bytes.clone();
        Kind kind = Kind.values()[random.nextInt(Kind.values().length)];
        int used = used(bytes);
        int at = random.nextInt(used);
        int count = Math.min(1 + random.nextInt(random.nextBoolean() ? 64 : 8192), used - at);
        switch (kind) {
            case BIT -> flip(bytes, at, random);
            case BITS -> {
                for (int left = 2 + random.nextInt(4); left > 0; left--) {
                    flip(bytes, random.nextInt(used), random);
                }
            }
            case RUBBISH -> {
                for (int i = 0; i < count; i++) {
                    bytes[at + i] = (byte) random.nextInt();
                }
            }
            case ZEROS -> java.util.Arrays.fill(bytes, at, at + count, (byte) 0);
            case DUPLICATE -> {
                int from = random.nextInt(used - count + 1);
                System.arraycopy(before, from, bytes, at, count);
            }
            case MOVED -> {
                int from = random.nextInt(used - count + 1);
                java.util.Arrays.fill(bytes, from, from + count, (byte) 0);
                System.arraycopy(before, from, bytes, at, count);
            }
            case TRUNCATION -> bytes = java.util.Arrays.copyOf(bytes, at);
        }
        disk.put(file, bytes);
        return new Damage(file, kind, ranges(before, bytes));
    }

    /** Flips a bit of the journal's last note, if it has one. */
    static Optional<Damage> toLastNote(CrashDisk disk, Random random) {
        return lastNote(disk).map(place -> {
            byte[] before = disk.bytes(place.file());
            byte[] bytes = before.clone();
            flip(bytes, place.at() + random.nextInt(RecordCodec.NOTE_BYTES), random);
            disk.put(place.file(), bytes);
            return new Damage(place.file(), Kind.BIT, ranges(before, bytes));
        });
    }

    /** Where a note is. */
    record NotePlace(CheckpointNote note, long record, String file, int at) {}

    /** The journal's last note. */
    static Optional<NotePlace> lastNote(CrashDisk disk) {
        return disk.list().stream()
                .filter(SegmentPool::isJournal)
                .flatMap(name -> notes(name, ByteBuffer.wrap(disk.bytes(name))).stream())
                .max(Comparator.comparingLong(NotePlace::record));
    }

    private static List<NotePlace> notes(String name, ByteBuffer bytes) {
        List<NotePlace> notes = new ArrayList<>();
        for (int at = JournalSegment.HEADER_BYTES;
                at <= bytes.limit() - RecordCodec.MIN_BYTES;
                at += RecordCodec.ALIGNMENT) {
            int place = at;
            RecordCodec.check(bytes, at, bytes.limit(), bytes.getInt(at + Integer.BYTES))
                    .ifPresent(header -> RecordCodec.note(bytes, place)
                            .ifPresent(note -> notes.add(new NotePlace(note, header.number(), name, place))));
        }
        return notes;
    }

    boolean touches(long from, long to) {
        return ranges.stream().anyMatch(range -> range[0] < to && range[1] > from);
    }

    /** From the first to the last byte that it changed. */
    long span() {
        return ranges.isEmpty() ? 0 : ranges.get(ranges.size() - 1)[1] - ranges.get(0)[0];
    }

    private static void flip(byte[] bytes, int at, Random random) {
        bytes[at] ^= (byte) (1 << random.nextInt(8));
    }

    private static int used(byte[] bytes) {
        int used = bytes.length;
        while (used > 1 && bytes[used - 1] == 0) {
            used--;
        }
        return used;
    }

    private static List<long[]> ranges(byte[] before, byte[] after) {
        List<long[]> ranges = new ArrayList<>();
        for (int at = 0; at < before.length; at++) {
            if (at >= after.length || before[at] != after[at]) {
                int last = ranges.size() - 1;
                if (last >= 0 && ranges.get(last)[1] == at) {
                    ranges.get(last)[1]++;
                } else {
                    ranges.add(new long[] {at, at + 1});
                }
            }
        }
        return ranges;
    }
}
