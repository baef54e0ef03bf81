package io.sterna.cluster.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sterna.cluster.PartitionView;
import io.sterna.cluster.Placement;
import io.sterna.cluster.TableContent;
import io.sterna.cluster.table.Ballot;
import io.sterna.cluster.table.KeeperState;
import io.sterna.cluster.table.TableMessage;
import io.sterna.cluster.table.TableMessage.Accept;
import io.sterna.cluster.table.TableMessage.Answer;
import io.sterna.cluster.table.TableMessage.Ask;
import io.sterna.cluster.table.TableMessage.Changed;
import io.sterna.cluster.table.TableMessage.Prepare;
import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;

class TableMessageFormatProperties {
    private static final Arbitrary<Long> LONGS = Arbitraries.longs();
    private static final Arbitrary<Long> NUMBERS = Arbitraries.longs().greaterOrEqual(1);
    private static final Arbitrary<String> NODES = Arbitraries.of("n1", "n2", "nœud 4");

    @Provide
    Arbitrary<TableMessage> messages() {
        return Arbitraries.oneOf(
                LONGS.map(Ask::new),
                Combinators.combine(LONGS, ballots()).as(Prepare::new),
                Combinators.combine(LONGS, ballots(), contents()).as(Accept::new),
                Combinators.combine(LONGS, Arbitraries.of(true, false), ballots(), ballots(), contents())
                        .as(TableMessageFormatProperties::answer),
                Arbitraries.just(new Changed()));
    }

    private static Answer answer(long attempt, boolean blank, Ballot one, Ballot other, TableContent content) {
        List<Ballot> sorted =
                Stream.of(one, other).sorted(Comparator.naturalOrder()).toList();
        return new Answer(attempt, blank, new KeeperState(sorted.get(1), sorted.get(0), content));
    }

    private static Arbitrary<Ballot> ballots() {
        return Combinators.combine(NUMBERS, NODES, LONGS).as(Ballot::new);
    }

    private static Arbitrary<TableContent> contents() {
        Arbitrary<PartitionView> views = Combinators.combine(
                        Arbitraries.integers().between(0, 1_023), NUMBERS, LONGS, NODES)
                .as((partition, epoch, lineage, owner) ->
                        new PartitionView(partition, epoch, lineage, owner, new TreeMap<>(Map.of(owner, epoch))));
        Arbitrary<Placement> placements = Combinators.combine(
                        NUMBERS, NODES.set().list().ofMaxSize(4))
                .as((version, places) ->
                        new Placement(version, places.stream().map(List::copyOf).toList()));
        return Combinators.combine(
                        NUMBERS,
                        views.list().uniqueElements(PartitionView::partition).ofMaxSize(5),
                        placements.optional())
                .as((generation, list, placement) -> new TableContent(
                        generation,
                        list.stream().collect(Collectors.toMap(PartitionView::partition, Function.identity())),
                        placement));
    }

    private static byte[] write(TableMessage message) {
        return Bytes.written(out -> TableMessageFormat.write(message, out));
    }

    @Property(tries = 300)
    void shouldReadTheMessageThatWasWritten(@ForAll("messages") TableMessage message) throws MalformedFrameException {
        assertThat(TableMessageFormat.read(ByteBuffer.wrap(write(message)))).isEqualTo(message);
    }

    @Property(tries = 300)
    void shouldCountAboutAsManyBytesAsAMessageTakes(@ForAll("messages") TableMessage message) {
        assertThat((long) write(message).length).isLessThanOrEqualTo(TableMessageFormat.bytes(message));
    }

    @Property(tries = 300)
    void shouldRefuseAMessageThatIsCutOff(@ForAll("messages") TableMessage message, @ForAll int cut) {
        byte[] bytes = write(message);
        ByteBuffer shorter = ByteBuffer.wrap(bytes, 0, Math.floorMod(cut, bytes.length));

        assertThatThrownBy(() -> TableMessageFormat.read(shorter)).isInstanceOf(MalformedFrameException.class);
    }

    @Property(tries = 500)
    void shouldRefuseOrReadAMessageThatIsDamaged(
            @ForAll("messages") TableMessage message, @ForAll int at, @ForAll byte other) {
        byte[] damaged = write(message);
        damaged[Math.floorMod(at, damaged.length)] = other;

        readOrRefuse(damaged);
    }

    @Property(tries = 500)
    void shouldRefuseOrReadAnyBytes(@ForAll @Size(max = 100) byte[] bytes) {
        readOrRefuse(bytes);
    }

    private static void readOrRefuse(byte[] bytes) {
        try {
            assertThat(TableMessageFormat.read(ByteBuffer.wrap(bytes))).isNotNull();
        } catch (MalformedFrameException refused) {
            assertThat(refused).hasMessageContaining("a message about the table");
        }
    }
}
