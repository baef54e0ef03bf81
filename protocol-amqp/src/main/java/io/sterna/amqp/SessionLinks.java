package io.sterna.amqp;

import java.util.ArrayDeque;
import java.util.Optional;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.Role;

/** The links of a session: attaching, detaching, and what is addressed to one of them by its handle (AMQP 1.0 §2.6). */
final class SessionLinks {
    private final Session session;
    private final LinkTable table = new LinkTable();
    private final ArrayDeque<Link> needingFlow = new ArrayDeque<>(2);
    private long peerHandleMax = 0xffff_ffffL;

    SessionLinks(Session session) {
        this.session = session;
    }

    void peerHandleMax(long max) {
        peerHandleMax = max;
    }

    /**
     * Gives a link of ours its handle; called before its attach is sent.
     *
     * @return the handle, or -1 when the peer takes no more
     */
    long assignLocalHandle(Link link) {
        return table.assignLocal(link, peerHandleMax);
    }

    void onAttach(Attach attach) throws Violation {
        if (session.ended()) {
            return;
        }
        long handle = attach.getHandle().longValue();
        int handleMax = session.connection().settings().handleMax();
        if (handle > handleMax) {
            // §2.7.2
            throw Violation.connection(
                    ErrorCondition.FRAMING_ERROR, "handle " + handle + " is above handle-max " + handleMax);
        }
        if (table.inUse(handle)) {
            throw Violation.session(ErrorCondition.HANDLE_IN_USE, "handle " + handle + " is of another attached link");
        }
        boolean sending = attach.getRole() == Role.RECEIVER;
        LinkNames names = session.connection().frames().linkNames();
        Link link = table.takeAwaiting(attach.getName(), sending);
        boolean answer = link != null;
        if (link == null) {
            names.checkPipelined(attach.getName(), sending, attach.getUnsettled() != null);
            names.steal(attach.getName(), sending);
            link = sending ? new SenderLink(session, attach.getName()) : new ReceiverLink(session, attach.getName());
        }
        table.mapRemote(handle, link);
        UnsignedInteger initialCount = attach.getInitialDeliveryCount();
        link.onRemoteAttach(RemoteAttach.of(attach), handle, initialCount == null ? 0 : initialCount.longValue());
        names.remember(link);
        Optional<AmqpError> problem = answer ? Optional.empty() : link.remote().problem(sending);
        if (!sending && initialCount == null) {
            // §2.7.3: a sender that does not say where it begins to count can't be given credit.
            endLink(link, AmqpError.of(ErrorCondition.INVALID_FIELD, "a sender's attach needs initial-delivery-count"));
        } else if (problem.isPresent()) {
            endLink(link, problem.get());
        } else {
            announce(link, answer);
        }
    }

    private void announce(Link link, boolean answer) {
        if (answer) {
            LinkHandler handler = link.handler();
            if (handler != null && link.localState() == EndpointState.OPEN) {
                handler.onAttached();
            }
        } else if (link instanceof SenderLink sender) {
            session.connection().handler().onAttach(sender);
        } else {
            session.connection().handler().onAttach((ReceiverLink) link);
        }
    }

    void onFlow(FlowFrame flow) throws Violation {
        Link link = table.byRemoteHandle(flow.handle);
        if (link.localState() == EndpointState.CLOSED) {
            checkErrant(link);
        } else if (link instanceof SenderLink sender) {
            if (flow.transactional) {
                // §4.4.3
                endLink(
                        link,
                        AmqpError.of(
                                ErrorCondition.NOT_IMPLEMENTED,
                                "transactional acquisition is not offered; leave txn-id out of the flow, and retire"
                                        + " deliveries in the transaction"));
                return;
            }
            sender.onFlow(flow);
        } else {
            ((ReceiverLink) link).onFlow(flow);
        }
    }

    void onTransfer(TransferFrame transfer, Optional<DeliveryState> state) throws Violation {
        Link link = table.byRemoteHandle(transfer.handle);
        if (link.localState() == EndpointState.CLOSED) {
            checkErrant(link);
            passOver(state);
        } else if (link instanceof ReceiverLink receiver) {
            try {
                receiver.onTransfer(transfer, state);
            } catch (Violation violation) {
                if (violation.scope() != Violation.Scope.LINK) {
                    throw violation;
                }
                Optional<DeliveryState> begun = receiver.incompleteState();
                endLink(link, violation.error());
                passOver(state.or(() -> begun));
            }
        } else {
            throw Violation.session(
                    ErrorCondition.NOT_ALLOWED,
                    "a transfer came on handle " + transfer.handle + ", on which the peer is the receiver");
        }
    }

