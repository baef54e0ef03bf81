package io.sterna.cluster;

import static io.sterna.cluster.ScriptedReplica.PARTITION;
import static io.sterna.cluster.ScriptedReplica.appended;
import static io.sterna.cluster.ScriptedReplica.view;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.sterna.cluster.ReplicaMessage.Append;
import io.sterna.cluster.ReplicaMessage.Attached;
import io.sterna.cluster.ReplicaMessage.Begin;
import io.sterna.cluster.ReplicaMessage.Begun;
import io.sterna.cluster.ReplicaMessage.Dropped;
import io.sterna.cluster.ReplicaMessage.Join;
import io.sterna.cluster.ReplicaMessage.Part;
import io.sterna.cluster.ReplicaMessage.PartApplied;
import io.sterna.store.LogOperation;
import io.sterna.store.LogRecord;
import java.util.List;
import org.junit.jupiter.api.Test;

final class OwnerTest {
    private static final PartitionView BOTH = view(1, "a", "a", "b");
    private static final Join JOIN = new Join(PARTITION, 1, 77, Views.disk("b"), Holdings.NOTHING);

    @Test
    void shouldAskMembersOnlyWhenItsOwnPromiseIsOnDisk() {
        ScriptedReplica a = new ScriptedReplica(Standing.BLANK, Position.START);
        a.table(BOTH);
        assertThat(a.sent(Begin.class)).isEmpty();

        a.force();

        assertThat(a.sent(Begin.class)).containsExactly(new Begin(BOTH));
        assertThat(a.accepts()).isFalse();
    }

    @Test
    void shouldOpenWhenTheFirstRecordOfItsEpochIsOnAllDisks() {
        ScriptedReplica a = new ScriptedReplica(Standing.BLANK, Position.START);
        a.table(BOTH);
        a.force();
        a.receive("b", new Begun(PARTITION, 1, Position.START));
        assertThat(a.sent(Append.class)).hasSize(1);
        a.force();
        assertThat(a.accepts()).isFalse();

        a.receive("b", appended(1, 1));

        assertThat(a.heard()).containsExactly("committed 1", "opened 1");
        assertThat(a.accepts()).isTrue();
    }

    @Test
    void shouldCommitWhatIsOnItsDiskAndTheBackups() {
        ScriptedReplica a = ScriptedReplica.serving(BOTH);
        a.propose();
        a.propose();

        a.receive("b", appended(1, 3));
        assertThat(a.heard()).doesNotContain("committed 2");
        a.force();

        assertThat(a.heard()).endsWith("committed 2", "committed 3");
    }

    @Test
    void shouldAskForAnotherEpochWhenItHasBegunThisOneInAnEarlierLife() {
        ScriptedReplica a = new ScriptedReplica(Views.promised(BOTH), new Position(1, 5));

        a.table(BOTH);
        a.force();

        assertThat(a.asked()).containsExactly(view(2, "a", "a", "b"));
        assertThat(a.sent(Begin.class)).isEmpty();
    }

    @Test
    void shouldLeaveThePartitionToAMemberWithALongerLog() {
        ScriptedReplica a = new ScriptedReplica(Standing.BLANK, new Position(4, 10));
        a.table(view(5, "a", "a", "b", "c"));
        a.force();

        a.receive("b", new Begun(PARTITION, 5, new Position(4, 11)));
        a.receive("c", new Begun(PARTITION, 5, new Position(4, 9)));

        assertThat(a.asked()).containsExactly(view(6, "b", "a", "b", "c"));
    }

    @Test
    void shouldTakeOutAMemberWhoseMissingRecordsItDoesNotHaveAnyMore() {
        ScriptedReplica a = new ScriptedReplica(Standing.BLANK, new Position(4, 10));
        a.table(view(5, "a", "a", "b"));
        a.force();

        a.receive("b", new Begun(PARTITION, 5, new Position(4, 9)));

        assertThat(a.asked()).containsExactly(view(6, "a", "a"));
    }

    @Test
    void shouldCommitNothingWithoutASilentBackupBeforeThereIsAViewWithoutIt() {
        ScriptedReplica a = ScriptedReplica.serving(BOTH);
        a.propose();
        a.force();
        a.pass(1_500);
        assertThat(a.asked()).contains(view(2, "a", "a"));
        assertThat(a.heard()).doesNotContain("committed 2");

        a.table(view(2, "a", "a"));
        a.force();
        a.force();

        assertThat(a.heard()).endsWith("committed 2", "committed 3", "opened 2");
    }

    @Test
    void shouldSendWhatWasProposedInATurnAsOneMessage() {
        ScriptedReplica a = ScriptedReplica.serving(BOTH);
        a.propose();
        a.propose();
        assertThat(a.sent(Append.class)).isEmpty();

        a.flush();

        assertThat(a.sent(Append.class)).singleElement().satisfies(append -> assertThat(append.records())
                .hasSize(2));
    }

