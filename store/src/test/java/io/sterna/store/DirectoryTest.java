package io.sterna.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DirectoryTest {
    @TempDir
    Path directory;

    @Test
    void shouldRefuseDirectoryInUse() throws StoreException {
        try (DurableStore first = DurableStore.open(directory, StoreConfig.defaults())) {
            assertThatThrownBy(() -> DurableStore.open(directory, StoreConfig.defaults()))
                    .isInstanceOf(DirectoryInUseException.class)
                    .hasMessageContaining(directory.toString());
            assertThat(first.metrics().recordsAppended()).isZero();
        }
        DurableStore.open(directory, StoreConfig.defaults()).close();
    }

    @Test
    void shouldCreateMissingDirectory() throws StoreException {
        Path missing = directory.resolve("a/b");
        DurableStore.open(missing, StoreConfig.defaults()).close();
        assertThat(missing).isDirectory();
    }

    @Test
    void shouldSayWhyDirectoryCannotBeUsed() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));
        assertThatThrownBy(() -> DurableStore.open(file, StoreConfig.defaults()))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining(file.toString());
    }
}
