package io.sterna.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sterna.store.CheckedFile.DamagedBlockException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Blocks on sectors that the disk has lost: reading them fails, until they are written again. */
final class CheckedFileTest {
    private static final String NAME = "blocks";
    private static final int STORED_BYTES = CheckedFile.BLOCK_BYTES + Integer.BYTES;
    /** With the parities before them the first group ends at block 512. */
    private static final int BLOCKS = 560;

    private final CrashDisk crashDisk = new CrashDisk();
    private final FaultyDisk disk = new FaultyDisk(crashDisk);
    private final LostPages lost = new LostPages(NAME, crashDisk);
    private final List<StoreException> damages = new ArrayList<>();
    private final byte[] written = new byte[BLOCKS * CheckedFile.BLOCK_BYTES];

    @BeforeEach
    void write() throws IOException {
        new Random(1).nextBytes(written);
        try (CheckedFile file = open()) {
            file.write(ByteBuffer.wrap(written), 0);
        }
        disk.set(lost);
    }

    @Test
    void shouldRestoreWhateverLostPageAndWriteItAgain() throws IOException {
        for (long page = 0; page * LostPages.BYTES < crashDisk.size(NAME); page++) {
            damages.clear();
            lost.add(page);
            try (CheckedFile file = open()) {
                assertThat(read(file)).isEqualTo(written);
                file.scrub(damage -> {
                    throw new AssertionError(damage);
                });
            }
            assertThat(lost.isEmpty()).as("page " + page + " is written again").isTrue();
            damages.forEach(damage -> assertThat(damage).hasMessageContaining("nothing is lost"));
        }
        assertThat(damages).as("of the last page").isNotEmpty();
        assertThat(damages.get(0)).hasMessageContaining("Input/output error");
    }

    @Test
    void shouldKeepWhatItRestoredWhenACrashTearsItAndTheParityOfWhatCameNext() throws IOException {
        crashDisk.garble(NAME, offset(520) + 100, 10, new Random(1));
        byte[] damaged = crashDisk.bytes(NAME);
        for (int seed = 1; seed <= 100; seed++) {
            CrashDisk running = new CrashDisk();
            running.put(NAME, damaged);
            try (CheckedFile file = CheckedFile.open(running.open(NAME), NAME, damages::add)) {
                file.write(ByteBuffer.allocate(CheckedFile.BLOCK_BYTES), file.size());
            }
            CrashDisk crashed = running.crash(new Random(seed));
            crashed.truncate(NAME, CheckedFile.storedBytes(written.length));
            try (CheckedFile file = CheckedFile.open(crashed.open(NAME), NAME, damages::add)) {
                assertThat(read(file)).as("seed " + seed).isEqualTo(written);
            }
        }
    }

    @Test
    void shouldReadTheOthersWhenTwoBlocksWithTheSameParityAreLost() throws IOException {
        long one = offset(24) + 2_000;
        long other = offset(32) + 2_000;
        lost.add(one / LostPages.BYTES);
        lost.add(other / LostPages.BYTES);
        try (CheckedFile file = open()) {
            ByteBuffer block = ByteBuffer.allocate(CheckedFile.BLOCK_BYTES);
            file.read(block, 22L * CheckedFile.BLOCK_BYTES);
            file.read(block.clear(), 26L * CheckedFile.BLOCK_BYTES);
            assertThatThrownBy(() -> file.read(block.clear(), 24L * CheckedFile.BLOCK_BYTES))
                    .isInstanceOf(DamagedBlockException.class)
                    .hasMessageContaining("Input/output error");
        }
    }

    @Test
    void shouldNotTakeItForDamageWhenNothingCanBeRead() throws IOException {
        try (CheckedFile file = open()) {
            disk.set((name, from, to, writes) -> {
                throw new IOException("Input/output error");
            });
            assertThatThrownBy(() -> read(file))
                    .isInstanceOf(IOException.class)
                    .isNotInstanceOf(DamagedBlockException.class);
            assertThatThrownBy(this::open).isInstanceOf(IOException.class).isNotInstanceOf(DamagedBlockException.class);
            disk.set(lost);
            assertThat(read(file)).isEqualTo(written);
        }
        assertThat(damages).isEmpty();
    }

    @Test
    void shouldRestoreDamagedBlockBesideLostOnes() throws IOException {
        crashDisk.garble(NAME, offset(100) + 7, 1, new Random(1));
        lost.add(offset(101) / LostPages.BYTES + 1);
        try (CheckedFile file = open()) {
            assertThat(read(file)).isEqualTo(written);
        }
        assertThat(lost.isEmpty()).isTrue();
        damages.clear();
        try (CheckedFile file = open()) {
            assertThat(read(file)).isEqualTo(written);
        }
        assertThat(damages).isEmpty();
        assertThat(crashDisk.size(NAME)).isEqualTo((BLOCKS + 16L) * STORED_BYTES);
    }

    private CheckedFile open() throws IOException {
        return CheckedFile.open(disk.open(NAME), NAME, damages::add);
    }

    /** Of a block of the first group. */
    private static long offset(int block) {
        return (8L + block) * STORED_BYTES;
    }

    private static byte[] read(CheckedFile file) throws IOException {
        ByteBuffer all = ByteBuffer.allocate(BLOCKS * CheckedFile.BLOCK_BYTES);
        file.read(all, 0);
        return all.array();
    }
}
