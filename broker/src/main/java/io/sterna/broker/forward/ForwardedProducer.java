package io.sterna.broker.forward;

import io.sterna.amqp.AmqpError;
import io.sterna.amqp.DeliveryState;
import io.sterna.amqp.IncomingDelivery;
import io.sterna.amqp.LinkTerms;
import io.sterna.amqp.OutgoingDelivery;
import io.sterna.amqp.ReceiverHandler;
import io.sterna.amqp.ReceiverLink;
import io.sterna.amqp.SenderHandler;
import io.sterna.amqp.SenderLink;
import io.sterna.broker.partition.Brake;
import io.sterna.broker.partition.Producer;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A link on which a client sends to a node of another owner. The client has the credit that the owner gives, less what is
 * on its way. Owned by the loop of the client's connection.
 */
final class ForwardedProducer {
    private final ForwardingClient client;
    private final MirrorSession session;
    private final Mirror mirror;
    private final ReceiverLink link;
    private final Attempt attempt;
    private final Halted halted = new Halted();

    /** What came when the owner had taken its credit back. */
    private final ArrayDeque<Relayed> waiting = new ArrayDeque<>(0);

    /** What is posted in transactions and is not on the wire. */
    private final Set<Relayed> posts = new LinkedHashSet<>(0);

    private @Nullable SenderLink owner;
    private State state = State.ASKING;

    /** Deliveries in memory, those that wait for credit included. */
    private int unsent;

    private long unsentBytes;

    /** Deliveries on their way to the wire. */
    private int sending;

    /** {@code ASKING → ATTACHED → OVER}, or from ASKING to OVER when the owner refuses or the client has gone. */
    private enum State {
        ASKING,
        ATTACHED,
        OVER
    }

    ForwardedProducer(ForwardingClient client, MirrorSession session, ReceiverLink link, Attempt attempt) {
        this.client = client;
        this.session = session;
        mirror = session.mirror();
        this.link = link;
        this.attempt = attempt;
    }

    void attach() {
        owner = session.atOwner().attachSender(link.name(), LinkTerms.passedOn(link.remote()), new ToOwner());
    }

    private SenderLink owner() {
        if (owner == null) {
            throw new IllegalStateException("not attached yet");
        }
        return owner;
    }

    /** Passes the owner's credit on, unless there is no room here. */
    private void passCredit() {
        while (!waiting.isEmpty() && owner().credit() > 0 && waiting.element().mayGo()) {
            send(waiting.remove());
        }
        if (owner().drain() && owner().credit() <= 0 && !owner().creditUsedUnseen()) {
            owner().giveUpCredit(0);
        }
        if (halted.brakes.isEmpty()) {
            long credit = owner().credit() - (link.incomplete() ? 1 : 0);
            link.grant((int) Math.max(0, Math.min(Integer.MAX_VALUE, credit)), owner().drain());
        }
    }

    private void send(Relayed delivery) {
        Optional<MirrorBranch> over = delivery.branch().filter(MirrorBranch::isOver);
        if (over.isPresent()) {
            onGone(delivery);
            delivery.onDisposition(over.get().refused(), true);
            return;
        }
        sending++;
        session.onUnsent(1);
        delivery.send(owner());
    }

    private void onSent(Relayed delivery) {
        sending--;
        onGone(delivery);
        session.onUnsent(-1);
    }

    /** It is not in memory any more. */
    private void onGone(Relayed delivery) {
        unsent--;
        unsentBytes -= delivery.bytes();
        client.onDone(1, delivery.bytes());
        if (posts.remove(delivery)) {
            delivery.branch().ifPresent(MirrorBranch::onSaid);
        }
    }

    private void begin(Relayed delivery, MirrorBranch branch) {
        delivery.postedIn(branch);
        branch.onWork();
        posts.add(delivery);
        if (!branch.isDeclared()) {
            session.onUnsent(1); // So that no detach overtakes it.
            branch.whenDeclared(() -> {
                if (state == State.ATTACHED) {
                    passCredit();
                }
                session.onUnsent(-1);
            });
        }
    }

    /** What never leaves for the owner has no outcome; its sender knows that it has none. */
    private void forgetUnsent() {
        waiting.clear();
        int left = sending;
        sending = 0;
        session.onUnsent(-left);
        List<Relayed> lost = List.copyOf(posts);
        posts.clear();
        lost.forEach(delivery -> delivery.branch().ifPresent(MirrorBranch::onLost));
        if (unsent > 0) {
            client.onDone(unsent, unsentBytes);
            unsent = 0;
            unsentBytes = 0;
        }
    }

    private void end() {
        if (state == State.ATTACHED) {
            client.onForwarded(-1);
            mirror.use(-1);
        }
        state = State.OVER;
        attempt.end();
        client.onProducing(link, false);
        halted.release();
    }

