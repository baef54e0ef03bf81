package io.sterna.broker.forward;

import io.sterna.amqp.AmqpError;
import io.sterna.amqp.DeliveryState;
import io.sterna.amqp.ErrorCondition;
import io.sterna.amqp.TransactionRequest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What a client's transaction does at one owner: a transaction there, which ends as the client's does. Owned by the loop of
 * the client's connection.
 *
 * <p>It is discharged when all of its work is on the wire: what the owner gets first, counts.
 */
final class MirrorBranch implements CommitPart {
    private final Mirror mirror;
    private final byte[] idOfClient;
    private final Consumer<AmqpError> doom;
    private final List<Runnable> whenDeclared = new ArrayList<>(1);
    private State state = State.DECLARING;
    private byte[] id = {};
    private Optional<DeliveryState.Transactional> accepted = Optional.empty();

    /** Why the owner, or who has lost it, has ended it. */
    private Optional<AmqpError> why = Optional.empty();

    /** Whether it is the part of a commit that decides. */
    private boolean decides;

    /** Pieces of work that are here and not on the wire. */
    private int unsaid;

    private Optional<Runnable> whenSaid = Optional.empty();

    /**
     * {@code DECLARING → OPEN → DISCHARGING → OVER}, and each of them to OVER when the owner refuses or is lost.
     */
    private enum State {
        DECLARING,
        OPEN,
        DISCHARGING,
        OVER
    }

    /**
     * Declares it.
     *
     * @param idOfClient the transaction's id at this node
     * @param doom has the client's transaction fail
     */
    MirrorBranch(Mirror mirror, byte[] idOfClient, Consumer<AmqpError> doom) {
        this.mirror = mirror;
        this.idOfClient = idOfClient;
        this.doom = doom;
        mirror.add(this);
        mirror.coordinator().ask(TransactionRequest.Declare.LOCAL, new MirrorCoordinator.Answer() {
            @Override
            public void on(DeliveryState outcome) {
                onDeclared(outcome);
            }

            @Override
            public void onLost(AmqpError why) {
                lose(why);
            }
        });
    }

    Mirror mirror() {
        return mirror;
    }

    private void onDeclared(DeliveryState outcome) {
        if (state != State.DECLARING) {
            return;
        }
        if (outcome instanceof DeliveryState.Declared declared) {
            id = declared.transactionId();
            accepted = Optional.of(new DeliveryState.Transactional(id, Optional.of(DeliveryState.Accepted.INSTANCE)));
            state = State.OPEN;
            runDeclared();
        } else {
            lose(refusal(outcome));
        }
    }

    private AmqpError refusal(DeliveryState outcome) {
        return outcome instanceof DeliveryState.Rejected rejected
                        && rejected.error().isPresent()
                ? rejected.error().get()
                : AmqpError.of(ErrorCondition.INTERNAL_ERROR, mirror.owner() + " has not said why");
    }

    private void runDeclared() {
        List<Runnable> now = List.copyOf(whenDeclared);
        whenDeclared.clear();
        now.forEach(Runnable::run);
    }

    /** The control link or the connection is gone: the owner rolls it back. */
    void lose(AmqpError reason) {
        if (state == State.DECLARING || state == State.OPEN) {
            why = Optional.of(reason);
            end();
            doom.accept(reason);
            runDeclared();
        } // Else whoever waits for the discharge hears of it.
    }

    private void end() {
        state = State.OVER;
        mirror.remove(this);
    }

    // ---- Work

    /** Whether it is known what the owner calls it, or that there is no such transaction. */
    boolean isDeclared() {
        return state != State.DECLARING;
    }

    /** Whether there is no such transaction, or none any more: the client's will fail. */
    boolean isOver() {
        return state == State.OVER;
    }

    /** Runs something when it is declared, or over. */
    void whenDeclared(Runnable then) {
        whenDeclared.add(then);
    }

    /** A piece of work begins its way to the wire. */
    void onWork() {
        unsaid++;
    }

    /** A piece of work is on the wire, or can't be done. */
    void onSaid() {
        unsaid--;
        maybeGoOn();
    }

    private void maybeGoOn() {
        if (unsaid == 0 && isDeclared()) {
            Optional<Runnable> now = whenSaid;
            whenSaid = Optional.empty();
            now.ifPresent(Runnable::run);
        }
    }

