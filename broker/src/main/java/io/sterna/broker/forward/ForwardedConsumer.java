package io.sterna.broker.forward;

import io.sterna.amqp.AmqpError;
import io.sterna.amqp.DeliveryState;
import io.sterna.amqp.ErrorCondition;
import io.sterna.amqp.IncomingDelivery;
import io.sterna.amqp.LinkTerms;
import io.sterna.amqp.OutgoingDelivery;
import io.sterna.amqp.ReceiverHandler;
import io.sterna.amqp.ReceiverLink;
import io.sterna.amqp.SenderHandler;
import io.sterna.amqp.SenderLink;
import io.sterna.amqp.Terminus;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A link on which a client receives from a node of another owner. The owner has the credit that the client gives, less what
 * is on its way. Owned by the loop of the client's connection.
 */
final class ForwardedConsumer {
    private final ForwardingClient client;
    private final MirrorSession session;
    private final Mirror mirror;
    private final SenderLink link;
    private final Attempt attempt;
    private final FromOwner fromOwner = new FromOwner();

    /** What came settled when the client had taken its credit back: it can't go back to the owner. */
    private final ArrayDeque<Relayed> waiting = new ArrayDeque<>(0);

    /** What the client has said in its order, from the first that waits for a transaction to be declared. */
    private final ArrayDeque<Said> saying = new ArrayDeque<>(0);

    private @Nullable ReceiverLink owner;
    private State state = State.ASKING;
    private long unreadBytes;

    /** {@code ASKING → ATTACHED → OVER}, or from ASKING to OVER when the owner refuses or the client has gone. */
    private enum State {
        ASKING,
        ATTACHED,
        OVER
    }

    ForwardedConsumer(ForwardingClient client, MirrorSession session, SenderLink link, Attempt attempt) {
        this.client = client;
        this.session = session;
        mirror = session.mirror();
        this.link = link;
        this.attempt = attempt;
    }

    /** What a client says of a delivery, in a transaction perhaps. */
    private record Said(Relayed delivery, Optional<MirrorBranch> branch, DeliveryState state, boolean settled) {
        boolean mayBeSaid() {
            return branch.isEmpty() || branch.get().isDeclared();
        }
    }

    void attach() {
        owner = session.atOwner().attachReceiver(link.name(), LinkTerms.passedOn(link.remote()), fromOwner);
    }

    private ReceiverLink owner() {
        if (owner == null) {
            throw new IllegalStateException("not attached yet");
        }
        return owner;
    }

    /** Passes the client's credit on. */
    private void passCredit() {
        while (!waiting.isEmpty() && link.credit() > 0) {
            send(waiting.remove());
        }
        endDrain();
        long credit = link.credit() - (owner().incomplete() ? 1 : 0);
        owner().grant((int) Math.max(0, Math.min(Integer.MAX_VALUE, credit)), link.drain());
    }

    private void send(Relayed delivery) {
        delivery.send(link);
        client.onDelivered();
        endDrain();
    }

    /** A drain is over when all credit is used up; see where the same is done for links that are not forwarded. */
    private void endDrain() {
        if (link.drain() && link.credit() <= 0 && !link.creditUsedUnseen()) {
            link.giveUpCredit(0);
        }
    }

    private void onRead(Relayed delivery) {
        if (delivery.letGo()) {
            unreadBytes -= delivery.bytes();
            mirror.onRead(delivery.bytes());
        }
    }

    private void say(Said said) {
        said.branch().ifPresent(branch -> {
            said.delivery().retiredIn(branch);
            branch.onWork();
            session.onUnsent(1); // So that no detach overtakes it.
            if (!branch.isDeclared()) {
                branch.whenDeclared(this::sayOn);
            }
        });
        saying.add(said);
        sayOn();
    }

    private void sayOn() {
        while (!saying.isEmpty() && saying.element().mayBeSaid()) {
            Said next = saying.remove();
            tell(next);
            next.branch().ifPresent(branch -> {
                branch.onSaid();
                session.onUnsent(-1);
            });
        }
    }

    private void tell(Said said) {
        if (said.branch().isEmpty()) {
            said.delivery().onDisposition(said.state(), said.settled());
        } else if (!said.branch().get().isOver()) {
            DeliveryState.Transactional state = (DeliveryState.Transactional) said.state();
            said.delivery().onDisposition(said.branch().get().toOwner(state.outcome()), said.settled());
        } else if (said.settled()) {
            said.delivery().onDisposition(defaultOutcome(), true); // It was rolled back already.
        }
    }

