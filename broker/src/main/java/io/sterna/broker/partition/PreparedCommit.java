package io.sterna.broker.partition;

import io.sterna.amqp.AmqpError;
import io.sterna.amqp.ErrorCondition;
import io.sterna.broker.partition.PartitionTransactions.Vote;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What this node does in a commit that a partition of another node decides: all of its partitions prepare, and then do what
 * they have prepared. Owned by the loop of the first of them.
 */
final class PreparedCommit implements CommitHandle {
    private final TransactionKey key;
    private final List<TransactionBranch> branches;
    private final CommitAnswer answer;
    private final Consumer<CommitHandle> whenPrepared;
    private final Loop loop;
    private final long partitions;
    private int waitingFor;
    private Optional<Vote> failure = Optional.empty();

    PreparedCommit(
            TransactionKey key,
            List<TransactionBranch> branches,
            CommitAnswer answer,
            Consumer<CommitHandle> whenPrepared) {
        this.key = key;
        this.branches = List.copyOf(branches);
        this.answer = answer;
        this.whenPrepared = whenPrepared;
        loop = branches.get(0).partition().loop();
        partitions = Participants.of(branches).bits();
    }

    void begin() {
        waitingFor = branches.size();
        for (TransactionBranch branch : branches) {
            Partition its = branch.partition();
            its.loop().run(() -> its.transactions().prepare(key, branch, vote -> loop.run(() -> onVote(vote))));
        }
    }

    private void onVote(Vote vote) {
        if (failure.isEmpty() && !(vote instanceof Vote.Prepared)) {
            failure = Optional.of(vote);
        }
        if (--waitingFor > 0) {
            return;
        }
        if (failure.isEmpty()) {
            whenPrepared.accept(this);
        } else {
            abort();
            answer.onRefused(
                    failure.get() instanceof Vote.Refused refused
                            ? refused.reason()
                            : AmqpError.of(ErrorCondition.INTERNAL_ERROR, ((Vote.Stopped) failure.get()).reason()));
        }
    }

    private void abort() {
        for (TransactionBranch branch : branches) {
            Partition its = branch.partition();
            its.loop().run(() -> its.transactions().abort(key));
        }
    }

    @Override
    public byte[] told() {
        return ByteBuffer.allocate(Long.BYTES).putLong(0, partitions).array();
    }

    /** A partition that has another owner by now does it there. */
    @Override
    public void goOn(long others) {
        loop.run(() -> {
            Countdown left = new Countdown(branches.size(), answer::onCommitted);
            for (TransactionBranch branch : branches) {
                Partition its = branch.partition();
                Runnable done = () -> loop.run(left::down);
                its.loop().run(() -> {
                    if (!its.transactions().applyPrepared(key, done, done)) {
                        done.run();
                    }
                });
            }
        });
    }

    @Override
    public void giveUp() {
        abort();
        loop.run(() ->
                answer.onRefused(AmqpError.of(ErrorCondition.TRANSACTION_ROLLBACK, "another node can't do its part")));
    }

    @Override
    public void leave() {
        loop.run(() -> answer.onStopped("the node that was to say what was decided is gone"));
    }
}
