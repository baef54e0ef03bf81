package io.sterna.broker.amqp;

import io.sterna.amqp.AmqpError;
import io.sterna.amqp.DeliveryState;
import io.sterna.amqp.ErrorCondition;
import io.sterna.amqp.OutgoingDelivery;
import io.sterna.broker.forward.CommitPart;
import io.sterna.broker.forward.ForwardedTransaction;
import io.sterna.broker.partition.CommitAnswer;
import io.sterna.broker.partition.CommitHandle;
import io.sterna.broker.partition.Countdown;
import io.sterna.broker.partition.TransactionWork;
import io.sterna.broker.queue.Acquisition;
import io.sterna.broker.queue.Outcome;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A transaction and the work in it, which waits here until it is discharged (AMQP 1.0 §4.4). Owned by the connection's
 * loop.
 */
final class Transaction implements CommitPart {
    private final ClientTransactions client;
    private final CoordinatorLink owner;
    private final byte[] id;
    private final DeliveryState.Transactional accepted;
    private final List<TransactionalPost> posts = new ArrayList<>();
    private final List<Retirement> retirements = new ArrayList<>();
    private final ForwardedTransaction elsewhere;

    /** Hears of its end: why it was rolled back, or nothing. */
    private Consumer<Optional<AmqpError>> over = failure -> {};

    private Optional<CommitHandle> prepared = Optional.empty();

    /** Whether nobody will say any more how it goes on when it is prepared. */
    private boolean abandoned;

    private State state = State.OPEN;
    private Optional<AmqpError> doom = Optional.empty();
    private long bytes;
    private int operations;
    private int routing;
    private @Nullable Runnable whenRouted;

    /**
     * {@code OPEN} until discharged. {@code OPEN → TIMED_OUT} when that takes too long: it is rolled back, and only its
     * discharge is still waited for. {@code OPEN → COMMITTING → ENDED} and, from all but {@code ENDED}, {@code → ENDED}
     * when it is rolled back.
     */
    enum State {
        OPEN,
        TIMED_OUT,
        COMMITTING,
        ENDED
    }

    Transaction(ClientTransactions client, CoordinatorLink owner, byte[] id) {
        this.client = client;
        this.owner = owner;
        this.id = id;
        elsewhere = new ForwardedTransaction(id, this::doom);
        accepted = new DeliveryState.Transactional(id, Optional.of(DeliveryState.Accepted.INSTANCE));
    }

    byte[] id() {
        return id;
    }

    CoordinatorLink owner() {
        return owner;
    }

    /** What it does at other nodes. */
    ForwardedTransaction elsewhere() {
        return elsewhere;
    }

    /** What a post is told that will be accepted if the transaction commits; the same each time, so that they merge. */
    DeliveryState.Transactional accepted() {
        return accepted;
    }

    DeliveryState.Transactional rejected(AmqpError error) {
        return new DeliveryState.Transactional(id, Optional.of(new DeliveryState.Rejected(Optional.of(error))));
    }

    /** Whether that was the first work. */
    private boolean count() {
        return operations++ == 0;
    }

    /** Whether it is rolled back when that control link ends. */
    boolean endsWith(CoordinatorLink link) {
        return owner == link && state != State.COMMITTING;
    }

    /** Whether it is being committed when that control link ends. */
    boolean goesOnWithout(CoordinatorLink link) {
        return owner == link && state == State.COMMITTING;
    }

    // ---- Work

    /**
     * Takes a message that is to be posted.
     *
     * @return why it is refused, which dooms the transaction: AMQP has no way to commit a part
     */
    Optional<AmqpError> post(TransactionalPost post, long sizeBytes) {
        if (doom.isEmpty() && state == State.OPEN) {
            doom = client.excess(bytes + sizeBytes, operations + 1, sizeBytes);
        }
        if (doom.isPresent()) {
            return doom;
        }
        bytes += sizeBytes;
        posts.add(post);
        routing++;
        if (count()) {
            client.onFirstWork(this);
        }
        return Optional.empty();
    }

    /** A post has found its node, or dooms the transaction. */
    void onRouted(Optional<AmqpError> failure) {
        failure.ifPresent(this::doom);
        routing--;
        Runnable waiting = whenRouted;
        if (routing == 0 && waiting != null) {
            whenRouted = null;
            waiting.run();
        }
    }

    /** From now on it can only be rolled back. */
    void doom(AmqpError why) {
        if (doom.isEmpty()) {
            doom = Optional.of(why);
        }
    }

