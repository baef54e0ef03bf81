package io.sterna.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

final class CoordinatorTest {
    private static final List<String> NODES = List.of("a", "b", "c");
    private static final PartitionView VIEW = Views.view(0, 4, "b", "b", "c");
    private static final Placement PLACEMENT = new Placement(1, List.of(List.of("b", "c")));
    private static final long LINEAGE = 99;
    private static final long NEXT_GENERATION = 1L << 32 | LINEAGE;

    private final List<Object> asked = new ArrayList<>();
    private final Coordinator coordinator =
            new Coordinator("a", new Coordinator.Settings(1, 1, NODES, 1_000), new Table(), () -> LINEAGE);
    private long nowMillis = 10_000;

    CoordinatorTest() {
        members("a", "b", "c");
    }

    // ---- Successors

    @Test
    void shouldFindASuccessorForADeadOwner() {
        content(Map.of(0, VIEW), Optional.of(PLACEMENT));
        report(Views.blank("a"), "a");
        report(member("c"), "c");

        tick();

        assertThat(asked).containsExactly(Views.view(0, 5, "c", "c"));
    }

    @Test
    void shouldFindASuccessorAsSoonAsTheConnectionToTheOwnerIsClosed() {
        content(Map.of(0, VIEW), Optional.of(PLACEMENT));
        allReport(UnaryOperator.identity());

        coordinator.onGone("b");
        tick();

        assertThat(asked).containsExactly(Views.view(0, 5, "c", "c"));
    }

    @Test
    void shouldLeaveAllAsItIsWhenTheOwnerReportsOverAnotherConnection() {
        content(Map.of(0, VIEW), Optional.of(PLACEMENT));
        allReport(UnaryOperator.identity());

        coordinator.onGone("b");
        report(member("b"), "b");
        tick();

        assertThat(asked).isEmpty();
    }

    @Test
    void shouldLeaveAllAsItIsWhileTheOwnerLives() {
        content(Map.of(0, VIEW), Optional.of(PLACEMENT));
        allReport(UnaryOperator.identity());

        tick();

        assertThat(asked).isEmpty();
    }

    @Test
    void shouldReplaceAnOwnerWhoseReplicaHasFailed() {
        content(Map.of(0, VIEW), Optional.of(PLACEMENT));

        allReport(b -> new ReplicaReport(0, b.disk(), b.standing(), b.end(), true));
        tick();

        assertThat(asked).containsExactly(Views.view(0, 5, "c", "c"));
    }

    @Test
    void shouldReplaceAnOwnerThatIsNotWhole() {
        content(Map.of(0, VIEW), Optional.of(PLACEMENT));

        allReport(b -> new ReplicaReport(0, b.disk(), b.standing().withWhole(false), b.end(), false));
        tick();

        assertThat(asked).containsExactly(Views.view(0, 5, "c", "c"));
    }

    @Test
    void shouldReplaceAnOwnerThatHasComeBackWithAnotherDisk() {
        content(Map.of(0, VIEW), Optional.of(PLACEMENT));

        allReport(b -> new ReplicaReport(0, 999, Views.blank("b").standing(), Position.START, false));
        tick();

        assertThat(asked).containsExactly(Views.view(0, 5, "c", "c"));
    }

    @Test
    void shouldReplaceAnOwnerThatHasGoneOverToAnotherLineage() {
        content(Map.of(0, VIEW), Optional.of(PLACEMENT));
        PartitionView other = PartitionView.alone(0, 3, LINEAGE, "b", Views.disk("b"));

        allReport(b -> report("b", other));
        tick();

        assertThat(asked).containsExactly(Views.view(0, 5, "c", "c"));
    }

    // ---- Who acts

    @Test
    void shouldDoNothingWhileAnOlderNodeLives() {
        members("c", "a");
        content(Map.of(0, VIEW), Optional.of(PLACEMENT));
        report(Views.blank("a"), "a");
        report(member("c"), "c");

        tick();

        assertThat(asked).isEmpty();
    }

    @Test
    void shouldActWhenTheOlderNodeDoesNotHearTheTable() {
        members("c", "a", "b");
        PartitionView view = Views.view(0, 4, "b", "a", "b");
        content(Map.of(0, view), Optional.of(PLACEMENT));
        report(report("a", view), "a");

        coordinator.onReport(new NodeReport("c", NodeReport.NO_TABLE, false, Map.of(0, Views.blank("c"))), nowMillis);
        tick();

        assertThat(asked).containsExactly(Views.view(0, 5, "a", "a"));
    }

