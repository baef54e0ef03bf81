package io.sterna.broker.partition;

import io.sterna.broker.partition.Decisions.Answer;
import io.sterna.broker.partition.Decisions.Request;
import io.sterna.broker.partition.Decisions.Verdict;
import io.sterna.broker.partition.PartitionTransactions.Vote;
import io.sterna.broker.partition.PartitionTransactions.Voter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Transactions over several partitions of which this one still has to know something, or has to be known. What goes on in
 * memory is over in milliseconds; what a crash or a move has interrupted is asked for until it is known. Owned by the
 * partition's loop.
 *
 * <p>Whoever answers may have been replaced by another owner without knowing it. That something is not there is therefore
 * told only when a record is safe that says so: an owner that was replaced never gets there, and nothing of a former epoch
 * comes after it.
 */
final class PendingTransactions {
    private static final Logger log = LoggerFactory.getLogger(PendingTransactions.class);

    /** How long something may be under way before it is asked for, and until it is asked for again. */
    static final long ASK_MILLIS = 500;

    private final Partition partition;
    private final Map<TransactionKey, Prepared> prepared = new LinkedHashMap<>(0);
    private final Map<TransactionKey, Commit> deciding = new LinkedHashMap<>(0);
    private final Map<TransactionKey, Decision> decided = new LinkedHashMap<>(0);
    private boolean ticking;

    PendingTransactions(Partition partition) {
        this.partition = partition;
    }

    /** What is done here if the deciding partition says so. */
    private static final class Prepared {
        private final TransactionBranch branch;

        /** Who waits for the vote; empty when it was given. */
        private Optional<Voter> voter;

        /** Whether it was here when time last passed. */
        private boolean old;

        /** Whether what was decided is known, and is being done. */
        private boolean known;

        /** What waits for that. */
        private final List<Runnable> whenDone = new ArrayList<>(0);

        Prepared(TransactionBranch branch, Optional<Voter> voter) {
            this.branch = branch;
            this.voter = voter;
        }
    }

    /** A decision of this partition's. */
    private static final class Decision {
        private final Participants left;
        private boolean old;

        Decision(Participants left) {
            this.left = left;
        }
    }

    // ---- Before the partition starts

    /** A part that the store has kept. */
    void restore(TransactionKey key, TransactionBranch branch) {
        prepared.put(key, new Prepared(branch, Optional.empty()));
    }

    /** A decision that the store has kept, with those that may not have done their part. */
    void restore(TransactionKey key, Participants left) {
        decided.put(key, new Decision(left));
    }

    /** The partition serves: all that was restored is asked for. */
    void onOpened() {
        if (!prepared.isEmpty() || !decided.isEmpty()) {
            log.info(
                    "partition {} has {} transactions to ask for, and {} decisions that others may not know",
                    partition.id(),
                    prepared.size(),
                    decided.size());
            prepared.values().forEach(each -> each.old = true);
            decided.values().forEach(each -> each.old = true);
            tick();
        }
    }

    // ---- What goes on

    /** A part is being prepared; the voter hears of it if the partition goes before it votes. */
    void onPreparing(TransactionKey key, TransactionBranch branch, Voter voter) {
        prepared.put(key, new Prepared(branch, Optional.of(voter)));
        tickLater();
    }

    /** It is prepared: the voter hears that, unless it has heard otherwise. */
    void onPrepared(TransactionKey key) {
        Optional.ofNullable(prepared.get(key)).ifPresent(its -> {
            Optional<Voter> voter = its.voter;
            its.voter = Optional.empty();
            voter.ifPresent(each -> each.on(new Vote.Prepared()));
        });
    }

    /** Runs something when what was prepared is done or given up, at once when it is. */
    void whenDone(TransactionKey key, Runnable then) {
        Optional.ofNullable(prepared.get(key)).ifPresentOrElse(its -> its.whenDone.add(then), then);
    }

