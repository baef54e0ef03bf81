package io.sterna.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class ColdStartTest {
    private static final PartitionView ALL = new PartitionView(0, 4, "a", List.of("a", "b", "c"));
    private static final PartitionView WITHOUT_A = new PartitionView(0, 5, "b", List.of("b", "c"));
    private static final Position SHORT = new Position(4, 10);
    private static final Position LONG = new Position(5, 12);

    private final ColdStart coldStart = new ColdStart(new SafetyRules());

    @Test
    void shouldWaitForAllWhoWereInSyncInTheHighestViewKnown() {
        Map<String, ReplicaReport> reports = Map.of("a", knows(ALL, SHORT), "b", knows(WITHOUT_A, LONG));

        assertThat(coldStart.open(0, reports)).isEmpty();
    }

    @Test
    void shouldOpenAboveAllEpochsWithTheLongestLogAndWithoutThoseWhoWereOut() {
        Map<String, ReplicaReport> reports = Map.of(
                "a", knows(ALL, new Position(4, 99)),
                "b", knows(WITHOUT_A, new Position(5, 11)),
                "c", knows(WITHOUT_A, LONG));

        assertThat(coldStart.open(0, reports)).contains(new PartitionView(0, 6, "c", List.of("b", "c")));
    }

    @Test
    void shouldWaitForWhoMayHaveBecomeAMember() {
        PartitionView alone = new PartitionView(0, 4, "a", List.of("a"));
        Standing asked = new Standing(Optional.of(alone), Optional.of(alone.adding("b")), true);
        ReplicaReport a = new ReplicaReport(0, asked, SHORT);

        assertThat(coldStart.open(0, Map.of("a", a))).isEmpty();
        assertThat(coldStart.open(0, Map.of("a", a, "b", new ReplicaReport(0, Standing.BLANK, Position.START))))
                .contains(new PartitionView(0, 6, "a", List.of("a", "b")));
    }

    @Test
    void shouldCountTheViewThatCameToBeAloneWhenAnotherOneWasAskedFor() {
        PartitionView before = new PartitionView(0, 4, "a", List.of("a", "b"));
        Standing asked = new Standing(Optional.of(before), Optional.of(before.adding("c")), true);
        PartitionView instead = new PartitionView(0, 5, "b", List.of("b"));
        Map<String, ReplicaReport> reports =
                Map.of("a", new ReplicaReport(0, asked, new Position(4, 99)), "b", knows(instead, LONG));

        assertThat(coldStart.open(0, reports)).contains(new PartitionView(0, 6, "b", List.of("b")));
    }

    @Test
    void shouldNotCountAReplicaThatIsNotWhole() {
        PartitionView both = new PartitionView(0, 4, "a", List.of("a", "b"));
        ReplicaReport half = new ReplicaReport(0, new Standing(Optional.of(both), Optional.empty(), false), LONG);

        assertThat(coldStart.open(0, Map.of("a", knows(both, SHORT), "b", half)))
                .contains(new PartitionView(0, 5, "a", List.of("a")));
    }

    @Test
    void shouldOpenWithWhoIsThereWhenForcedInAnEpochFarAbove() {
        Map<String, ReplicaReport> reports = Map.of("a", knows(ALL, SHORT));

        assertThat(coldStart.force(0, reports))
                .contains(new PartitionView(0, 4 + ColdStart.FORCED_EPOCHS, "a", List.of("a")));
    }

    @Test
    void shouldFoundAPartitionOnlyWhenEverybodyHasReportedAndNobodyKnowsIt() {
        List<String> everybody = List.of("a", "b", "c");
        ReplicaReport blank = new ReplicaReport(0, Standing.BLANK, Position.START);
        List<String> wanted = List.of("b", "a");

        assertThat(ColdStart.found(0, Map.of("a", blank, "b", blank), everybody, wanted))
                .isEmpty();
        assertThat(ColdStart.found(0, Map.of("a", blank, "b", blank, "c", knows(ALL, SHORT)), everybody, wanted))
                .isEmpty();
        assertThat(ColdStart.found(0, Map.of("a", blank, "b", blank, "c", blank), everybody, wanted))
                .contains(new PartitionView(0, 1, "b", List.of("a", "b")));
    }

    @Test
    void shouldFoundAPartitionWithFoundersOnlySoThatOneOfThemKnowsOfItForEver() {
        List<String> founders = List.of("a", "b");
        ReplicaReport blank = new ReplicaReport(0, Standing.BLANK, Position.START);
        Map<String, ReplicaReport> reports = Map.of("a", blank, "b", blank, "d", blank);

        assertThat(ColdStart.found(0, reports, founders, List.of("d", "b")))
                .contains(new PartitionView(0, 1, "b", List.of("b")));
        assertThat(ColdStart.found(0, reports, founders, List.of("d")))
                .contains(new PartitionView(0, 1, "a", List.of("a")));
    }

    private static ReplicaReport knows(PartitionView view, Position end) {
        return new ReplicaReport(0, new Standing(Optional.of(view), Optional.empty(), true), end);
    }
}