    @Test
    void shouldDoNothingWhenItDoesNotHearFromTheTable() {
        content(Map.of(0, VIEW), Optional.of(PLACEMENT));
        for (int i = 0; i < 11; i++) {
            nowMillis += 100;
            report(Views.blank("a"), "a");
            report(member("c"), "c");
            tick();
        }
        asked.clear();

        tick();

        assertThat(asked).isEmpty();
        assertThat(coordinator.report(List.of(), nowMillis).table()).isEqualTo(NodeReport.NO_TABLE);
    }

    // ---- Tables

    @Test
    void shouldBeginATableWhereThereIsNone() {
        coordinator.onTable(TableContent.NONE, nowMillis);
        coordinator.report(List.of(), nowMillis);

        tick();

        assertThat(asked).containsExactly(NEXT_GENERATION);
    }

    @Test
    void shouldBeginATableAboveWhatReplicasHaveFollowedThatHearOfThisOne() {
        content(Map.of(0, VIEW), Optional.of(PLACEMENT));
        Standing ahead = Standing.BLANK.following(5L << 32);
        report(Views.blank("a"), "a");
        ReplicaReport late = new ReplicaReport(0, 1, ahead, Position.START, false);
        coordinator.onReport(new NodeReport("c", 5L << 32, false, Map.of(0, late)), nowMillis);
        report(member("b"), "b");
        tick();
        assertThat(asked).isEmpty();

        report(late, "c");
        tick();

        assertThat(asked).containsExactly(6L << 32 | LINEAGE);
    }

    @Test
    void shouldCountOnlyReportsOfReplicasThatFollowThisTable() {
        content(Map.of(), Optional.of(PLACEMENT));
        report(Views.blank("a"), "a");
        report(member("c"), "c");
        ReplicaReport elsewhere =
                new ReplicaReport(0, Views.disk("b"), Views.promised(VIEW).following(0), new Position(4, 9), false);
        report(elsewhere, "b");

        tick();
        assertThat(asked).isEmpty();
        report(member("b"), "b");
        tick();

        assertThat(asked).containsExactly(Views.view(0, 5, "b", "b", "c"));
    }

    // ---- Opening

    @Test
    void shouldPlaceReplicasBeforeItFoundsPartitions() {
        content(Map.of(), Optional.empty());
        NODES.forEach(node -> report(Views.blank(node), node));
        tick();
        assertThat(asked).singleElement().isInstanceOf(Placement.class);
        Placement placement = (Placement) asked.remove(0);

        content(Map.of(), Optional.of(placement));
        tick();

        PartitionView same = Views.view(0, 1, placement.of(0).get(0), placement.of(0));
        assertThat(asked).containsExactly(new PartitionView(0, 1, LINEAGE, same.owner(), same.disks()));
    }

    @Test
    void shouldNotBelieveThatANodeIsNewThatWasSeenWithAnotherDisk() {
        Coordinator two =
                new Coordinator("a", new Coordinator.Settings(2, 1, NODES, 1_000), new Table(), () -> LINEAGE);
        two.onMembers(NODES.stream().map(id -> new Member(id, false, false)).toList());
        Placement placement = new Placement(1, List.of(List.of("b", "c"), List.of("b", "c")));
        two.onTable(new TableContent(Views.GENERATION, Map.of(0, VIEW), Optional.of(placement)), nowMillis);
        for (String node : NODES) {
            long disk = node.equals("b") ? 999 : Views.disk(node);
            Map<Integer, ReplicaReport> replicas = new HashMap<>();
            replicas.put(0, node.equals("c") ? member("c") : Views.blank(node));
            replicas.put(1, new ReplicaReport(1, disk, Views.blank(node).standing(), Position.START, false));
            two.onReport(new NodeReport(node, Views.GENERATION, false, replicas), nowMillis);
        }

        two.tick(nowMillis);

        assertThat(asked).noneMatch(view -> view instanceof PartitionView founded && founded.partition() == 1);
        assertThat(two.waiting()).contains(new Waiting(1, 0, List.of("b"), false));
    }

