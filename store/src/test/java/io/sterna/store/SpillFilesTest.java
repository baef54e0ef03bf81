package io.sterna.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Files for messages that need not outlive the process. */
@Timeout(60)
class SpillFilesTest {
    private final CrashDisk disk = new CrashDisk();
    private final FaultyDisk faulty = new FaultyDisk(disk);

    private static List<StoredMessage> messages(long seed, int count) {
        Random random = new Random(seed);
        List<StoredMessage> messages = new ArrayList<>();
        for (int number = 0; number < count; number++) {
            byte[] bytes = new byte[random.nextInt(200)];
            random.nextBytes(bytes);
            messages.add(new StoredMessage(1_000 * seed + 3L * number, bytes));
        }
        return messages;
    }

    private static SpillPlace place(long file, long position, List<StoredMessage> messages) {
        return new SpillPlace(file, position, SpillPlace.bytesOf(messages));
    }

    private static void write(Spill spill, SpillPlace place, List<StoredMessage> messages) throws Exception {
        CompletableFuture<Void> written = new CompletableFuture<>();
        spill.write(place, messages, new Spill.WriteListener() {
            @Override
            public void onWritten() {
                written.complete(null);
            }

            @Override
            public void onFailed(StoreException cause) {
                written.completeExceptionally(cause);
            }
        });
        written.get(20, TimeUnit.SECONDS);
    }

    private static CompletableFuture<List<StoredMessage>> read(Spill spill, SpillPlace place) {
        CompletableFuture<List<StoredMessage>> read = new CompletableFuture<>();
        spill.read(place, new MessageReader() {
            @Override
            public void onMessages(List<StoredMessage> messages) {
                read.complete(messages);
            }

            @Override
            public void onFailed(StoreException cause) {
                read.completeExceptionally(cause);
            }
        });
        return read;
    }

    private static void assertSame(List<StoredMessage> found, List<StoredMessage> expected) {
        assertThat(found.stream().map(StoredMessage::sequence))
                .containsExactlyElementsOf(
                        expected.stream().map(StoredMessage::sequence).toList());
        for (int index = 0; index < found.size(); index++) {
            assertThat(found.get(index).message()).isEqualTo(expected.get(index).message());
        }
    }

    @Test
    void shouldReadWhatWasWrittenUntilItIsDeleted() throws Exception {
        try (SpillFiles spill = SpillFiles.open(disk)) {
            List<SpillPlace> places = new ArrayList<>();
            for (int number = 0; number < 40; number++) {
                List<StoredMessage> first = messages(2L * number, 20);
                List<StoredMessage> second = messages(2L * number + 1, 30);
                long file = spill.newFile();
                places.add(place(file, 0, first));
                write(spill, places.get(2 * number), first);
                places.add(place(file, SpillPlace.bytesOf(first), second));
                write(spill, places.get(2 * number + 1), second);
            }
            for (int number = 0; number < places.size(); number++) {
                assertSame(
                        read(spill, places.get(number)).get(20, TimeUnit.SECONDS),
                        messages(number, number % 2 == 0 ? 20 : 30));
            }
            assertThat(disk.list()).hasSize(40);
            places.forEach(place -> spill.delete(place.file()));
        }
        assertThat(disk.list()).isEmpty();
    }

    @Test
    void shouldDeleteAllWhenItIsClosedAndWhatACrashHasLeft() throws Exception {
        disk.open("journal-0001.seg").write(ByteBuffer.allocate(10), 0);
        disk.open("spill-00000007").write(ByteBuffer.allocate(10), 0);
        disk.open("spill-of-mine").write(ByteBuffer.allocate(10), 0);
        try (SpillFiles spill = SpillFiles.open(disk)) {
            assertThat(disk.list()).containsExactlyInAnyOrder("journal-0001.seg", "spill-of-mine");
            write(spill, place(spill.newFile(), 0, messages(1, 5)), messages(1, 5));
            assertThat(disk.list()).hasSize(3);
        }
        assertThat(disk.list()).containsExactlyInAnyOrder("journal-0001.seg", "spill-of-mine");
    }

    /** To wait would hold up those who read. */
    @Test
    void shouldRefuseToWriteAndGoOnReadingWhenTheDiskIsFull() throws Exception {
        PatientDisk patient = new PatientDisk(disk, 0);
        patient.begin();
        List<StoredMessage> messages = messages(1, 50);
        try (SpillFiles spill = SpillFiles.open(patient)) {
            SpillPlace place = place(spill.newFile(), 0, messages);
            write(spill, place, messages);
            disk.capacity(disk.usedBytes());

            SpillPlace more = place(spill.newFile(), 0, messages);
            assertThat(catchThrowable(() -> write(spill, more, messages))).hasMessageContaining("finds no room");
            assertSame(read(spill, place).get(20, TimeUnit.SECONDS), messages);
            disk.capacity(Long.MAX_VALUE);
            write(spill, more, messages);
            assertSame(read(spill, more).get(20, TimeUnit.SECONDS), messages);
        }
    }

    @Test
    void shouldNeverGiveWhatWasChanged() throws Exception {
        List<StoredMessage> messages = messages(1, 3);
        try (SpillFiles spill = SpillFiles.open(disk)) {
            SpillPlace place = place(spill.newFile(), 64, messages);
            byte[] bytes = SpillFormat.encode(place, messages).array();
            for (int bit = 0; bit < 8 * bytes.length; bit++) {
                byte[] changed = bytes.clone();
                changed[bit / 8] ^= (byte) (1 << bit % 8);
                SpillFormat.Decoded decoded = SpillFormat.decode(place, changed);
                assertThat(decoded.damaged()).isTrue();
                assertThat(decoded.messages()).hasSizeLessThan(3).allSatisfy(found -> assertThat(messages)
                        .anyMatch(each ->
                                each.sequence() == found.sequence() && Arrays.equals(each.message(), found.message())));
            }
            assertThat(SpillFormat.decode(new SpillPlace(place.file() + 1, 64, bytes.length), bytes)
                            .messages())
                    .isEmpty();
            assertThat(SpillFormat.decode(new SpillPlace(place.file(), 65, bytes.length), bytes)
                            .messages())
                    .isEmpty();
            assertThat(SpillFormat.decode(place, new byte[bytes.length]).messages())
                    .isEmpty();
        }
    }

    @Test
    void shouldGoOnWhenAWriteOrAReadHasFailed() throws Exception {
        List<StoredMessage> messages = messages(1, 5);
        try (SpillFiles spill = SpillFiles.open(faulty)) {
            SpillPlace first = place(spill.newFile(), 0, messages);
            write(spill, first, messages);
            SpillPlace second = place(first.file(), first.bytes(), messages);
            faulty.set((name, from, to, writes) -> {
                throw new IOException("No space left on device");
            });
            assertThat(catchThrowable(() -> write(spill, second, messages)))
                    .hasMessageContaining("No space left on device")
                    .hasMessageContaining("spill-00000001");
            assertThat(read(spill, first)).failsWithin(20, TimeUnit.SECONDS);

            faulty.set((name, from, to, writes) -> {});
            write(spill, second, messages);
            assertSame(read(spill, first).get(20, TimeUnit.SECONDS), messages);
            assertSame(read(spill, second).get(20, TimeUnit.SECONDS), messages);
        }
    }

    @Test
    void shouldRefuseWhenItIsClosed() throws Exception {
        SpillFiles spill = SpillFiles.open(disk);
        spill.close();
        assertThat(read(spill, place(1, 0, messages(1, 1)))).failsWithin(20, TimeUnit.SECONDS);
        assertThat(disk.list()).isEmpty();
    }
}