    @Test
    void shouldSendMessagesOfBoundedSize() {
        ScriptedReplica a = ScriptedReplica.serving(BOTH);
        for (int i = 0; i < 5; i++) {
            a.propose(new LogOperation.Enqueued(1, i + 1, new byte[0], new byte[100_000]));
        }

        a.flush();

        assertThat(a.sent(Append.class).stream().map(append -> append.records().size()))
                .containsExactly(2, 2, 1);
    }

    @Test
    void shouldAcceptNoMoreThanMayBeUnderWay() {
        ScriptedReplica a = ScriptedReplica.serving(BOTH);
        a.propose(new LogOperation.Enqueued(1, 1, new byte[0], new byte[3 << 20]));
        assertThat(a.accepts()).isTrue();
        a.propose(new LogOperation.Enqueued(1, 2, new byte[0], new byte[3 << 20]));
        assertThat(a.accepts()).isFalse();

        a.receive("b", appended(1, 2));
        a.force();

        assertThat(a.accepts()).isTrue();
    }

    @Test
    void shouldSendAgainOnceWhatABackupLacks() {
        ScriptedReplica a = ScriptedReplica.serving(BOTH);
        a.propose();
        a.propose();
        a.flush();
        a.sent(Append.class);

        a.receive("b", gapAfter(1));
        assertThat(a.sent(Append.class)).singleElement().satisfies(append -> {
            assertThat(append.before()).isEqualTo(new Position(1, 1));
            assertThat(append.records()).hasSize(2);
        });
        a.receive("b", gapAfter(1));
        assertThat(a.sent(Append.class)).isEmpty();

        a.receive("b", gapAfter(2));
        assertThat(a.sent(Append.class)).singleElement().satisfies(append -> assertThat(append.records())
                .hasSize(1));
    }

    @Test
    void shouldSendAgainWhatWasLostOnceMore() {
        ScriptedReplica a = ScriptedReplica.serving(BOTH);
        a.propose();
        a.receive("b", gapAfter(1));
        a.pass(250);
        a.sent(Append.class);

        a.receive("b", gapAfter(1));

        assertThat(a.sent(Append.class)).singleElement().satisfies(append -> assertThat(append.records())
                .hasSize(1));
    }

    @Test
    void shouldSendNothingAgainToABackupWithASlowDisk() {
        ScriptedReplica a = ScriptedReplica.serving(BOTH);
        a.propose();
        a.flush();
        a.sent(Append.class);
        for (int i = 0; i < 10; i++) {
            a.pass(50);
            a.receive("b", new ReplicaMessage.Appended(PARTITION, 1, ReplicaMessage.IN_SYNC, 1, 2, false));
        }

        assertThat(a.sent(Append.class)).allMatch(append -> append.records().isEmpty());
    }

    @Test
    void shouldTakeOutABackupThatGetsNothingOntoItsDisk() {
        ScriptedReplica a = ScriptedReplica.serving(BOTH);
        a.propose();
        for (int i = 0; i < 30; i++) {
            a.pass(50);
            a.receive("b", new ReplicaMessage.Appended(PARTITION, 1, ReplicaMessage.IN_SYNC, 1, 2, false));
        }

        assertThat(a.asked()).contains(view(2, "a", "a"));
    }

    @Test
    void shouldKeepABackupWhileOctetsComeFromItButNotForEver() {
        ScriptedReplica a = ScriptedReplica.serving(BOTH);
        a.propose();
        for (int i = 0; i < 100; i++) {
            a.pass(50);
            a.octets("b");
        }
        assertThat(a.asked()).isEmpty();

        for (int i = 0; i < 150; i++) {
            a.pass(50);
            a.octets("b");
        }

        assertThat(a.asked()).contains(view(2, "a", "a"));
    }

    @Test
    void shouldTakeOutABackupAsSoonAsItsConnectionIsClosed() {
        ScriptedReplica a = ScriptedReplica.serving(BOTH);

        a.gone("b");
        a.pass(50);

        assertThat(a.asked()).containsExactly(view(2, "a", "a"));
    }

    @Test
    void shouldKeepABackupThatIsHeardAgainOverAnotherConnection() {
        ScriptedReplica a = ScriptedReplica.serving(BOTH);

        a.gone("b");
        a.octets("b");
        a.pass(50);

        assertThat(a.asked()).isEmpty();
    }

    @Test
    void shouldNotWaitForThePromiseOfAMemberWhoseConnectionIsClosed() {
        ScriptedReplica a = new ScriptedReplica(Standing.BLANK, Position.START);
        a.table(view(5, "a", "a", "b", "c"));
        a.force();

        a.gone("c");
        a.pass(50);

        assertThat(a.asked()).containsExactly(view(6, "a", "a", "b"));
    }