    // ---- What the client says

    private final class FromClient implements ReceiverHandler {
        @Override
        public void onDelivery(IncomingDelivery delivery) {
            Optional<MirrorBranch> branch = Optional.empty();
            if (delivery.remoteState().orElse(null) instanceof DeliveryState.Transactional transactional) {
                branch = client.transaction(transactional).map(its -> its.at(mirror));
                if (branch.isEmpty()) {
                    delivery.settle(new DeliveryState.Rejected(Optional.of(Forwarding.unknownTransaction())));
                    passCredit();
                    return;
                }
            }
            client.onReceived();
            Relayed relayed = new Relayed(delivery);
            branch.ifPresent(its -> begin(relayed, its));
            unsent++;
            unsentBytes += relayed.bytes();
            client.onWhole(relayed.bytes());
            if (owner().credit() > 0 && waiting.isEmpty() && relayed.mayGo()) {
                send(relayed);
            } else {
                waiting.add(relayed);
            }
            client.maybeHalt(halted);
        }

        @Override
        public void onSettled(IncomingDelivery delivery) {
            if (delivery.context() instanceof Relayed relayed) {
                relayed.onSettledBySender();
            }
        }

        @Override
        public void onDrained() {
            if (state != State.ATTACHED) {
                return;
            }
            if (owner().drain()) {
                owner().drained();
            } else {
                passCredit();
            }
        }

        @Override
        public void onDetached(boolean closed, Optional<AmqpError> error) {
            if (state == State.ATTACHED) {
                session.whenSent(() -> owner().detach(closed, error)); // Its answer is the answer.
            }
        }

        @Override
        public boolean onGivenUp() {
            onLost(false);
            return true;
        }

        @Override
        public void onLost(boolean inOrder) {
            if (state == State.OVER) {
                return;
            }
            end();
            if (link.connection().isOpen() && !link.session().ended()) {
                session.whenSent(() -> owner().detach(false, Optional.of(MirrorSession.lost())));
            } else {
                session.onLost(inOrder);
            }
        }
    }

    // ---- What the owner says

    private final class ToOwner implements SenderHandler {
        @Override
        public void onAttached() {
            if (owner().remote().target().isEmpty()) {
                return; // The detach that follows says why.
            }
            if (link.accept(LinkTerms.passedOn(owner().remote()), new FromClient())) {
                state = State.ATTACHED;
                attempt.end();
                client.onForwarded(1);
                mirror.use(1);
                client.onProducing(link, true);
                client.maybeHalt(halted);
                passCredit();
            } else {
                end();
                owner().detach(false, Optional.empty());
            }
        }

        @Override
        public void onCredit() {
            if (state == State.ATTACHED) {
                passCredit();
            }
        }

        @Override
        public void onWritten(OutgoingDelivery delivery) {
            onSent((Relayed) delivery.context());
        }

        @Override
        public void onDisposition(OutgoingDelivery delivery, Optional<DeliveryState> said, boolean settled) {
            if (!settled && said.isEmpty()) {
                return;
            }
            Relayed relayed = (Relayed) delivery.context();
            DeliveryState state = said.orElse(DeliveryState.Released.INSTANCE);
            if (settled || !relayed.settledInPlaceOfSender(state)) {
                relayed.onDisposition(state, settled);
            }
        }

        @Override
        public void onDetached(boolean closed, Optional<AmqpError> error) {
            owner().detach(closed, Optional.empty());
            if (state == State.ATTACHED) {
                end();
                link.detach(closed, error);
            } else if (state == State.ASKING) {
                state = State.OVER;
                attempt.onRefused(error);
            }
            forgetUnsent();
        }

        @Override
        public void onLost(boolean inOrder) {
            if (state == State.ATTACHED && mirror.isOpen()) {
                mirror.fail("a link or session there was ended");
            } else if (state == State.ASKING) {
                state = State.OVER;
                attempt.later("the connection to " + mirror.owner() + " was lost");
            }
            forgetUnsent();
        }
    }

    /** Holds the client back while there is no room on its loop. */
    private final class Halted implements Producer {
        private final Set<Brake> brakes = new LinkedHashSet<>(1);

        @Override
        public String containerId() {
            return link.connection().remote().containerId();
        }

        @Override
        public void onTight(Brake brake) {
            if (state == State.OVER) {
                brake.release(this);
            } else {
                brakes.add(brake);
            }
        }

        @Override
        public void onRoom(Brake brake) {
            brakes.remove(brake);
            if (state == State.ATTACHED) {
                passCredit();
            }
        }

        private void release() {
            brakes.forEach(brake -> brake.release(this));
            brakes.clear();
        }
    }
}
