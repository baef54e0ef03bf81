package io.sterna.cluster.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sterna.cluster.PartitionView;
import io.sterna.cluster.TableContent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeeperFileTest {
    private static final List<String> FOUNDERS = List.of("a", "b", "c");

    @TempDir
    private Path directory;

    private static KeeperState state(long round) {
        PartitionView view = new PartitionView(3, round, 77, "a", new TreeMap<>(Map.of("a", 1L, "b", 2L)));
        Ballot accepted = new Ballot(round, "b", 5);
        return new KeeperState(
                new Ballot(round + 1, "c", 6), accepted, new TableContent(9, Map.of(3, view), Optional.empty()));
    }

    private Optional<KeeperState> reopened() throws IOException {
        try (KeeperFile file = KeeperFile.open(directory, FOUNDERS)) {
            return file.recovered();
        }
    }

    private void write(int first, int last) throws IOException {
        try (KeeperFile file = KeeperFile.open(directory, FOUNDERS)) {
            for (int round = first; round <= last; round++) {
                file.write(state(round));
            }
        }
    }

    @Test
    void shouldBeginWithNothing() throws IOException {
        assertThat(reopened()).isEmpty();
    }

    @Test
    void shouldFindWhatWasWrittenLast() throws IOException {
        write(1, 1);
        assertThat(reopened()).contains(state(1));
        write(2, 5);
        assertThat(reopened()).contains(state(5));
    }

    @Test
    void shouldFindTheOneBeforeWhenAWriteWasCutOff() throws IOException {
        write(1, 4); // The last one is in keeper-0.
        Path last = directory.resolve("keeper-0");
        byte[] whole = Files.readAllBytes(last);
        for (int at = 0; at < whole.length; at++) {
            byte[] damaged = whole.clone();
            damaged[at] ^= 0x10;
            Files.write(last, damaged);
            assertThat(reopened()).as("byte %d", at).contains(state(3));
        }
    }

    @Test
    void shouldBeginWithNothingWhenTheFirstWriteWasCutOff() throws IOException {
        write(1, 1);
        Path first = directory.resolve("keeper-1");
        byte[] whole = Files.readAllBytes(first);
        for (int length = 0; length < whole.length; length++) {
            Files.write(first, Arrays.copyOf(whole, length));
            assertThat(reopened()).as("%d bytes", length).isEmpty();
        }
    }

    @Test
    void shouldWriteAShorterTableOverALongerOne() throws IOException {
        write(1, 3);
        try (KeeperFile file = KeeperFile.open(directory, FOUNDERS)) {
            file.write(KeeperState.FIRST);
            file.write(KeeperState.FIRST);
        }
        assertThat(reopened()).contains(KeeperState.FIRST);
    }

    @Test
    void shouldRefuseOtherFoundersInPlainWords() throws IOException {
        write(1, 1);
        assertThatThrownBy(() -> KeeperFile.open(directory, List.of("a", "b", "d")))
                .isInstanceOf(FoundersChangedException.class)
                .hasMessageContaining("[a, b, c]")
                .hasMessageContaining("[a, b, d]");
    }

    @Test
    void shouldRefuseATableOfAnotherVersion() throws IOException {
        write(1, 1);
        Path file = directory.resolve("keeper-1");
        byte[] bytes = Files.readAllBytes(file);
        int table = bytes.length - TableCodec.encode(state(1).content()).length;
        bytes[table] = 9;
        CRC32C crc = new CRC32C();
        crc.update(bytes, 16, bytes.length - 16);
        ByteBuffer.wrap(bytes).putInt(8, (int) crc.getValue());
        Files.write(file, bytes);

        assertThatThrownBy(this::reopened).isInstanceOf(IOException.class).hasMessageContaining("format 9");
    }
}