    @Test
    void shouldAcceptNothingWhenItHasNotHeardFromTheTable() {
        ScriptedReplica a = ScriptedReplica.serving(view(1, "a", "a"));
        a.pass(2_900);
        assertThat(a.accepts()).isTrue();
        a.pass(200);
        assertThat(a.accepts()).isFalse();
        assertThatThrownBy(a::propose).isInstanceOf(IllegalStateException.class);

        a.table(view(1, "a", "a"));

        assertThat(a.accepts()).isTrue();
    }

    @Test
    void shouldHandNothingOutWhileABackupIsSilent() {
        ScriptedReplica a = ScriptedReplica.serving(BOTH);
        assertThat(a.delivers()).isTrue();
        a.pass(600);
        assertThat(a.delivers()).isFalse();
        assertThat(a.accepts()).isTrue();

        a.receive("b", appended(1, 1));

        assertThat(a.delivers()).isTrue();
    }

    @Test
    void shouldTellThatItOwnsThePartitionNoMore() {
        ScriptedReplica a = ScriptedReplica.serving(BOTH);

        a.table(view(2, "b", "a", "b"));

        assertThat(a.heard()).endsWith("closed");
        assertThat(a.accepts()).isFalse();
    }

    @Test
    void shouldKeepAPartitionForASecondBeforeItHandsItOver() {
        ScriptedReplica a = ScriptedReplica.serving(BOTH);
        a.wants("b", "a");
        a.pass(600);
        a.receive("b", appended(1, 1));
        assertThat(a.asked()).isEmpty();

        a.pass(400);

        assertThat(a.asked()).containsExactly(view(2, "b", "a", "b"));
    }

    @Test
    void shouldHandOverWhenAllIsCommitted() {
        ScriptedReplica a = ScriptedReplica.serving(BOTH);
        a.pass(600);
        a.receive("b", appended(1, 1));
        a.pass(400);
        a.propose();
        a.force();
        a.wants("b", "a");
        a.pass(50);
        assertThat(a.accepts()).isFalse();
        assertThat(a.asked()).isEmpty();

        a.receive("b", appended(1, 2));

        assertThat(a.asked()).containsExactly(view(2, "b", "a", "b"));
    }

    @Test
    void shouldTellOfNothingWhileFewerAreInSyncThanThereHaveToBe() {
        ReplicaSettings.Limits limits = ReplicaSettings.defaults().limits();
        ScriptedReplica a = new ScriptedReplica(
                Standing.BLANK,
                Position.START,
                new ReplicaSettings(
                        ReplicaSettings.defaults().times(),
                        new ReplicaSettings.Limits(
                                2, limits.maxUncommittedBytes(), limits.batchBytes(), limits.partBytes())));
        a.table(view(1, "a", "a"));
        a.force();
        a.force();
        assertThat(a.heard()).isEmpty();
        assertThat(a.accepts()).isFalse();

        long stream = catchUp(a);
        a.force();
        a.receive("b", new ReplicaMessage.Appended(PARTITION, 1, stream, 1, 1, false));
        a.pass(50);
        a.force();

        assertThat(a.asked()).containsExactly(view(2, "a", "a", "b"));
        assertThat(a.heard()).isEmpty();
    }

    @Test
    void shouldHandOverWhenItIsDrainedThoughAnotherNodeIsAway() {
        ScriptedReplica a = ScriptedReplica.serving(BOTH);

        a.wants("c", "b");
        a.pass(50);
        a.pass(600);
        a.receive("b", appended(1, 1));
        assertThat(a.asked()).isEmpty();
        a.pass(500);

        assertThat(a.asked()).containsExactly(view(2, "b", "a", "b"));
    }

    @Test
    void shouldHandOverToNobodyElseWhileItsNextOwnerCatchesUp() {
        ScriptedReplica a = ScriptedReplica.serving(BOTH);
        a.wants("c", "b");
        a.pass(50);
        a.receive("c", new Join(PARTITION, 1, 78, Views.disk("c"), Holdings.NOTHING));

        a.pass(600);
        a.receive("b", appended(1, 1));
        a.octets("c");
        a.pass(600);

        assertThat(a.asked()).isEmpty();
    }

    // ---- Catching up

    @Test
    void shouldAskForANewMemberOnlyWhenThatIsOnDiskAndWaitForItFromThenOn() {
        ScriptedReplica a = ScriptedReplica.serving(view(1, "a", "a"));
        long stream = catchUp(a);
        a.pass(50);
        a.pass(500);
        assertThat(a.asked()).isEmpty();
        a.force();
        assertThat(a.asked()).containsExactly(view(2, "a", "a", "b"));

        a.propose();
        a.force();
        assertThat(a.heard()).doesNotContain("committed 2");
        a.receive("b", new ReplicaMessage.Appended(PARTITION, 1, stream, 2, 2, false));

        assertThat(a.heard()).endsWith("committed 2");
    }