    /** Takes the outcome of a delivery; empty when the transaction is over and it does not count. */
    Optional<Retirement> retire(
            ConsumerLink link, OutgoingDelivery delivery, Outcome outcome, DeliveryState said, boolean settled) {
        if (state != State.OPEN) {
            return Optional.empty();
        }
        if (doom.isEmpty()) {
            doom = client.excess(bytes, operations + 1, 0);
        }
        Retirement retirement = new Retirement(this, link, delivery, outcome, said, settled);
        retirements.add(retirement);
        if (count()) {
            client.onFirstWork(this);
        }
        return Optional.of(retirement);
    }

    /** Adds the deliveries of a link whose outcome is decided here. */
    void addHeldBy(ConsumerLink link, List<Acquisition> held) {
        if (state == State.OPEN || state == State.COMMITTING) {
            for (Retirement each : retirements) {
                if (each.link() == link && !each.withdrawn()) {
                    held.add(each.acquisition());
                }
            }
        }
    }

    // ---- The end

    /**
     * Discharges it; the answer is why it could not be committed, or empty. Waits for the outcomes of posts (§4.4.1).
     */
    void discharge(boolean fail, Consumer<Optional<AmqpError>> answer) {
        if (routing > 0) {
            whenRouted = () -> discharge(fail, answer);
        } else if (prepared.isPresent()) {
            giveUp(() -> answer.accept(Optional.empty())); // Who has it prepared goes on otherwise.
        } else if (fail) {
            rollback(() -> answer.accept(Optional.empty()));
        } else if (state == State.ENDED) {
            answer.accept(Optional.of(client.rolledBack(AmqpError.of(
                    ErrorCondition.ILLEGAL_STATE, "its control link ended while it was being discharged"))));
        } else if (doom.isPresent()) {
            rollback(() -> answer.accept(doom.map(client::rolledBack)));
        } else if (elsewhere.isEmpty()) {
            commit(answer);
        } else {
            commitElsewhere(answer);
        }
    }

    /** If nobody knows what becomes of it, the connection ends. */
    private void commitElsewhere(Consumer<Optional<AmqpError>> answer) {
        boolean empty = posts.isEmpty() && retirements.stream().allMatch(Retirement::withdrawn);
        if (!client.maySpan() && elsewhere.spans(!empty)) {
            AmqpError why = AmqpError.of(
                    ErrorCondition.NOT_IMPLEMENTED,
                    "it spans the nodes " + elsewhere.owners() + (empty ? "" : " and this one")
                            + ", which can't ask each other what was decided");
            rollback(() -> answer.accept(Optional.of(client.rolledBack(why))));
            return;
        }
        if (empty) {
            state = State.COMMITTING;
        }
        elsewhere.commit(empty ? Optional.empty() : Optional.of(this), failure -> {
            if (state != State.ENDED) {
                clear();
                end();
            }
            answer.accept(failure);
        });
    }

    private void commit(Consumer<Optional<AmqpError>> answer) {
        over = answer;
        begin().commit(new Ending());
    }

    /** All that it does here. */
    private TransactionWork begin() {
        state = State.COMMITTING;
        TransactionWork work = new TransactionWork();
        posts.forEach(post -> work.post(post.node(), post));
        byOutcome().forEach((key, acquisitions) -> key.link().addTo(work, acquisitions, key.outcome()));
        return work;
    }

    /** Brings what the partitions say to the connection's loop. */
    private final class Ending implements CommitAnswer {
        @Override
        public void onCommitted() {
            client.run(() -> Transaction.this.onCommitted());
        }

        @Override
        public void onRefused(AmqpError reason) {
            client.run(() -> {
                doom(reason);
                rollback(() -> over.accept(doom.map(client::rolledBack)));
            });
        }

        @Override
        public void onStopped(String reason) {
            client.run(() -> {
                clear();
                end();
                // To say that it was rolled back might be wrong, and nobody would find out.
                client.close(AmqpError.of(
                        ErrorCondition.INTERNAL_ERROR,
                        "it is not known what has become of a transaction that was being committed: " + reason));
            });
        }
    }

    // ---- As a part of one that spans nodes

    @Override
    public void prepareToDecide(Prepared answer) {
        prepare(TransactionWork::prepareToDecide, answer);
    }

    @Override
    public void prepare(byte[] name, Prepared answer) {
        prepare((work, end, whenPrepared) -> work.prepare(name, end, whenPrepared), answer);
    }

    private interface Preparing {
        void begin(TransactionWork work, CommitAnswer end, Consumer<CommitHandle> whenPrepared);
    }