    private void passOver(Optional<DeliveryState> state) {
        if (state.orElse(null) instanceof DeliveryState.Transactional transactional) {
            session.connection().handler().onPassedOver(transactional);
        }
    }

    /**
     * §2.6.5: input for a link that died of the peer's error ends the session. Not what the peer sent before it could know:
     * while our detach has not left us, or when it was the application that detached, input is passed over.
     */
    private static void checkErrant(Link link) throws Violation {
        if (link.errant()) {
            throw Violation.session(
                    ErrorCondition.ERRANT_LINK,
                    "link " + link.name() + " was detached with an error, detach it before going on");
        }
    }

    /** The peer is not at fault, or can't know yet: unlike {@link #endLink} it may go on for a while. */
    void giveUp(ReceiverLink link, AmqpError why) {
        Optional<DeliveryState> begun = link.incompleteState();
        // Before the detach, with which what is unsettled is forgotten here.
        boolean livesOn = link.takeHandlerForEnd() instanceof ReceiverHandler handler && handler.onGivenUp();
        link.detach(!livesOn, Optional.of(why));
        passOver(begun);
    }

    private static void endLink(Link link, AmqpError error) {
        if (link.localState() == EndpointState.UNOPENED) {
            link.refuse(error);
        } else {
            link.detach(true, Optional.of(error));
        }
        link.markErrant();
        LinkHandler handler = link.takeHandlerForEnd();
        if (handler != null) {
            handler.onLost(false);
        }
    }

    void onDetach(Detach detach) throws Violation {
        if (session.ended()) {
            return;
        }
        Link link = table.byRemoteHandle(detach.getHandle().longValue());
        link.onRemoteDetach();
        table.freeRemote(link);
        Optional<AmqpError> error = Translate.error(detach.getError());
        boolean closed = Boolean.TRUE.equals(detach.getClosed());
        if (link.localState() == EndpointState.UNOPENED) {
            link.answerDetachUnattached();
            return;
        }
        if (link.localState() == EndpointState.CLOSED) {
            forget(link, closed || error.isPresent());
            if (!closed && link.failed()) {
                session.connection().frames().linkNames().onFailedDetached(link);
            }
            if (closed && !link.closedLocally()) {
                attachToClose(link);
            }
        } else {
            link.beforeDetach();
        }
        LinkHandler handler = link.takeHandlerForEnd();
        if (handler != null) {
            handler.onDetached(closed, error);
        }
        if (closed || error.isPresent()) {
            session.dispositions().forget(link);
        }
    }

    /**
     * §2.6.6: "one peer may send a closing detach while its partner is sending a non-closing detach. In this case, the
     * partner MUST signal that it has closed the link by reattaching and then sending a closing detach."
     */
    private void attachToClose(Link former) {
        Link link =
                former.sending() ? new SenderLink(session, former.name()) : new ReceiverLink(session, former.name());
        link.sendAttach(former.refusal(former.remote()));
        link.detach(true, Optional.empty());
    }

    void onLocalDetach(Link link, boolean forgetDeliveries) {
        table.freeLocal(link);
        if (link.peerState() == EndpointState.CLOSED) {
            forget(link, forgetDeliveries);
        } else if (forgetDeliveries) {
            session.dispositions().forget(link);
        }
    }

    /** §2.7.6: dispositions for links that were closed or failed are void; for those only detached they still hold. */
    private void forget(Link link, boolean withDeliveries) {
        table.remove(link);
        session.connection().frames().linkNames().forget(link);
        if (withDeliveries) {
            session.dispositions().forget(link);
        }
    }

    void lose(boolean inOrder) {
        needingFlow.clear();
        for (Link link : table.all()) {
            session.connection().frames().linkNames().forget(link);
            if (link instanceof ReceiverLink receiver) {
                // What is on its way to the store may keep the link for a while, and the buffer of a part would stay
                // with it.
                receiver.beforeDetach();
            }
            LinkHandler handler = link.takeHandlerForEnd();
            if (handler != null) {
                handler.onLost(inOrder);
            }
            link.tellGone();
        }
    }

    void needsFlow(Link link) {
        if (link.needFlow()) {
            needingFlow.addLast(link);
        }
        session.schedule();
    }

    /** Writes the flows that are due and can be written; returns whether there was one. */
    boolean writeFlows(TransferWindows windows) {
        Connection connection = session.connection();
        boolean wrote = false;
        for (int count = needingFlow.size(); count > 0; count--) {
            Link link = needingFlow.removeFirst();
            link.flowTaken();
            if (link.localState() == EndpointState.OPEN) {
                wrote |= link.writeFlow(connection.writer(), session.localChannel(), windows);
                if (link.flowStillDue() && link.needFlow()) {
                    needingFlow.addLast(link);
                }
            }
        }
        return wrote;
    }
}