    /** Takes out what was prepared, to do it or to give it up; empty when others do, or have, or it was never prepared. */
    Optional<TransactionBranch> take(TransactionKey key) {
        return Optional.ofNullable(prepared.get(key)).filter(its -> !its.known).map(its -> {
            prepared.remove(key);
            return its.branch;
        });
    }

    void onDeciding(TransactionKey key, Commit commit) {
        deciding.put(key, commit);
    }

    /** Nothing was decided, and nothing will be. */
    void onAborted(TransactionKey key) {
        deciding.remove(key);
    }

    /** The decision is safe. */
    void onDecided(TransactionKey key, Participants left) {
        deciding.remove(key);
        decided.put(key, new Decision(left));
        tickLater();
    }

    /** One of the others has done its part: when all have, the decision is forgotten. */
    void onDone(TransactionKey key, int participant) {
        Decision decision = decided.get(key);
        if (decision != null && decision.left.remove(participant)) {
            decided.remove(key);
            partition.transactions().forget(key.decided());
        }
    }

    /** Another node has the partition: what is not known here is not known to whoever waits for it. */
    void close(String reason) {
        List<Prepared> parts = List.copyOf(prepared.values());
        List<Commit> commits = List.copyOf(deciding.values());
        prepared.clear();
        deciding.clear();
        decided.clear();
        parts.forEach(each -> each.voter.ifPresent(voter -> voter.on(new Vote.Stopped(reason))));
        parts.forEach(each -> each.whenDone.forEach(Runnable::run)); // Which hear that the partition is gone.
        commits.forEach(each -> each.stop(reason));
    }

    // ---- Asking

    private void tickLater() {
        if (!ticking) {
            ticking = true;
            partition
                    .loop()
                    .after(
                            ASK_MILLIS,
                            () -> partition.guard(() -> {
                                ticking = false;
                                tick();
                            }));
        }
    }

    private void tick() {
        prepared.forEach((key, its) -> {
            if (its.old && !its.known && its.voter.isEmpty()) {
                ask(key.partition(), key);
            }
            its.old = true;
        });
        decided.forEach((key, decision) -> {
            if (decision.old) {
                decision.left.forEach(participant -> ask(participant, key));
            }
            decision.old = true;
        });
        if (!prepared.isEmpty() || !decided.isEmpty()) {
            tickLater();
        }
    }

    private void ask(int other, TransactionKey key) {
        partition.all().ask(new Request(other, partition.id(), key.partition(), key.sequence()));
    }

    void onAnswer(Answer answer) {
        TransactionKey key = answer.request().key();
        if (answer.verdict() == Verdict.DONE) {
            onDone(key, answer.request().asked());
            return;
        }
        Prepared its = prepared.get(key);
        if (its == null || its.known) {
            return; // It was asked more than once.
        }
        its.known = true;
        boolean committed = answer.verdict() == Verdict.COMMITTED;
        log.info("a transaction that partition {} has prepared was {}", partition.id(), answer.verdict());
        Runnable whenDone = () -> {
            prepared.remove(key);
            its.whenDone.forEach(Runnable::run);
        };
        if (committed) {
            partition.transactions().applyUnattended(key, its.branch, whenDone);
        } else {
            partition.transactions().abortUnattended(key, its.branch, whenDone);
        }
    }

    // ---- Answering

    /** Answers when there is an answer, now or later; who does not get one asks again. */
    void onRequest(Request request, Consumer<Answer> reply) {
        TransactionKey key = request.key();
        if (!request.asksWhatWasDecided()) {
            if (!prepared.containsKey(key)) {
                replyWhenSafe(key.prepared(), request.answer(Verdict.DONE), reply);
            }
        } else if (decided.containsKey(key)) {
            reply.accept(request.answer(Verdict.COMMITTED));
        } else if (!deciding.containsKey(key)) {
            replyWhenSafe(key.decided(), request.answer(Verdict.ABORTED), reply);
        }
    }

    private void replyWhenSafe(byte[] absent, Answer answer, Consumer<Answer> reply) {
        partition.transactions().forget(absent);
        partition.afterAppended(() -> reply.accept(answer));
    }
}
