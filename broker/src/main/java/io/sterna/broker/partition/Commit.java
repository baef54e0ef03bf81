package io.sterna.broker.partition;

import io.sterna.amqp.AmqpError;
import io.sterna.amqp.ErrorCondition;
import io.sterna.broker.partition.PartitionTransactions.Vote;
import io.sterna.store.LogOperation;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One commit. Within one partition it is one record. Over several, the others prepare, the record of the deciding one
 * decides, and then the others do what they have prepared:
 *
 * <pre>
 *           deciding partition                        each other one
 * begin     key = sequence of its own
 * prepare                                             'p' key = what is to be done      forced
 * decide    its own work, 'd' key                                                       forced
 * apply                                               its work, 'p' key removed         forced
 * answer, and 'd' key removed
 * </pre>
 *
 * <p>After a crash, or when one of the partitions has another owner, {@link PendingTransactions} finds out what was decided,
 * and what was done. Owned by the deciding partition's loop.
 */
final class Commit {
    /** Prepares only, when there is one: it says how that goes on. */
    private final Optional<Consumer<CommitHandle>> whenPrepared;

    private final TransactionBranch deciding;
    private final List<TransactionBranch> others;
    private final CommitAnswer answer;
    private final Partition partition;
    private @Nullable TransactionKey key;
    private int waitingFor;
    private boolean stopped;
    private long elsewhere;
    private Optional<Vote> failure = Optional.empty();

    Commit(
            TransactionBranch deciding,
            List<TransactionBranch> others,
            CommitAnswer answer,
            Optional<Consumer<CommitHandle>> whenPrepared) {
        this.whenPrepared = whenPrepared;
        this.deciding = deciding;
        this.others = List.copyOf(others);
        this.answer = answer;
        partition = deciding.partition();
    }

    void begin() {
        if (!partition.serves()) {
            refuse(partition.problem().orElseThrow());
        } else if (others.isEmpty() && whenPrepared.isEmpty()) {
            decideAlone();
        } else {
            TransactionKey newKey = new TransactionKey(partition.id(), partition.nextSequence());
            key = newKey;
            pending().onDeciding(newKey, this);
            waitingFor = others.size();
            if (others.isEmpty()) {
                onVoted();
            }
            for (TransactionBranch branch : others) {
                Partition its = branch.partition();
                its.loop().run(() -> its.transactions()
                        .prepare(newKey, branch, vote -> partition.loop().run(() -> onVote(vote))));
            }
        }
    }

    private PendingTransactions pending() {
        return partition.transactions().pending();
    }

    private TransactionKey key() {
        if (key == null) {
            throw new IllegalStateException("the commit has not begun");
        }
        return key;
    }

    private void decideAlone() {
        Optional<AmqpError> refusal = partition.transactions().refusal(deciding);
        if (refusal.isPresent()) {
            answer.onRefused(refusal.get());
        } else if (!partition
                .transactions()
                .apply(deciding, Optional.empty(), answer::onCommitted, this::stopAsPartition)) {
            stopAsPartition();
        }
    }

    private void stopAsPartition() {
        stop(partition.problem().orElseThrow());
    }

    private void onVote(Vote vote) {
        if (failure.isEmpty() && !(vote instanceof Vote.Prepared)) {
            failure = Optional.of(vote);
        }
        if (--waitingFor == 0 && !stopped) {
            onVoted();
        }
    }

    private void onVoted() {
        if (failure.isEmpty() && whenPrepared.isPresent()) {
            whenPrepared.get().accept(new Handle());
        } else {
            decide();
        }
    }

    /** Others decide when it goes on. */
    private final class Handle implements CommitHandle {
        @Override
        public byte[] told() {
            return key().name();
        }

        @Override
        public void goOn(long others) {
            partition.loop().run(() -> {
                elsewhere = others;
                if (!stopped) {
                    decide();
                }
            });
        }

        @Override
        public void giveUp() {
            partition.loop().run(() -> {
                if (!stopped) {
                    abort(new Vote.Refused(
                            AmqpError.of(ErrorCondition.TRANSACTION_ROLLBACK, "another node can't do its part")));
                }
            });
        }

        @Override
        public void leave() {
            giveUp();
        }
    }

    private void decide() {
        if (failure.isEmpty()) {
            failure = partition.transactions().refusal(deciding).map(Vote.Refused::new);
        }
        if (failure.isPresent()) {
            abort(failure.get());
            return;
        }
        LogOperation decision = new LogOperation.ValuePut(
                PartitionTransactions.PARTITION_ITSELF,
                key().decided(),
                participants().encode());
        if (!partition.transactions().apply(deciding, Optional.of(decision), this::onDecided, this::stopAsPartition)) {
            stopAsPartition();
        }
    }

    /** Those that have not prepared have nothing to forget. */
    private void abort(Vote why) {
        pending().onAborted(key());
        for (TransactionBranch branch : others) {
            Partition its = branch.partition();
            its.loop().run(() -> its.transactions().abort(key()));
        }
        if (why instanceof Vote.Refused refused) {
            answer.onRefused(refused.reason());
        } else {
            refuse(((Vote.Stopped) why).reason());
        }
    }

    /** A partition has stopped before anything was decided. */
    private void refuse(String reason) {
        answer.onRefused(AmqpError.of(ErrorCondition.INTERNAL_ERROR, reason));
    }

    private Participants participants() {
        return Participants.of(others).and(elsewhere);
    }

    private void onDecided() {
        pending().onDecided(key(), participants());
        waitingFor = others.size();
        if (others.isEmpty() && !stopped) {
            answer.onCommitted();
        }
        for (TransactionBranch branch : others) {
            Partition its = branch.partition();
            its.loop().run(() -> applyDecided(its));
        }
    }

    /** A partition that has stopped meanwhile does it after a restart, and one that has moved does it there. */
    private void applyDecided(Partition its) {
        Loop loop = partition.loop();
        Runnable gone = () -> loop.run(() -> stop(its.problem().orElseThrow()));
        if (!its.transactions().applyPrepared(key(), () -> loop.run(() -> onApplied(its)), gone)) {
            gone.run();
        }
    }

    /** It is not known here what becomes of it. Once is enough for the client, who does not hear what follows. */
    void stop(String reason) {
        if (!stopped) {
            stopped = true;
            answer.onStopped(reason);
        }
    }

    private void onApplied(Partition its) {
        if (--waitingFor == 0 && !stopped) {
            answer.onCommitted();
        }
        partition.guard(() -> pending().onDone(key(), its.id()));
    }
}
