package io.sterna.cluster;

import static io.sterna.cluster.ScriptedReplica.MESSAGE;
import static io.sterna.cluster.ScriptedReplica.PARTITION;
import static io.sterna.cluster.ScriptedReplica.view;
import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.cluster.ReplicaMessage.Append;
import io.sterna.cluster.ReplicaMessage.Appended;
import io.sterna.cluster.ReplicaMessage.Attached;
import io.sterna.cluster.ReplicaMessage.Begin;
import io.sterna.cluster.ReplicaMessage.Begun;
import io.sterna.cluster.ReplicaMessage.Join;
import io.sterna.store.LogRecord;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Which views a replica takes part in: of which table, of which lineage, with which data directory. */
final class MembershipTest {
    private static final PartitionView BOTH = view(4, "b", "a", "b");
    private static final Position END = new Position(3, 10);
    private static final long NEXT_TABLE = Views.GENERATION + 1;

    @Test
    void shouldTakeNothingOfATableThatItHasLeft() {
        ScriptedReplica a = promised();
        a.table(NEXT_TABLE);

        a.receive("b", append());
        a.force();

        assertThat(a.sent(Appended.class)).isEmpty();
    }

    @Test
    void shouldReportToATableWhenItIsOnDiskThatItFollowsIt() {
        ScriptedReplica a = promised();
        a.table(NEXT_TABLE);
        assertThat(a.standing().generation()).isEqualTo(Views.GENERATION);

        a.force();

        assertThat(a.standing().generation()).isEqualTo(NEXT_TABLE);
    }

    @Test
    void shouldNeverGoBackToATableWithALowerNumber() {
        ScriptedReplica a = promised();
        a.table(NEXT_TABLE);
        a.force();

        a.table(Views.GENERATION);
        a.receive("b", new Begin(BOTH));
        a.receive("b", NEXT_TABLE, new Begin(view(5, "b", "a", "b")));
        a.force();

        assertThat(a.standing().generation()).isEqualTo(NEXT_TABLE);
        assertThat(a.sent(Begun.class)).containsExactly(new Begun(PARTITION, 5, END));
    }

    @Test
    void shouldAskTheTableWhenSomebodyFollowsANewerOne() {
        ScriptedReplica a = promised();

        a.receive("b", NEXT_TABLE, new Begin(view(5, "b", "a", "b")));
        a.force();

        assertThat(a.heard()).containsExactly("refresh");
        assertThat(a.sent(Begun.class)).isEmpty();
    }

    @Test
    void shouldSayThatItHoldsNothingOfThisLineageAndRemoveWhatItHasWhenTheOwnerAgrees() {
        PartitionView other = PartitionView.alone(PARTITION, 1_003, Views.LINEAGE + 1, "a", Views.disk("a"));
        ScriptedReplica a = new ScriptedReplica(Views.promised(other), new Position(1_003, 30));
        a.wants("b", "a");
        a.table(view(4, "b", "b"));
        a.holdings(new Holdings(List.of(1L), List.of(), Map.of(), Map.of()));
        Join join = a.sent(Join.class).get(0);
        assertThat(join.held().nodes()).isEmpty();
        assertThat(a.heard()).isEmpty();

        a.receive("b", new Attached(PARTITION, 4, join.attempt(), 9, new Position(4, 20)));
        a.force();

        assertThat(a.heard()).startsWith("cleared");
        assertThat(a.standing().epoch()).isEqualTo(4);
        assertThat(a.standing().whole()).isFalse();
    }

    @Test
    void shouldCountNothingOfWhatItHoldsWhenNothingSaysOfWhichLineageThatIs() {
        ScriptedReplica a = new ScriptedReplica(Standing.BLANK.withWhole(false), new Position(2, 30));
        a.wants("b", "a");
        a.table(view(4, "b", "b"));
        a.holdings(new Holdings(List.of(1L), List.of(), Map.of(), Map.of()));
        Join join = a.sent(Join.class).get(0);
        assertThat(join.held().nodes()).isEmpty();

        a.receive("b", new Attached(PARTITION, 4, join.attempt(), 9, new Position(4, 20)));
        a.force();

        assertThat(a.heard()).startsWith("cleared");
        assertThat(a.standing().view()).contains(view(4, "b", "b"));
    }

