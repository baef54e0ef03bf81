package io.sterna.cluster;

import static io.sterna.cluster.ScriptedReplica.MESSAGE;
import static io.sterna.cluster.ScriptedReplica.PARTITION;
import static io.sterna.cluster.ScriptedReplica.view;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sterna.cluster.ReplicaMessage.Append;
import io.sterna.cluster.ReplicaMessage.Appended;
import io.sterna.cluster.ReplicaMessage.Attached;
import io.sterna.cluster.ReplicaMessage.Begin;
import io.sterna.cluster.ReplicaMessage.Begun;
import io.sterna.cluster.ReplicaMessage.Dropped;
import io.sterna.cluster.ReplicaMessage.Join;
import io.sterna.cluster.ReplicaMessage.Part;
import io.sterna.cluster.ReplicaMessage.PartApplied;
import io.sterna.cluster.ReplicaMessage.Refused;
import io.sterna.store.LogRecord;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Backups and candidates. */
final class FollowerTest {
    private static final PartitionView BOTH = view(4, "b", "a", "b");
    private static final Standing BEFORE = Views.promised(view(3, "c", "a", "c"));
    private static final Position END = new Position(3, 10);
    private static final Holdings HELD = new Holdings(List.of(5L), List.of(), Map.of(), Map.of());

    @Test
    void shouldPromiseOnDiskBeforeItAnswers() {
        ScriptedReplica a = new ScriptedReplica(Standing.BLANK, END);
        a.receive("b", new Begin(BOTH));
        assertThat(a.sent(Begun.class)).isEmpty();

        a.force();

        assertThat(a.sent(Begun.class)).containsExactly(new Begun(PARTITION, 4, END));
    }

    @Test
    void shouldTakeNoRecordsBeforeItHasPromised() {
        ScriptedReplica a = new ScriptedReplica(Standing.BLANK, END);
        a.table(BOTH);

        a.receive("b", append(4, END, 11));
        a.force();

        assertThat(a.sent(Appended.class)).isEmpty();
    }

    @Test
    void shouldAnswerWhenRecordsAreOnDisk() {
        ScriptedReplica a = promised();
        a.receive("b", append(4, END, 11, 12));
        assertThat(a.sent(Appended.class)).isEmpty();

        a.force();

        assertThat(a.sent(Appended.class)).containsExactly(appended(12, 12, false));
    }

    @Test
    void shouldPassOverWhatItHas() {
        ScriptedReplica a = promised();
        a.receive("b", append(4, END, 11, 12));
        a.receive("b", append(4, END, 11, 12, 13));

        a.force();

        assertThat(a.sent(Appended.class)).last().isEqualTo(appended(13, 13, false));
    }

    @Test
    void shouldTellOfAGap() {
        ScriptedReplica a = promised();

        a.receive("b", append(4, new Position(4, 11), 12));

        assertThat(a.sent(Appended.class)).containsExactly(appended(10, 10, true));
    }