    // ---- By force

    @Test
    void shouldOpenWhatIsMissingSomebodyOnlyWhenItIsForced() {
        content(Map.of(), Optional.of(PLACEMENT));
        report(Views.blank("a"), "a");
        report(member("c"), "c");
        tick();
        assertThat(asked).isEmpty();
        assertThat(coordinator.waiting()).containsExactly(new Waiting(0, 4, List.of("b"), false));

        coordinator.forceOpen(coordinator.waiting().get(0), nowMillis);
        tick();

        assertThat(asked).containsExactly(forced("c"));
    }

    @Test
    void shouldReplaceAViewOfWhichNobodyLivesOnlyWhenItIsForced() {
        content(Map.of(0, VIEW), Optional.of(PLACEMENT));
        report(report("a", Views.view(0, 3, "a", "a", "b")), "a");
        tick();
        assertThat(asked).isEmpty();

        coordinator.forceOpen(new Waiting(0, 4, List.of("c", "b"), false), nowMillis);
        tick();

        assertThat(asked).containsExactly(forced("a"));
    }

    @Test
    void shouldLeaveAPartitionToWhomItWasForcedToThoughItIsNotWholeYet() {
        PartitionView forced = PartitionView.alone(0, 1_004, LINEAGE, "b", Views.disk("b"));
        content(Map.of(0, forced), Optional.of(PLACEMENT));

        allReport(b -> new ReplicaReport(0, b.disk(), b.standing().withWhole(false), b.end(), false));
        tick();

        assertThat(asked).isEmpty();
        assertThat(coordinator.waiting()).isEmpty();
    }

    @Test
    void shouldForceNothingWhenItIsNotAsTheOperatorSawIt() {
        content(Map.of(), Optional.of(PLACEMENT));
        report(Views.blank("a"), "a");
        report(member("c"), "c");

        coordinator.forceOpen(new Waiting(0, 3, List.of("b"), false), nowMillis);
        tick();
        coordinator.forceOpen(new Waiting(0, 4, List.of("b", "c"), false), nowMillis);
        tick();

        assertThat(asked).isEmpty();
    }

    @Test
    void shouldForgetAForceThatWasNotCarriedOutInTime() {
        content(Map.of(), Optional.of(PLACEMENT));
        coordinator.forceOpen(new Waiting(0, 4, List.of("b"), false), nowMillis);

        nowMillis += 10_001;
        content(Map.of(), Optional.of(PLACEMENT));
        report(Views.blank("a"), "a");
        report(member("c"), "c");
        tick();

        assertThat(asked).isEmpty();
    }

    private static PartitionView forced(String owner) {
        return PartitionView.alone(0, 4 + ColdStart.FORCED_EPOCHS, LINEAGE, owner, Views.disk(owner));
    }

    private static ReplicaReport member(String node) {
        return report(node, VIEW);
    }

    private static ReplicaReport report(String node, PartitionView promised) {
        return Views.report(node, Views.promised(promised), new Position(4, 9));
    }

    private void members(String... oldestFirst) {
        coordinator.onMembers(List.of(oldestFirst).stream()
                .map(id -> new Member(id, false, false))
                .toList());
    }

    private void content(Map<Integer, PartitionView> views, Optional<Placement> placement) {
        coordinator.onTable(new TableContent(Views.GENERATION, views, placement), nowMillis);
    }

    private void report(ReplicaReport report, String node) {
        coordinator.onReport(new NodeReport(node, Views.GENERATION, false, Map.of(0, report)), nowMillis);
    }

    private void allReport(UnaryOperator<ReplicaReport> owners) {
        report(Views.blank("a"), "a");
        report(owners.apply(member("b")), "b");
        report(member("c"), "c");
    }

    private void tick() {
        coordinator.tick(nowMillis);
    }

    private final class Table implements PartitionTable {
        @Override
        public void begin(long expectedGeneration, long generation) {
            asked.add(generation);
        }

        @Override
        public void compareAndSet(long generation, long expectedEpoch, PartitionView view) {
            asked.add(view);
        }

        @Override
        public void compareAndSet(long generation, long expectedVersion, Placement placement) {
            asked.add(placement);
        }

        @Override
        public void refresh(int partition) {
            throw new AssertionError("a coordinator hears of all");
        }
    }
}