    @Test
    void shouldNotBeAMemberWithLogsOfAnotherLineage() {
        PartitionView other = PartitionView.alone(PARTITION, 3, Views.LINEAGE + 1, "a", Views.disk("a"));
        ScriptedReplica a = new ScriptedReplica(Views.promised(other), END);

        a.receive("b", new Begin(BOTH));
        a.force();

        assertThat(a.sent(Begun.class)).isEmpty();
    }

    @Test
    void shouldBeginALineageThatWasForcedWithWhatItHas() {
        ScriptedReplica a = new ScriptedReplica(Views.promised(view(3, "b", "a", "b")), END);

        a.table(PartitionView.alone(PARTITION, 1_003, Views.LINEAGE + 1, "a", Views.disk("a")));
        a.force();
        a.force();

        assertThat(a.heard()).contains("opened 1003");
    }

    @Test
    void shouldBeginALineageThatWasForcedWithWhatIsLeftWhereItIsNotWhole() {
        ScriptedReplica a =
                new ScriptedReplica(Views.promised(view(3, "b", "a", "b")).withWhole(false), END);

        a.table(PartitionView.alone(PARTITION, 1_003, Views.LINEAGE + 1, "a", Views.disk("a")));
        a.force();
        a.force();

        // The content stays, but is that of no place of the log.
        assertThat(a.heard()).containsSubsequence("restarted at " + Position.START, "opened 1003");
        assertThat(a.heard()).doesNotContain("cleared");
        assertThat(a.standing().whole()).isTrue();
    }

    @Test
    void shouldNotGoOnAloneInALineageThatItIsNotWholeIn() {
        ScriptedReplica a =
                new ScriptedReplica(Views.promised(view(3, "b", "a", "b")).withWhole(false), END);

        a.table(view(4, "a", "a"));
        a.force();
        a.force();

        assertThat(a.heard()).isEmpty();
        assertThat(a.standing().whole()).isFalse();
    }

    @Test
    void shouldRememberTheFirstViewThatItHearsOfThoughItIsNotInIt() {
        ScriptedReplica a = new ScriptedReplica(Standing.BLANK, Position.START);
        PartitionView others = view(3, "b", "b", "c");

        a.table(others);
        a.table(view(4, "c", "b", "c"));
        a.force();

        assertThat(a.standing().known()).containsExactly(others);
        assertThat(a.standing().epoch()).isZero();
    }

    @Test
    void shouldNotBeAMemberWithAnotherDataDirectory() {
        Map<String, Long> disks = Map.of("a", Views.disk("a") + 1, "b", Views.disk("b"));
        ScriptedReplica a = new ScriptedReplica(Standing.BLANK, Position.START);

        a.receive("b", new Begin(new PartitionView(PARTITION, 4, Views.LINEAGE, "b", new TreeMap<>(disks))));
        a.force();

        assertThat(a.sent(Begun.class)).isEmpty();
    }

    @Test
    void shouldOwnNothingWhenItIsNotWhole() {
        ScriptedReplica a = new ScriptedReplica(Views.promised(BOTH).withWhole(false), END);

        a.wants("a", "b");
        a.table(view(5, "a", "a", "b"));
        a.pass(500);
        a.force();

        assertThat(a.asked()).isEmpty();
        assertThat(a.sent(Begin.class)).isEmpty();
        assertThat(a.report().isFit()).isFalse();
    }

    @Test
    void shouldTakePartInNothingAfterAFailureAndSaySo() {
        ScriptedReplica a = ScriptedReplica.serving(view(1, "a", "a"));

        a.fail();
        a.table(view(2, "a", "a"));

        assertThat(a.heard()).endsWith("closed");
        assertThat(a.accepts()).isFalse();
        assertThat(a.report().failed()).isTrue();
    }

    private static ScriptedReplica promised() {
        ScriptedReplica a = new ScriptedReplica(Standing.BLANK, END);
        a.receive("b", new Begin(BOTH));
        a.force();
        a.sent(Begun.class);
        return a;
    }

    private static Append append() {
        LogRecord record = new LogRecord(PARTITION, 4, 11, MESSAGE);
        return new Append(PARTITION, 4, ReplicaMessage.IN_SYNC, 0, END, List.of(record), 0);
    }
}
