package io.sterna.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class CoordinatorTest {
    private static final List<String> NODES = List.of("a", "b", "c");
    private static final PartitionView VIEW = new PartitionView(0, 4, "b", List.of("b", "c"));
    private static final Placement PLACEMENT = new Placement(1, List.of(List.of("b", "c")));
    private static final ReplicaReport BLANK = new ReplicaReport(0, Standing.BLANK, Position.START);

    private final List<Object> asked = new ArrayList<>();
    private final Coordinator coordinator =
            new Coordinator("a", new Coordinator.Settings(1, 1, NODES, 1_000), new Table());
    private long nowMillis = 10_000;

    CoordinatorTest() {
        coordinator.onMembers(
                NODES.stream().map(id -> new Member(id, false, false)).toList());
    }

    @Test
    void shouldFindASuccessorForADeadOwner() {
        content(Map.of(0, VIEW), Optional.of(PLACEMENT));
        report("a", BLANK);
        report("c", BLANK);

        tick();

        assertThat(asked).containsExactly(new PartitionView(0, 5, "c", List.of("c")));
    }

    @Test
    void shouldLeaveAllAsItIsWhileTheOwnerLives() {
        content(Map.of(0, VIEW), Optional.of(PLACEMENT));
        NODES.forEach(node -> report(node, BLANK));

        tick();

        assertThat(asked).isEmpty();
    }

    @Test
    void shouldDoNothingWhileAnOlderNodeLives() {
        coordinator.onMembers(List.of(new Member("c", false, false), new Member("a", false, false)));
        content(Map.of(0, VIEW), Optional.of(PLACEMENT));
        report("a", BLANK);
        report("c", BLANK);

        tick();

        assertThat(asked).isEmpty();
    }

    @Test
    void shouldDoNothingWhenItDoesNotHearFromTheTable() {
        content(Map.of(0, VIEW), Optional.of(PLACEMENT));
        for (int i = 0; i < 11; i++) {
            nowMillis += 100;
            report("a", BLANK);
            report("c", BLANK);
            tick();
        }
        asked.clear();

        tick();

        assertThat(asked).isEmpty();
    }

    @Test
    void shouldPlaceReplicasBeforeItFoundsPartitions() {
        content(Map.of(), Optional.empty());
        NODES.forEach(node -> report(node, BLANK));
        tick();
        assertThat(asked).singleElement().isInstanceOf(Placement.class);
        Placement placement = (Placement) asked.remove(0);

        content(Map.of(), Optional.of(placement));
        tick();

        assertThat(asked)
                .containsExactly(new PartitionView(0, 1, placement.of(0).get(0), placement.of(0)));
    }

    @Test
    void shouldOpenWhatIsMissingSomebodyOnlyWhenItIsForced() {
        content(Map.of(), Optional.of(PLACEMENT));
        report("a", BLANK);
        report("c", new ReplicaReport(0, new Standing(Optional.of(VIEW), Optional.empty(), true), new Position(4, 9)));
        tick();
        assertThat(asked).isEmpty();

        coordinator.forceOpen(0);
        tick();

        assertThat(asked).containsExactly(new PartitionView(0, 4 + ColdStart.FORCED_EPOCHS, "c", List.of("c")));
    }

    private void content(Map<Integer, PartitionView> views, Optional<Placement> placement) {
        coordinator.onTable(new TableContent(views, placement), nowMillis);
    }

    private void report(String node, ReplicaReport report) {
        coordinator.onReport(new NodeReport(node, Map.of(0, report)), nowMillis);
    }

    private void tick() {
        coordinator.tick(nowMillis);
    }

    private final class Table implements PartitionTable {
        @Override
        public void compareAndSet(long expectedEpoch, PartitionView view) {
            asked.add(view);
        }

        @Override
        public void compareAndSet(long expectedVersion, Placement placement) {
            asked.add(placement);
        }

        @Override
        public void refresh(int partition) {
            throw new AssertionError("a coordinator hears of all");
        }
    }
}