    /** What the client has said of a delivery in its transaction, as it is told to the owner. */
    DeliveryState toOwner(Optional<DeliveryState.Outcome> outcome) {
        boolean isAccepted = outcome.orElse(null) instanceof DeliveryState.Accepted;
        return isAccepted && accepted.isPresent() ? accepted.get() : new DeliveryState.Transactional(id, outcome);
    }

    /** A message's state when it is posted. */
    DeliveryState.Transactional posted() {
        return new DeliveryState.Transactional(id, Optional.empty());
    }

    /** What the owner has said of a delivery, as it is told to the client. */
    DeliveryState toClient(DeliveryState said) {
        return said instanceof DeliveryState.Transactional its && Arrays.equals(its.transactionId(), id)
                ? new DeliveryState.Transactional(idOfClient, its.outcome())
                : said;
    }

    /** What the client is told of a delivery that was not brought to the owner, since there is no transaction. */
    DeliveryState refused() {
        return new DeliveryState.Transactional(idOfClient, Optional.of(new DeliveryState.Rejected(why)));
    }

    /** A piece of work that is not on the wire never gets there. */
    void onLost() {
        doom.accept(AmqpError.of(
                ErrorCondition.DETACH_FORCED, "something in the transaction came for a link that has ended"));
        onSaid();
    }

    // ---- The end

    /** In one phase: all is there. */
    void commit(Result result) {
        whenAllIsSaid(() -> goOn(new TransactionRequest.Discharge(id, false), true, result));
    }

    @Override
    public void prepareToDecide(Prepared prepared) {
        decides = true;
        whenAllIsSaid(() -> prepare(new BranchRequest.PrepareToDecide(id), prepared));
    }

    @Override
    public void prepare(byte[] name, Prepared prepared) {
        whenAllIsSaid(() -> prepare(new BranchRequest.Prepare(id, name), prepared));
    }

    private void prepare(BranchRequest request, Prepared prepared) {
        if (state != State.OPEN) {
            prepared.onRefused(why.orElseThrow());
            return;
        }
        mirror.coordinator().ask(request.encoded(), new MirrorCoordinator.Answer() {
            @Override
            public void on(DeliveryState said) {
                if (said instanceof DeliveryState.Declared declared) {
                    prepared.onPrepared(declared.transactionId());
                } else {
                    why = Optional.of(refusal(said));
                    end();
                    prepared.onRefused(why.get());
                }
            }

            @Override
            public void onLost(AmqpError lost) {
                prepared.onRefused(lost);
            }
        });
    }

    @Override
    public void goOn(long others, Result result) {
        goOn(new BranchRequest.GoOn(id, others).encoded(), decides, result);
    }

    /** @param matters whether it is not known, without the answer, what becomes of the whole */
    private void goOn(TransactionRequest request, boolean matters, Result result) {
        if (state != State.OPEN) {
            result.onRolledBack(why.orElseThrow());
            return;
        }
        state = State.DISCHARGING;
        int uses = matters ? 1 : 0;
        mirror.use(uses); // Who loses it now has an outcome to find out.
        mirror.coordinator().ask(request, new MirrorCoordinator.Answer() {
            @Override
            public void on(DeliveryState said) {
                mirror.use(-uses);
                end();
                if (said instanceof DeliveryState.Accepted) {
                    result.onCommitted();
                } else {
                    result.onRolledBack(refusal(said));
                }
            }

            @Override
            public void onLost(AmqpError lost) {
                mirror.use(-uses);
                end();
                if (matters) {
                    mirror.fail(lost.description());
                }
                result.onUnknown();
            }
        });
    }

    @Override
    public void giveUp(Runnable then) {
        rollBack(then);
    }

    void rollBack(Runnable then) {
        whenAllIsSaid(() -> {
            if (state != State.OPEN) {
                then.run(); // It is rolled back.
                return;
            }
            state = State.DISCHARGING;
            TransactionRequest discharge = new TransactionRequest.Discharge(id, true);
            mirror.coordinator().ask(discharge, new MirrorCoordinator.Answer() {
                @Override
                public void on(DeliveryState said) {
                    end();
                    then.run();
                }

                @Override
                public void onLost(AmqpError why) {
                    end();
                    then.run();
                }
            });
        });
    }

    private void whenAllIsSaid(Runnable then) {
        whenSaid = Optional.of(then);
        whenDeclared(this::maybeGoOn);
        if (isDeclared()) {
            runDeclared();
        }
    }
}
