package io.sterna.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DiskIdTest {
    private static final StoreConfig SMALL = StoreConfig.defaults().withJournal(64 << 10, 4);

    @TempDir
    private Path directory;

    @Test
    void shouldKeepTheIdOfADataDirectory() throws StoreException {
        long id = openAndClose("one");
        assertThat(id).isNotZero();
        assertThat(openAndClose("one")).isEqualTo(id);
    }

    @Test
    void shouldGiveEachDataDirectoryAnIdOfItsOwn() throws StoreException {
        assertThat(openAndClose("one")).isNotEqualTo(openAndClose("two"));
    }

    @Test
    void shouldKeepTheIdWhenRepaired() throws StoreException {
        long id = openAndClose("one");
        new StoreRepair(directory.resolve("one"), SMALL, (bytes, ofBytes) -> {}).run();
        assertThat(openAndClose("one")).isEqualTo(id);
    }

    @Test
    void shouldGiveAnIdToADirectoryThatHasNone() throws StoreException, IOException {
        openAndClose("one");
        Files.delete(directory.resolve("one").resolve(DiskId.NAME));
        long id = openAndClose("one");
        assertThat(openAndClose("one")).isEqualTo(id);
    }

    @Test
    void shouldGiveAnotherIdAndSaySoWhenTheFileIsDamaged() throws StoreException, IOException {
        long id = openAndClose("one");
        Files.write(directory.resolve("one").resolve(DiskId.NAME), new byte[] {1, 2, 3});
        try (DurableStore store = DurableStore.open(directory.resolve("one"), SMALL)) {
            assertThat(Recovered.of(store).damages()).singleElement().asString().contains(DiskId.NAME);
            assertThat(store.diskId()).isNotEqualTo(id);
        }
    }

    @Test
    void shouldNotTellItBeforeRecovery() throws StoreException {
        try (DurableStore store = DurableStore.open(directory.resolve("one"), SMALL)) {
            assertThatThrownBy(store::diskId).isInstanceOf(IllegalStateException.class);
        }
    }

    private long openAndClose(String name) throws StoreException {
        try (DurableStore store = DurableStore.open(directory.resolve(name), SMALL)) {
            Recovered.of(store);
            return store.diskId();
        }
    }
}