    @Test
    void shouldLeaveTheContentOfWhoMayBecomeAMemberAsItIs() {
        ScriptedReplica a = ScriptedReplica.serving(view(1, "a", "a"));
        catchUp(a);
        a.pass(50);

        a.receive("b", new Join(PARTITION, 1, 78, Views.disk("b"), Holdings.NOTHING));

        assertThat(a.sent(Attached.class)).isEmpty();
    }

    @Test
    void shouldSendACandidateReducedRecordsAndPartsBetweenThem() {
        ScriptedReplica a = ScriptedReplica.serving(view(1, "a", "a"));
        a.wants("a", "b");
        a.receive("b", JOIN);
        a.propose();
        a.difference(new Difference(List.of(), false));
        a.propose();
        a.flush();

        assertThat(a.sent(Append.class))
                .extracting(Append::parts, append -> append.before().index())
                .containsExactly(tuple(0, 1L), tuple(1, 2L));
        assertThat(a.sent(Part.class)).singleElement().satisfies(part -> assertThat(part.asOf())
                .isEqualTo(new Position(1, 2)));
    }

    @Test
    void shouldLeaveNothingOutOfRecordsAfterTheLastPart() {
        ScriptedReplica a = ScriptedReplica.serving(view(1, "a", "a"));
        catchUp(a);
        a.propose();
        a.flush();

        assertThat(a.sent(Append.class)).singleElement().satisfies(append -> assertThat(append.records())
                .extracting(LogRecord::operation)
                .containsExactly(ScriptedReplica.MESSAGE));
    }

    @Test
    void shouldWaitForACandidateToWhichAPartTakesLong() {
        ScriptedReplica a = ScriptedReplica.serving(view(1, "a", "a"));
        a.wants("a", "b");
        a.receive("b", JOIN);
        long stream = a.sent(Attached.class).get(0).stream();
        a.difference(new Difference(List.of(), true));
        for (int i = 0; i < 100; i++) {
            a.pass(50);
            a.receive("b", new ReplicaMessage.Appended(PARTITION, 1, stream, 1, 1, false));
        }
        a.table(view(1, "a", "a"));

        a.receive("b", new PartApplied(PARTITION, 1, stream, 1));
        a.pass(50);
        a.force();

        assertThat(a.asked()).containsExactly(view(2, "a", "a", "b"));
    }

    @Test
    void shouldDropACandidateThatIsTooFarBehind() {
        ScriptedReplica a = ScriptedReplica.serving(view(1, "a", "a"));
        a.wants("a", "b");
        a.reducesNothing();
        a.receive("b", JOIN);
        a.sent(Attached.class);
        for (int i = 0; i < 9; i++) {
            a.propose(new LogOperation.Enqueued(1, i + 1, new byte[0], new byte[1 << 20]));
            a.force();
        }
        a.pass(50);

        a.receive("b", JOIN);

        assertThat(a.sent(Attached.class)).hasSize(1);
    }

    @Test
    void shouldTellWhoIsAttachedToAnotherStreamThatItIsOver() {
        ScriptedReplica a = ScriptedReplica.serving(view(1, "a", "a"));

        a.receive("b", new ReplicaMessage.Appended(PARTITION, 1, 5, 1, 1, false));

        assertThat(a.sent(Dropped.class)).containsExactly(new Dropped(PARTITION, 1, 5));
    }

    @Test
    void shouldGiveARequestThatComesAgainLaterAnotherStream() {
        ScriptedReplica a = ScriptedReplica.serving(view(1, "a", "a"));
        a.wants("a", "b");
        a.receive("b", JOIN);
        a.receive("b", JOIN);
        Attached first = a.sent(Attached.class).get(0);
        assertThat(a.sent(Attached.class)).isEmpty();
        a.pass(1_500);

        a.receive("b", JOIN);

        assertThat(a.sent(Attached.class)).singleElement().satisfies(again -> assertThat(again.stream())
                .isGreaterThan(first.stream()));
    }

    private static ReplicaMessage.Appended gapAfter(long index) {
        return new ReplicaMessage.Appended(PARTITION, 1, ReplicaMessage.IN_SYNC, 1, index, true);
    }

    /** Lets "b" have all. */
    private static long catchUp(ScriptedReplica a) {
        a.wants("a", "b");
        a.receive("b", JOIN);
        long stream = a.sent(Attached.class).get(0).stream();
        a.difference(new Difference(List.of(), true));
        assertThat(a.sent(Part.class)).hasSize(1);
        a.receive("b", new PartApplied(PARTITION, 1, stream, 1));
        return stream;
    }
}