    @Test
    void shouldStopWhenTheOwnersHistoryIsNotItsOwn() {
        ScriptedReplica a = promised();

        assertThatThrownBy(() -> a.receive("b", append(4, new Position(2, 10), 11)))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void shouldRefuseWhatIsOfAnOlderEpoch() {
        ScriptedReplica a = promised();

        a.receive("c", append(3, END, 11));

        assertThat(a.sent(Refused.class)).containsExactly(new Refused(PARTITION, 4));
    }

    @Test
    void shouldAskTheTableWhenSomebodyKnowsMore() {
        ScriptedReplica a = promised();

        a.receive("c", new Refused(PARTITION, 6));

        assertThat(a.heard()).containsExactly("refresh");
    }

    @Test
    void shouldJoinOnlyWhereAReplicaIsWanted() {
        ScriptedReplica a = new ScriptedReplica(BEFORE, END);
        a.table(view(4, "b", "b"));
        a.pass(500);
        assertThat(a.sent(Join.class)).isEmpty();

        a.wants("b", "a");
        a.pass(50);
        a.holdings(HELD);

        assertThat(a.sent(Join.class)).containsExactly(new Join(PARTITION, 4, 1, Views.disk("a"), HELD));
    }

    @Test
    void shouldAskAgainWithTheSameAttemptUntilItIsAnswered() {
        ScriptedReplica a = new ScriptedReplica(BEFORE, END);
        a.wants("b", "a");
        a.table(view(4, "b", "b"));
        a.pass(500);
        assertThat(a.sent(Join.class)).isEmpty();

        a.holdings(HELD);
        a.pass(250);

        assertThat(a.sent(Join.class))
                .containsExactly(
                        new Join(PARTITION, 4, 1, Views.disk("a"), HELD),
                        new Join(PARTITION, 4, 1, Views.disk("a"), HELD));
    }

    @Test
    void shouldSayThatAPartIsAppliedWhenItIsOnDiskAndAgainWhenAsked() {
        ScriptedReplica a = attached();
        a.receive("b", new Part(PARTITION, 4, 9, 1, new Position(4, 20), new Difference(List.of(), false)));
        assertThat(a.sent(PartApplied.class)).isEmpty();
        a.force();
        assertThat(a.sent(PartApplied.class)).containsExactly(new PartApplied(PARTITION, 4, 9, 1));

        a.receive("b", candidateAppend(1, new Position(4, 20)));

        assertThat(a.sent(PartApplied.class)).containsExactly(new PartApplied(PARTITION, 4, 9, 1));
    }

    @Test
    void shouldBeginAgainWhenAPartIsForAnotherPlaceOfTheLog() {
        ScriptedReplica a = attached();

        a.receive("b", new Part(PARTITION, 4, 9, 1, new Position(4, 21), new Difference(List.of(), false)));
        a.holdings(HELD);

        assertThat(a.sent(Join.class)).singleElement().satisfies(join -> assertThat(join.attempt())
                .isEqualTo(2));
    }

    @Test
    void shouldBeginAgainWhenAPartIsMissing() {
        ScriptedReplica a = attached();

        a.receive("b", candidateAppend(1, new Position(4, 20)));
        a.holdings(HELD);

        assertThat(a.sent(Join.class)).singleElement().satisfies(join -> assertThat(join.attempt())
                .isEqualTo(2));
    }

    @Test
    void shouldBeginAgainWhenItWasDropped() {
        ScriptedReplica a = attached();
        a.receive("b", new Dropped(PARTITION, 4, 8));
        a.holdings(HELD);
        assertThat(a.sent(Join.class)).isEmpty();

        a.receive("b", new Dropped(PARTITION, 4, 9));
        a.holdings(HELD);

        assertThat(a.sent(Join.class)).hasSize(1);
    }

    @Test
    void shouldBeginAgainWhenTheOwnerSaysNothingOnTheStream() {
        ScriptedReplica a = attached();
        for (int i = 0; i < 210; i++) {
            a.octets("b");
            a.pass(50);
        }
        a.holdings(HELD);

        assertThat(a.sent(Join.class)).hasSize(1);
    }

    @Test
    void shouldKeepNoReducedRecordsWhenItHasAll() {
        ScriptedReplica a = attached();
        LogRecord reduced = new LogRecord(PARTITION, 4, 21, ScriptedReplica.REDUCED);
        a.receive("b", candidateAppend(0, new Position(4, 20), reduced));
        a.receive("b", new Part(PARTITION, 4, 9, 1, new Position(4, 21), new Difference(List.of(), true)));
        assertThat(a.standing().whole()).isFalse();
        a.force();

        assertThat(a.standing().whole()).isTrue();
        assertThat(a.heard()).endsWith("restarted at " + new Position(4, 21));
        assertThat(a.sent(Appended.class)).endsWith(new Appended(PARTITION, 4, 9, 21, 21, false));
    }

    @Test
    void shouldNotAnswerWithWhatWasOnDiskOfTheLogThatItHadBefore() {
        ScriptedReplica a = ScriptedReplica.serving(view(3, "a", "a"));
        a.propose();
        long ofFormerLog = a.ticket();
        a.wants("b", "a");
        a.table(view(4, "b", "b"));
        a.holdings(HELD);
        a.receive("b", new Attached(PARTITION, 4, 1, 9, new Position(4, 20)));

        a.force(ofFormerLog);
        a.octets("b");
        a.pass(200);
        assertThat(a.sent(Appended.class)).isNotEmpty().allSatisfy(answer -> assertThat(answer.durable())
                .isZero());
        a.force();
        a.octets("b");
        a.pass(200);

        assertThat(a.sent(Appended.class)).last().isEqualTo(new Appended(PARTITION, 4, 9, 20, 20, false));
    }

    @Test
    void shouldAnswerWhileALongMessageOfTheOwnerIsUnderWay() {
        ScriptedReplica a = attached();
        a.pass(50);
        a.sent(Appended.class);
        for (int i = 0; i < 30; i++) {
            a.octets("b");
            a.pass(50);
        }

        assertThat(a.sent(Appended.class)).hasSizeGreaterThan(10);
        assertThat(a.sent(Join.class)).isEmpty();
        a.pass(1_500);
        a.holdings(HELD);
        assertThat(a.sent(Appended.class)).isEmpty();
        assertThat(a.sent(Join.class)).hasSize(1);
    }

    @Test
    void shouldAnswerTheOwnerWhileTheDiskIsSlow() {
        ScriptedReplica a = promised();
        a.receive("b", append(4, END, 11));
        a.pass(150);

        assertThat(a.sent(Appended.class)).containsExactly(appended(10, 11, false));
    }

    @Test
    void shouldNotTakePartInAnOlderEpochWhenItIsNotWhole() {
        ScriptedReplica a = new ScriptedReplica(BEFORE, END);
        a.wants("b", "a");
        a.table(view(4, "b", "b"));
        a.holdings(HELD);
        a.receive("b", new Attached(PARTITION, 4, a.sent(Join.class).get(0).attempt(), 9, new Position(4, 20)));
        a.force();

        ScriptedReplica restarted = new ScriptedReplica(a.standing(), new Position(4, 20));
        restarted.receive("c", new Begin(view(3, "c", "a", "c")));
        restarted.force();

        assertThat(restarted.sent(Begun.class)).isEmpty();
    }

    @Test
    void shouldTakeNothingOfAnotherStream() {
        ScriptedReplica a = attached();

        a.receive("b", new Part(PARTITION, 4, 10, 1, new Position(4, 20), new Difference(List.of(), true)));
        a.force();

        assertThat(a.sent(PartApplied.class)).isEmpty();
    }

    private static ScriptedReplica promised() {
        ScriptedReplica a = new ScriptedReplica(Standing.BLANK, END);
        a.receive("b", new Begin(BOTH));
        a.force();
        a.sent(Begun.class);
        return a;
    }

    /** To stream 9, after record 20. */
    private static ScriptedReplica attached() {
        ScriptedReplica a = new ScriptedReplica(BEFORE, END);
        a.wants("b", "a");
        a.table(view(4, "b", "b"));
        a.holdings(HELD);
        long attempt = a.sent(Join.class).get(0).attempt();
        a.receive("b", new Attached(PARTITION, 4, attempt, 9, new Position(4, 20)));
        a.force();
        return a;
    }

    private static Append candidateAppend(int parts, Position before, LogRecord... records) {
        return new Append(PARTITION, 4, 9, parts, before, List.of(records), 20);
    }

    private static Append append(long epoch, Position before, long... indexes) {
        List<LogRecord> records = LongStream.of(indexes)
                .mapToObj(index -> new LogRecord(PARTITION, epoch, index, MESSAGE))
                .toList();
        return new Append(PARTITION, epoch, ReplicaMessage.IN_SYNC, 0, before, records, 0);
    }

    private static Appended appended(long durable, long written, boolean gap) {
        return new Appended(PARTITION, 4, ReplicaMessage.IN_SYNC, durable, written, gap);
    }
}
