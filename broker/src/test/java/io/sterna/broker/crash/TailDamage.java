package io.sterna.broker.crash;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;

/**
 * What a crash may leave behind the journal's last whole record, in the file of the latest segment. Records themselves
 * stay as they are: they were forced, or a test cannot know that they were not.
 */
enum TailDamage {
    NONE {
        @Override
        void damage(FileChannel file, JournalTail tail, Random random) {}
    },
    /** Sectors with anything in them. */
    GARBAGE {
        @Override
        void damage(FileChannel file, JournalTail tail, Random random) throws IOException {
            byte[] garbage = new byte[(int) Math.min(tail.freeBytes(), 1 + random.nextInt(100_000))];
            random.nextBytes(garbage);
            file.write(ByteBuffer.wrap(garbage), tail.end());
        }
    },
    /** The next record, as good as a real one in its beginning, with the rest not written. */
    TORN_RECORD {
        @Override
        void damage(FileChannel file, JournalTail tail, Random random) throws IOException {
            int length = (int) Math.min(tail.freeBytes(), 100 + random.nextInt(100_000));
            ByteBuffer record = ByteBuffer.allocate(length / 2);
            random.ints(record.capacity()).forEach(octet -> record.put((byte) octet));
            record.putInt(0, length)
                    .putInt(4, tail.segment())
                    .putLong(8, tail.lastNumber() + 1)
                    .putLong(16, tail.lastNumber());
            file.write(record.position(0), tail.end());
        }
    },
    /** The file ends with its last record, or a few octets into the next. */
    CUT {
        @Override
        void damage(FileChannel file, JournalTail tail, Random random) throws IOException {
            TORN_RECORD.damage(file, tail, random);
            file.truncate(tail.end() + (random.nextBoolean() ? 0 : random.nextInt(50)));
        }
    };

    abstract void damage(FileChannel file, JournalTail tail, Random random) throws IOException;

    /** Damages the journal below a data directory that no broker uses. */
    final void apply(Path data, Random random) throws IOException {
        JournalTail tail = JournalTail.find(data);
        if (tail.freeBytes() < 100) {
            return; // the segment is full: nothing was under way in it
        }
        try (FileChannel file = FileChannel.open(tail.file(), StandardOpenOption.WRITE)) {
            damage(file, tail, random);
        }
    }
}
