package io.sterna.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ColdStartTest {
    private static final PartitionView ALL = Views.view(0, 4, "a", "a", "b", "c");
    private static final PartitionView WITHOUT_A = Views.view(0, 5, "b", "b", "c");
    private static final Position SHORT = new Position(4, 10);
    private static final Position LONG = new Position(5, 12);

    private static final List<String> FOUNDERS = List.of("a", "b", "c");
    private static final ColdStart.Beginning BEGINNING = new ColdStart.Beginning(0, 99, List.of("b", "a"));

    private final ColdStart coldStart = new ColdStart(new SafetyRules());

    @Test
    void shouldWaitForAllWhoWereInSyncInTheHighestViewKnown() {
        Map<String, ReplicaReport> reports = Map.of("a", knows("a", ALL, SHORT), "b", knows("b", WITHOUT_A, LONG));

        assertThat(coldStart.open(reports)).isEmpty();
    }

    @Test
    void shouldOpenAboveAllEpochsWithTheLongestLogAndWithoutThoseWhoWereOut() {
        Map<String, ReplicaReport> reports = Map.of(
                "a", knows("a", ALL, new Position(4, 99)),
                "b", knows("b", WITHOUT_A, new Position(5, 11)),
                "c", knows("c", WITHOUT_A, LONG));

        assertThat(coldStart.open(reports)).contains(Views.view(0, 6, "c", "b", "c"));
    }

    @Test
    void shouldWaitForWhoMayHaveBecomeAMember() {
        PartitionView alone = Views.view(0, 4, "a", "a");
        Standing asked = Views.promised(alone).proposing(alone.adding("b", Views.disk("b")));
        ReplicaReport a = Views.report("a", asked, SHORT);

        assertThat(coldStart.open(Map.of("a", a))).isEmpty();
        assertThat(coldStart.open(Map.of("a", a, "b", Views.blank("b")))).contains(Views.view(0, 6, "a", "a", "b"));
    }

    @Test
    void shouldCountTheViewThatCameToBeAloneWhenAnotherOneWasAskedFor() {
        PartitionView before = Views.view(0, 4, "a", "a", "b");
        Standing asked = Views.promised(before).proposing(before.adding("c", Views.disk("c")));
        PartitionView instead = Views.view(0, 5, "b", "b");
        Map<String, ReplicaReport> reports =
                Map.of("a", Views.report("a", asked, new Position(4, 99)), "b", knows("b", instead, LONG));

        assertThat(coldStart.open(reports)).contains(Views.view(0, 6, "b", "b"));
    }

    @Test
    void shouldNotCountAReplicaThatIsNotWhole() {
        PartitionView both = Views.view(0, 4, "a", "a", "b");
        ReplicaReport half = Views.report("b", Views.promised(both).withWhole(false), LONG);

        assertThat(coldStart.open(Map.of("a", knows("a", both, SHORT), "b", half)))
                .contains(Views.view(0, 5, "a", "a"));
    }

    @Test
    void shouldNotCountAReplicaThatHasLostItsDiskOrFailed() {
        PartitionView both = Views.view(0, 4, "a", "a", "b");
        ReplicaReport a = knows("a", both, SHORT);
        ReplicaReport lost = new ReplicaReport(0, 999, Views.blank("b").standing(), Position.START, false);
        ReplicaReport failed = new ReplicaReport(0, Views.disk("b"), Views.promised(both), LONG, true);

        assertThat(coldStart.open(Map.of("a", a, "b", lost))).isEmpty();
        assertThat(coldStart.open(Map.of("a", a, "b", failed))).isEmpty();
        assertThat(coldStart.missing(Map.of("a", a, "b", lost), FOUNDERS)).containsExactly("b");
    }

    @Test
    void shouldNotOpenWithAMemberThatHasGoneOverToAnotherLineageAndForgottenWhatFollowed() {
        PartitionView both = Views.view(0, 2_004, "a", "a", "b");
        PartitionView other = PartitionView.alone(0, 1_004, 12, "b", Views.disk("b"));
        Map<String, ReplicaReport> reports =
                Map.of("a", knows("a", both, SHORT), "b", knows("b", other, new Position(1_004, 30)));

        assertThat(coldStart.open(reports)).isEmpty();
        assertThat(coldStart.missing(reports, FOUNDERS)).containsExactly("b");
    }

    @Test
    void shouldNotChooseBetweenTwoHistoriesOfOneEpoch() {
        PartitionView one = PartitionView.alone(0, 1_004, 11, "a", Views.disk("a"));
        PartitionView other = PartitionView.alone(0, 1_004, 12, "b", Views.disk("b"));
        Map<String, ReplicaReport> reports = Map.of("a", knows("a", one, SHORT), "b", knows("b", other, LONG));

        assertThat(coldStart.open(reports)).isEmpty();
        assertThat(ColdStart.isForked(reports.values())).isTrue();
        assertThat(coldStart.open(Map.of("a", knows("a", one, SHORT)))).isPresent();
    }

    @Test
    void shouldOpenWithWhoIsThereWhenForcedInAnEpochFarAboveAndAnotherLineage() {
        Map<String, ReplicaReport> reports = Map.of("a", knows("a", ALL, SHORT));

        assertThat(ColdStart.force(BEGINNING, reports, 0))
                .contains(PartitionView.alone(0, 4 + ColdStart.FORCED_EPOCHS, 99, "a", Views.disk("a")));
        assertThat(ColdStart.force(BEGINNING, reports, 40).orElseThrow().epoch())
                .isEqualTo(40 + ColdStart.FORCED_EPOCHS);
    }

    @Test
    void shouldBeginEmptyWhereItIsWantedWhenForcedAndNobodyHasAnything() {
        Map<String, ReplicaReport> reports = Map.of("a", Views.blank("a"), "c", Views.blank("c"));

        assertThat(ColdStart.force(BEGINNING, reports, 0))
                .contains(PartitionView.alone(0, ColdStart.FORCED_EPOCHS, 99, "a", Views.disk("a")));
    }

    @Test
    void shouldBeginWithWhatIsLeftWhenForcedAndNobodyIsWhole() {
        Map<String, ReplicaReport> reports = Map.of("a", Views.blank("a"), "b", Views.blank("b"), "c", half("c", ALL));

        assertThat(forcedOwner(reports)).isEqualTo("c");
    }

    @Test
    void shouldBeginWithWhoIsWholeWhenForcedThoughOthersHaveLongerLogs() {
        PartitionView before = Views.view(0, 3, "b", "b", "c");
        Map<String, ReplicaReport> reports = Map.of("b", knows("b", before, SHORT), "c", half("c", ALL));

        assertThat(forcedOwner(reports)).isEqualTo("b");
    }

    @Test
    void shouldBeginWithAMemberThatHasLostSomeWhenForcedBeforeOneThatHasGotSome() {
        PartitionView alone = Views.view(0, 4, "a", "a");
        ReplicaReport catchingUp = Views.report("b", Views.promised(alone).withWhole(false), LONG);
        Map<String, ReplicaReport> reports = Map.of("a", half("a", alone), "b", catchingUp);

        assertThat(forcedOwner(reports)).isEqualTo("a");
    }

    @Test
    void shouldNotBeginWithWhatIsLeftOfAReplicaThatHasFailed() {
        ReplicaReport failed =
                new ReplicaReport(0, Views.disk("c"), Views.promised(ALL).withWhole(false), SHORT, true);

        assertThat(ColdStart.force(BEGINNING, Map.of("c", failed), 4)).isEmpty();
    }

    @Test
    void shouldNotFoundAPartitionOfWhichSomebodyHasHeardWhenAllWhoHadItHaveLostTheirDisks() {
        PartitionView lost = Views.view(0, 4, "a", "a", "b");
        ReplicaReport blankA = new ReplicaReport(0, 998, Views.blank("a").standing(), Position.START, false);
        ReplicaReport blankB = new ReplicaReport(0, 999, Views.blank("b").standing(), Position.START, false);
        ReplicaReport heard = Views.report("c", Standing.BLANK.proposing(lost), Position.START);
        Map<String, ReplicaReport> reports = Map.of("a", blankA, "b", blankB, "c", heard);

        assertThat(ColdStart.found(BEGINNING, reports, FOUNDERS, FOUNDERS)).isEmpty();
        assertThat(coldStart.open(reports)).isEmpty();
        assertThat(coldStart.missing(reports, FOUNDERS)).containsExactly("a", "b");
    }

    @Test
    void shouldForceAnEpochAboveThoseOfLogsOfWhichNobodyKnowsAView() {
        Standing unknown = Standing.BLANK.withWhole(false);
        Map<String, ReplicaReport> reports = Map.of("a", Views.report("a", unknown, new Position(1_500, 7)));

        assertThat(ColdStart.force(BEGINNING, reports, 0).orElseThrow().epoch())
                .isEqualTo(1_500 + ColdStart.FORCED_EPOCHS);
    }

    @Test
    void shouldNotFoundAPartitionOfWhichAFounderHoldsAnythingWithoutAView() {
        ReplicaReport c = Views.report("c", Standing.BLANK.withWhole(false), new Position(2, 7));
        Map<String, ReplicaReport> reports = Map.of("a", Views.blank("a"), "b", Views.blank("b"), "c", c);

        assertThat(ColdStart.found(BEGINNING, reports, FOUNDERS, FOUNDERS)).isEmpty();
        assertThat(coldStart.missing(reports, FOUNDERS)).containsExactly("c");
    }

    @Test
    void shouldFoundAPartitionOnlyWhenEverybodyHasReportedAndNobodyKnowsIt() {
        ReplicaReport a = Views.blank("a");
        ReplicaReport b = Views.blank("b");

        assertThat(ColdStart.found(BEGINNING, Map.of("a", a, "b", b), FOUNDERS, FOUNDERS))
                .isEmpty();
        assertThat(ColdStart.found(BEGINNING, Map.of("a", a, "b", b, "c", knows("c", ALL, SHORT)), FOUNDERS, FOUNDERS))
                .isEmpty();
        assertThat(ColdStart.found(BEGINNING, Map.of("a", a, "b", b, "c", Views.blank("c")), FOUNDERS, FOUNDERS))
                .contains(founded("b", "a", "b"));
    }

    @Test
    void shouldFoundAPartitionWithFoundersOnlySoThatOneOfThemKnowsOfItForEver() {
        Map<String, ReplicaReport> reports = new HashMap<>();
        List.of("a", "b", "c", "d").forEach(node -> reports.put(node, Views.blank(node)));
        ColdStart.Beginning elsewhere = new ColdStart.Beginning(0, 99, List.of("d", "b"));
        ColdStart.Beginning nowhere = new ColdStart.Beginning(0, 99, List.of("d"));

        assertThat(ColdStart.found(elsewhere, reports, FOUNDERS, FOUNDERS)).contains(founded("b", "b"));
        assertThat(ColdStart.found(nowhere, reports, FOUNDERS, FOUNDERS)).contains(founded("a", "a"));
        // "a" may have no replica: it is a witness.
        assertThat(ColdStart.found(nowhere, reports, FOUNDERS, List.of("b", "c")))
                .contains(founded("b", "b"));
    }

    private static PartitionView founded(String owner, String... inSync) {
        return new PartitionView(
                0, 1, 99, owner, Views.view(0, 1, owner, inSync).disks());
    }

    private static String forcedOwner(Map<String, ReplicaReport> reports) {
        return ColdStart.force(BEGINNING, reports, 0).orElseThrow().owner();
    }

    private static ReplicaReport half(String node, PartitionView view) {
        return Views.report(node, Views.promised(view).withWhole(false), SHORT);
    }

    private static ReplicaReport knows(String node, PartitionView view, Position end) {
        return Views.report(node, Views.promised(view), end);
    }
}
