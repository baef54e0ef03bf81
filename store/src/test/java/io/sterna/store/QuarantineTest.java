package io.sterna.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class QuarantineTest {
    private static final String NAME = "journal-0000.seg";

    private final CrashDisk disk = new CrashDisk();
    private final byte[] damaged = new byte[3 << 20];

    @Test
    void shouldCopyAgainWhenACrashHasCutTheCopyShort() throws IOException {
        new Random(1).nextBytes(damaged);
        disk.put(NAME, damaged);
        disk.failAfter(1);
        assertThatThrownBy(() -> Quarantine.copy(disk, NAME, disk.open(NAME), "segment-1"))
                .isInstanceOf(IOException.class);
        CrashDisk image = disk.crash(new Random(1));
        Quarantine.copy(image, NAME, image.open(NAME), "segment-1");
        assertThat(image.list()).containsExactly("damaged-segment-1-" + NAME, NAME);
        assertThat(image.bytes("damaged-segment-1-" + NAME)).isEqualTo(damaged);
    }

    @Test
    void shouldCopyOnceForEachUseOfAFile() throws IOException {
        disk.put(NAME, new byte[] {1, 2, 3});
        Quarantine.copy(disk, NAME, disk.open(NAME), "segment-1");
        disk.put(NAME, new byte[] {4});
        String path = Quarantine.copy(disk, NAME, disk.open(NAME), "segment-1");
        assertThat(path).endsWith("/damaged-segment-1-" + NAME);
        assertThat(disk.bytes("damaged-segment-1-" + NAME)).containsExactly(1, 2, 3);
    }

    @Test
    void shouldCopyTheEndsOfAFileUnderNamesOfTheirOwn() throws IOException {
        disk.put(NAME, new byte[] {1, 2, 3});
        Quarantine.copyEnd(disk, NAME, disk.open(NAME), 1);
        Quarantine.copyEnd(disk, NAME, disk.open(NAME), 2);
        assertThat(disk.bytes("damaged-1-" + NAME)).containsExactly(2, 3);
        assertThat(disk.bytes("damaged-2-" + NAME)).containsExactly(3);
    }
}
