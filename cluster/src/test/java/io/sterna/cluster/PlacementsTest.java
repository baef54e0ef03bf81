package io.sterna.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

final class PlacementsTest {

    @Property(tries = 200)
    void shouldSpreadEvenly(
            @ForAll @IntRange(min = 1, max = 9) int count,
            @ForAll @IntRange(min = 0, max = 2) int backups,
            @ForAll @IntRange(min = 64, max = 200) int partitions) {
        List<List<String>> placed = Placements.next(nodes(count), List.of(), partitions, backups);

        assertThat(placed)
                .hasSize(partitions)
                .allSatisfy(its -> assertThat(its).doesNotHaveDuplicates().hasSize(Math.min(count, backups + 1)));
        assertDiffersByOneAtMost(replicas(placed), count);
        assertDiffersByOneAtMost(owned(placed), count);
    }

    @Property(tries = 200)
    void shouldMoveNothingWhenNothingChanges(
            @ForAll @IntRange(min = 1, max = 9) int count, @ForAll @IntRange(min = 0, max = 2) int backups) {
        List<List<String>> placed = Placements.next(nodes(count), List.of(), 64, backups);

        assertThat(Placements.next(nodes(count), placed, 64, backups)).isEqualTo(placed);
    }

    @Property(tries = 500)
    void shouldMoveOnlyItsShareToAFurtherNode(
            @ForAll @IntRange(max = 10_000) int names,
            @ForAll @IntRange(min = 1, max = 8) int count,
            @ForAll @IntRange(min = 0, max = 2) int backups) {
        List<Member> all = IntStream.rangeClosed(0, count)
                .mapToObj(i -> new Member(names + "." + i, false, false))
                .toList();
        String further = all.get(count).id();
        List<List<String>> before = Placements.next(all.subList(0, count), List.of(), 64, backups);
        List<List<String>> after = Placements.next(all, before, 64, backups);

        for (int partition = 0; partition < 64; partition++) {
            List<String> fresh = new ArrayList<>(after.get(partition));
            fresh.removeAll(before.get(partition));
            assertThat(fresh).isSubsetOf(further);
            assertThat(after.get(partition).get(0)).isIn(before.get(partition).get(0), further);
        }
        assertDiffersByOneAtMost(replicas(after), count + 1);
        assertDiffersByOneAtMost(owned(after), count + 1);
    }

    @Test
    void shouldLeaveEverythingElseWhereItIsWhenANodeGoes() {
        List<List<String>> before = Placements.next(nodes(4), List.of(), 64, 1);
        List<List<String>> after = Placements.next(nodes(3), before, 64, 1);

        for (int partition = 0; partition < 64; partition++) {
            List<String> stayed = new ArrayList<>(before.get(partition));
            stayed.remove("n4");
            assertThat(after.get(partition)).containsAll(stayed);
        }
        assertDiffersByOneAtMost(replicas(after), 3);
        assertDiffersByOneAtMost(owned(after), 3);
    }

    @Test
    void shouldGiveNothingToAWitnessOrToWhoIsDrained() {
        List<Member> members = List.of(
                new Member("n1", false, false),
                new Member("n2", true, false),
                new Member("n3", false, true),
                new Member("n4", false, false));

        List<List<String>> placed = Placements.next(members, List.of(), 64, 1);

        assertThat(placed).allSatisfy(its -> assertThat(its).containsExactlyInAnyOrder("n1", "n4"));
    }

    @Test
    void shouldChangeNothingWhenNobodyMayHoldAnything() {
        List<List<String>> before = Placements.next(nodes(2), List.of(), 64, 1);

        assertThat(Placements.next(List.of(new Member("n1", true, false)), before, 64, 1))
                .isEqualTo(before);
    }

    private static List<Member> nodes(int count) {
        return IntStream.rangeClosed(1, count)
                .mapToObj(i -> new Member("n" + i, false, false))
                .toList();
    }

    private static Map<String, Integer> replicas(List<List<String>> placed) {
        Map<String, Integer> loads = new TreeMap<>();
        placed.forEach(its -> its.forEach(node -> loads.merge(node, 1, Integer::sum)));
        return loads;
    }

    private static Map<String, Integer> owned(List<List<String>> placed) {
        Map<String, Integer> loads = new TreeMap<>();
        placed.forEach(its -> loads.merge(its.get(0), 1, Integer::sum));
        return loads;
    }

    private static void assertDiffersByOneAtMost(Map<String, Integer> loads, int count) {
        assertThat(loads).hasSize(count);
        int most = loads.values().stream().mapToInt(Integer::intValue).max().orElseThrow();
        int least = loads.values().stream().mapToInt(Integer::intValue).min().orElseThrow();
        assertThat(most - least).isLessThanOrEqualTo(1);
    }
}