    private DeliveryState defaultOutcome() {
        return owner().remote()
                .source()
                .flatMap(Terminus.Source::defaultOutcome)
                .<DeliveryState>map(outcome -> outcome)
                .orElse(DeliveryState.Released.INSTANCE);
    }

    private void end() {
        if (state == State.ATTACHED) {
            client.onForwarded(-1);
            mirror.use(-1);
        }
        state = State.OVER;
        List<Said> unsaid = List.copyOf(saying);
        saying.clear();
        unsaid.forEach(said -> said.branch().ifPresent(branch -> {
            branch.onLost();
            session.onUnsent(-1);
        }));
        attempt.end();
        mirror.onRead(unreadBytes);
        unreadBytes = 0;
        waiting.clear();
    }

    /** Detaches both ends for a reason of ours. */
    private void fail(AmqpError error) {
        end();
        link.detach(true, Optional.of(error));
        owner().detach(false, Optional.of(error));
    }

    // ---- What the client says

    private final class ToClient implements SenderHandler {
        @Override
        public void onCredit() {
            if (state == State.ATTACHED) {
                passCredit();
            }
        }

        @Override
        public void onWritten(OutgoingDelivery delivery) {
            onRead((Relayed) delivery.context());
        }

        @Override
        public void onDisposition(OutgoingDelivery delivery, Optional<DeliveryState> said, boolean settled) {
            Relayed relayed = (Relayed) delivery.context();
            if (said.orElse(null) instanceof DeliveryState.Transactional transactional) {
                Optional<MirrorBranch> branch =
                        client.transaction(transactional).map(its -> its.at(mirror));
                if (branch.isPresent()) {
                    say(new Said(relayed, branch, transactional, settled));
                } else {
                    fail(Forwarding.unknownTransaction());
                }
            } else if (settled || said.isPresent()) {
                say(new Said(
                        relayed, Optional.empty(), said.orElseGet(ForwardedConsumer.this::defaultOutcome), settled));
            }
        }

        @Override
        public void onDetached(boolean closed, Optional<AmqpError> error) {
            if (state == State.ATTACHED) {
                session.whenSent(() -> owner().detach(closed, error)); // Its answer is the answer.
            }
        }

        @Override
        public void onLost(boolean inOrder) {
            if (state == State.OVER) {
                return;
            }
            end();
            if (link.connection().isOpen() && !link.session().ended()) {
                owner().detach(false, Optional.of(MirrorSession.lost()));
            } else {
                session.onLost(inOrder);
            }
        }
    }

    // ---- What the owner says

    private final class FromOwner implements ReceiverHandler {
        @Override
        public void onAttached() {
            if (owner().remote().source().isEmpty()) {
                return; // The detach that follows says why.
            }
            if (link.accept(LinkTerms.passedOn(owner().remote()), new ToClient())) {
                state = State.ATTACHED;
                attempt.end();
                client.onForwarded(1);
                mirror.use(1);
                passCredit();
            } else {
                end();
                owner().detach(false, Optional.empty());
            }
        }

        @Override
        public void onDelivery(IncomingDelivery delivery) {
            Relayed relayed = new Relayed(delivery);
            if (state != State.ATTACHED) {
                return; // The owner takes it back, since the link is being detached.
            }
            unreadBytes += relayed.bytes();
            mirror.onUnread(relayed.bytes());
            if (link.credit() > 0 && waiting.isEmpty()) {
                send(relayed);
            } else if (relayed.presettled()) {
                waiting.add(relayed);
            } else {
                onRead(relayed);
                delivery.tell(DeliveryState.Released.INSTANCE, true); // The client took its credit back meanwhile.
            }
        }

        @Override
        public void onSettled(IncomingDelivery delivery) {
            ((Relayed) delivery.context()).onSettledBySender();
        }

        @Override
        public void onDrained() {
            if (state != State.ATTACHED) {
                return;
            }
            if (link.drain()) {
                link.drained();
            } else {
                passCredit();
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
        }

        @Override
        public boolean onGivenUp() {
            if (state == State.ATTACHED) {
                end();
                link.detach(
                        true,
                        Optional.of(AmqpError.of(
                                ErrorCondition.RESOURCE_LIMIT_EXCEEDED,
                                "there is no memory for a message on its way through this node; attach again later")));
            }
            return true;
        }

        @Override
        public void onLost(boolean inOrder) {
            if (state == State.ATTACHED && mirror.isOpen()) {
                mirror.fail("a link or session there was ended");
            } else if (state == State.ASKING) {
                state = State.OVER;
                attempt.later("the connection to " + mirror.owner() + " was lost");
            }
        }
    }
}