    private void prepare(Preparing preparing, Prepared answer) {
        if (routing > 0) {
            whenRouted = () -> prepare(preparing, answer);
        } else if (state != State.OPEN || doom.isPresent()) {
            AmqpError why = doom.orElseGet(() -> AmqpError.of(ErrorCondition.ILLEGAL_STATE, "it is over"));
            rollback(() -> answer.onRefused(client.rolledBack(why)));
        } else {
            over = failure -> failure.ifPresent(answer::onRefused);
            preparing.begin(begin(), new Ending(), handle -> client.run(() -> onPrepared(handle, answer)));
        }
    }

    private void onPrepared(CommitHandle handle, Prepared answer) {
        if (abandoned) {
            handle.leave();
        } else {
            prepared = Optional.of(handle);
            answer.onPrepared(handle.told());
        }
    }

    /** Whether it waits to hear how it goes on. */
    boolean isPrepared() {
        return prepared.isPresent();
    }

    @Override
    public void goOn(long others, Result result) {
        over = failure -> failure.ifPresentOrElse(result::onRolledBack, result::onCommitted);
        take().goOn(others);
    }

    @Override
    public void giveUp(Runnable then) {
        if (prepared.isPresent()) {
            over = failure -> then.run();
            take().giveUp();
        } else {
            then.run(); // It was rolled back.
        }
    }

    /** Who was to say how it goes on is gone. */
    void abandon() {
        abandoned = true;
        if (prepared.isPresent()) {
            take().leave();
        }
    }

    private CommitHandle take() {
        CommitHandle handle = prepared.orElseThrow();
        prepared = Optional.empty();
        return handle;
    }

    private record LinkOutcome(ConsumerLink link, Outcome outcome) {}

    private Map<LinkOutcome, List<Acquisition>> byOutcome() {
        Map<LinkOutcome, List<Acquisition>> groups = new LinkedHashMap<>();
        for (Retirement each : retirements) {
            if (!each.withdrawn()) {
                groups.computeIfAbsent(new LinkOutcome(each.link(), each.outcome()), key -> new ArrayList<>())
                        .add(each.acquisition());
            }
        }
        return groups;
    }

    private void onCommitted() {
        client.counters().onCommitted();
        // §4.4.4: what is unsettled on either side now has the outcome itself.
        posts.forEach(TransactionalPost::onCommitted);
        for (Retirement each : retirements) {
            if (!each.withdrawn()) {
                each.link().release(each.delivery(), each);
                each.link().settle(each.delivery(), each.said());
            }
        }
        clear();
        end();
        over.accept(Optional.empty());
    }

    /** The time is over: what it holds is given back, and its discharge will hear why. */
    void timeOut(AmqpError why) {
        if (state == State.OPEN) {
            doom = Optional.of(why);
            state = State.TIMED_OUT;
            giveBack(() -> {});
        }
    }

    /** Rolls it back; then it is forgotten. */
    void rollback(Runnable then) {
        if (state == State.ENDED) {
            then.run();
            return;
        }
        boolean held = state != State.TIMED_OUT;
        client.counters().onRolledBack();
        end();
        Countdown left = new Countdown(2, then);
        elsewhere.rollBack(left::down);
        if (held) {
            giveBack(left::down);
        } else {
            left.down();
        }
    }

    /**
     * §4.4.4: what the client has settled gets the default outcome, since nobody can decide on it any more; what it has not
     * settled is as before.
     */
    private void giveBack(Runnable then) {
        Map<ConsumerLink, List<Acquisition>> settled = new LinkedHashMap<>();
        for (Retirement each : retirements) {
            if (!each.withdrawn()) {
                each.link().release(each.delivery(), each);
                if (each.settled() || each.link().gone()) {
                    each.link().settle(each.delivery(), each.link().defaultState()); // Unless the client has.
                    settled.computeIfAbsent(each.link(), link -> new ArrayList<>())
                            .add(each.acquisition());
                }
            }
        }
        clear();
        client.leaves().begin();
        Countdown left = new Countdown(settled.size(), () -> {
            client.leaves().end();
            then.run();
        });
        settled.forEach((link, acquisitions) -> link.giveBack(acquisitions, () -> client.run(left::down)));
    }

    private void end() {
        state = State.ENDED;
        client.forget(this);
    }

    /** What it has gathered is done, or given back. */
    private void clear() {
        posts.clear();
        retirements.clear();
        client.freeBytes(bytes);
        bytes = 0;
    }
}
