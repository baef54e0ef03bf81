package io.sterna.cluster.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sterna.cluster.PartitionView;
import io.sterna.cluster.Placement;
import io.sterna.cluster.TableContent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class TableCodecTest {
    private static final PartitionView VIEW =
            new PartitionView(3, 1L << 40, 5, "node b", disks(List.of("node a", "node b")));

    private static SortedMap<String, Long> disks(List<String> nodes) {
        SortedMap<String, Long> disks = new TreeMap<>();
        nodes.forEach(node -> disks.put(node, node.hashCode() * 31L));
        return disks;
    }

    private static TableContent table(int partitions, long epoch) {
        Map<Integer, PartitionView> views = new TreeMap<>();
        List<List<String>> places = new ArrayList<>();
        for (int partition = 0; partition < partitions; partition++) {
            String owner = "node-" + partition % 3;
            List<String> nodes = List.of(owner, "node-" + (partition + 1) % 3);
            views.put(partition, new PartitionView(partition, epoch + partition, ~epoch, owner, disks(nodes)));
            places.add(nodes);
        }
        return new TableContent(epoch, views, Optional.of(new Placement(epoch, places)));
    }

    @Property(tries = 100)
    void shouldReadWhatItHasWritten(
            @ForAll @IntRange(max = 200) int partitions, @ForAll @LongRange(min = 1, max = 1L << 62) long epoch) {
        TableContent table = table(partitions, epoch);
        assertThat(TableCodec.decode(TableCodec.encode(table))).isEqualTo(table);
    }

    @Test
    void shouldReadATableInWhichNothingIsYet() {
        TableContent begun = TableContent.begun(7);
        assertThat(TableCodec.decode(TableCodec.encode(begun))).isEqualTo(begun);
    }

    @Test
    void shouldReadViewsWithoutAPlacement() {
        TableContent table = new TableContent(1, Map.of(3, VIEW), Optional.empty());
        assertThat(TableCodec.decode(TableCodec.encode(table))).isEqualTo(table);
    }

    @Test
    void shouldNeedAboutThirtyBytesForAPartition() {
        assertThat(TableCodec.encode(table(1024, 1000))).hasSizeLessThan(36 * 1024);
    }

    @Test
    void shouldRefuseAFormatOfAnotherVersion() {
        byte[] bytes = TableCodec.encode(table(1, 1));
        bytes[0] = 2;
        assertThatThrownBy(() -> TableCodec.decode(bytes)).hasMessage("the table has format 2, this version reads 1");
    }

    @Test
    void shouldRefuseBytesThatEndTooEarlyOrTooLate() {
        byte[] bytes = TableCodec.encode(table(5, 1));
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> TableCodec.decode(cut)).isInstanceOf(IllegalArgumentException.class);
        }
        byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
        assertThatThrownBy(() -> TableCodec.decode(longer)).hasMessageContaining("behind its end");
    }

    @Property(tries = 500)
    void shouldGiveATableOrARefusalForAnyBytes(@ForAll byte[] bytes) {
        byte[] begun = new byte[bytes.length + 1];
        begun[0] = 1;
        System.arraycopy(bytes, 0, begun, 1, bytes.length);
        try {
            TableCodec.decode(begun);
        } catch (IllegalArgumentException refused) {
            assertThat(refused).hasMessageContaining("");
        }
    }
}
