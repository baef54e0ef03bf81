package io.sterna.amqp;

import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.UnsignedShort;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Begin;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.End;
import org.apache.qpid.proton.amqp.transport.Role;

/** A session: a group of links that share transfer windows (AMQP 1.0 §2.5). Owned by the connection's event loop. */
public final class Session {
    private final Connection connection;
    private final int localChannel;
    private final TransferWindows windows;
    private final LinkTable links = new LinkTable();
    private final UnsettledDeliveries<OutgoingDelivery> outgoing = new UnsettledDeliveries<>();
    private final UnsettledDeliveries<IncomingDelivery> incoming = new UnsettledDeliveries<>();
    private final DispositionMerger asReceiver = new DispositionMerger(true);
    private final DispositionMerger asSender = new DispositionMerger(false);
    private final ArrayDeque<OutgoingDelivery> queued = new ArrayDeque<>(2);
    private final Set<Link> linksNeedingFlow = new LinkedHashSet<>(4);
    private EndpointState local = EndpointState.UNOPENED;
    private EndpointState peer = EndpointState.UNOPENED;
    private int nextDeliveryId;
    private boolean flowDue;
    private boolean lost;

    Session(Connection connection, int localChannel, int windowFrames) {
        this.connection = connection;
        this.localChannel = localChannel;
        windows = new TransferWindows(windowFrames);
    }

    public Connection connection() {
        return connection;
    }

    /** Whether nothing can be sent on it any more. */
    public boolean ended() {
        return lost || local == EndpointState.CLOSED;
    }

    /** Attaches a link on which we send; for clients. */
    public SenderLink attachSender(String name, LinkTerms terms, SenderHandler handler) {
        SenderLink link = new SenderLink(this, name);
        link.handler(handler);
        link.sendAttach(terms);
        return link;
    }

    /** Attaches a link on which we receive; for clients. */
    public ReceiverLink attachReceiver(String name, LinkTerms terms, ReceiverHandler handler) {
        ReceiverLink link = new ReceiverLink(this, name);
        link.accept(terms, handler);
        return link;
    }

    /** Ends the session, and with it its links. */
    public void end(Optional<AmqpError> error) {
        if (ended() || local != EndpointState.OPEN) {
            return;
        }
        flushDispositions();
        local = local.transitionTo(EndpointState.CLOSED);
        End end = new End();
        end.setError(Translate.protonError(error));
        connection.write(localChannel, end);
        loseLinks();
        connection.frames().onLocalEnd(this);
    }

    // What follows is the connection's and the links'.

    int localChannel() {
        return localChannel;
    }

    EndpointState peerState() {
        return peer;
    }

    /** Sends our begin; {@code remoteChannel} is empty when it is the first of the two. */
    void begin(OptionalInt remoteChannel) {
        local = local.transitionTo(EndpointState.OPEN);
        Begin begin = new Begin();
        remoteChannel.ifPresent(channel -> begin.setRemoteChannel(UnsignedShort.valueOf((short) channel)));
        FrameWriter.SessionFlow flow = windows.flow();
        begin.setNextOutgoingId(UnsignedInteger.valueOf(flow.nextOutgoingId()));
        begin.setIncomingWindow(UnsignedInteger.valueOf(flow.incomingWindow()));
        begin.setOutgoingWindow(UnsignedInteger.valueOf(flow.outgoingWindow()));
        begin.setHandleMax(UnsignedInteger.valueOf(connection.settings().handleMax()));
        connection.write(localChannel, begin);
    }

    void onBegin(Begin begin) {
        peer = peer.transitionTo(EndpointState.OPEN);
        windows.onBegin(
                begin.getNextOutgoingId().longValue(), begin.getIncomingWindow().longValue());
    }

    void onAttach(Attach attach) throws Violation {
        if (ended()) {
            return;
        }
        long handle = attach.getHandle().longValue();
        if (handle > connection.settings().handleMax()) {
            throw Violation.connection(
                    ErrorCondition.FRAMING_ERROR,
                    "handle " + handle + " is above handle-max "
                            + connection.settings().handleMax());
        }
        if (links.inUse(handle)) {
            throw Violation.session(ErrorCondition.HANDLE_IN_USE, "handle " + handle + " is of another attached link");
        }
        boolean sending = attach.getRole() == Role.RECEIVER;
        Link link = links.awaitingAttach(attach.getName(), sending);
        boolean answer = link != null;
        if (link == null) {
            connection.frames().steal(attach.getName(), sending);
            link = sending ? new SenderLink(this, attach.getName()) : new ReceiverLink(this, attach.getName());
        }
        links.mapRemote(handle, link);
        UnsignedInteger initialCount = attach.getInitialDeliveryCount();
        link.onRemoteAttach(RemoteAttach.of(attach), handle, initialCount == null ? 0 : initialCount.longValue());
        connection.frames().rememberName(link);
        announce(link, answer, initialCount != null);
    }

    private void announce(Link link, boolean answer, boolean hasInitialCount) {
        if (!link.sending() && !hasInitialCount) {
            // §2.7.3: a sender that does not say where it begins to count can't be given credit.
            AmqpError error =
                    AmqpError.of(ErrorCondition.INVALID_FIELD, "a sender's attach needs initial-delivery-count");
            if (answer) {
                link.detach(true, Optional.of(error));
            } else {
                link.refuse(error);
            }
        } else if (answer) {
            LinkHandler handler = link.handler();
            if (handler != null) {
                handler.onAttached();
            }
        } else if (link instanceof SenderLink sender) {
            connection.handler().onAttach(sender);
        } else {
            connection.handler().onAttach((ReceiverLink) link);
        }
    }

    void onFlow(FlowFrame flow) throws Violation {
        if (ended()) {
            return;
        }
        windows.onFlow(flow);
        if (flow.handle >= 0) {
            Link link = links.byRemoteHandle(flow.handle);
            if (link.localState() != EndpointState.CLOSED) {
                if (link instanceof SenderLink sender) {
                    sender.onFlow(flow);
                } else {
                    ((ReceiverLink) link).onFlow(flow);
                }
            }
        } else if (flow.echo) {
            flowDue = true;
        }
        connection.dirty(this);
    }

    void onTransfer(TransferFrame transfer, Optional<DeliveryState> state) throws Violation {
        if (ended()) {
            return;
        }
        windows.onTransfer();
        if (windows.refillDue()) {
            flowDue = true;
            connection.dirty(this);
        }
        Link link = links.byRemoteHandle(transfer.handle);
        if (link.localState() == EndpointState.CLOSED) {
            return; // It was on its way when we detached.
        }
        if (link instanceof ReceiverLink receiver) {
            try {
                receiver.onTransfer(transfer, state);
            } catch (Violation violation) {
                endLink(link, violation);
            }
        } else {
            throw Violation.session(
                    ErrorCondition.NOT_ALLOWED,
                    "a transfer came on handle " + transfer.handle + ", on which the peer is the receiver");
        }
    }

    private static void endLink(Link link, Violation violation) throws Violation {
        if (violation.scope() != Violation.Scope.LINK) {
            throw violation;
        }
        if (link.localState() == EndpointState.UNOPENED) {
            link.refuse(violation.error());
        } else {
            link.detach(true, Optional.of(violation.error()));
        }
    }

    void onDisposition(DispositionFrame disposition, Optional<DeliveryState> state) throws Violation {
        if (ended()) {
            return;
        }
        if (disposition.last - disposition.first < 0) {
            throw Violation.session(
                    ErrorCondition.INVALID_FIELD, "a disposition's last delivery-id is before its first");
        }
        boolean settled = disposition.settled;
        if (disposition.fromReceiver) {
            outgoing.forRange(disposition.first, disposition.last, delivery -> onOutcome(delivery, state, settled));
        } else {
            incoming.forRange(disposition.first, disposition.last, delivery -> {
                delivery.remoteState(state);
                if (settled) {
                    delivery.settledByPeer();
                    incoming.remove(delivery.id());
                }
            });
        }
    }

    private void onOutcome(OutgoingDelivery delivery, Optional<DeliveryState> state, boolean settled) {
        if (settled) {
            outgoing.remove(delivery.id());
            delivery.settledByPeer();
        }
        SenderHandler handler = delivery.link().handler();
        if (handler != null) {
            handler.onDisposition(delivery, state, settled);
        }
    }

    void onDetach(Detach detach) throws Violation {
        if (ended()) {
            return;
        }
        Link link = links.byRemoteHandle(detach.getHandle().longValue());
        link.onRemoteDetach();
        links.freeRemote(link);
        if (link.localState() == EndpointState.CLOSED) {
            forget(link, true);
            return;
        }
        link.beforeDetach();
        Optional<AmqpError> error = Translate.error(detach.getError());
        if (detach.getClosed() || error.isPresent()) {
            forgetDeliveries(link);
        }
        if (link.localState() == EndpointState.UNOPENED) {
            link.sendAttach(link.refusal(link.remote()));
            link.detach(true, Optional.empty());
        } else {
            LinkHandler handler = link.handler();
            if (handler != null) {
                handler.onDetached(detach.getClosed(), error);
            }
        }
    }

    void onLocalDetach(Link link, boolean forgetDeliveries) {
        links.freeLocal(link);
        linksNeedingFlow.remove(link);
        if (forgetDeliveries) {
            forgetDeliveries(link);
        }
        if (link.peerState() == EndpointState.CLOSED) {
            forget(link, false);
        }
    }

    private void forget(Link link, boolean withDeliveries) {
        links.remove(link);
        connection.frames().forgetName(link);
        linksNeedingFlow.remove(link);
        if (withDeliveries) {
            forgetDeliveries(link);
        }
    }

    /** §2.7.6: dispositions for links that were closed or failed are void; for detached ones they still hold. */
    private void forgetDeliveries(Link link) {
        outgoing.removeIf(delivery -> delivery.link() == link);
        incoming.removeIf(delivery -> delivery.link() == link);
    }

    /** The peer has ended the session; returns whether our end has to follow. */
    boolean onEnd() {
        peer = peer.transitionTo(EndpointState.CLOSED);
        return local == EndpointState.OPEN;
    }

    void onConnectionLost() {
        if (!lost) {
            loseLinks();
        }
    }

    private void loseLinks() {
        lost = true;
        queued.clear();
        linksNeedingFlow.clear();
        for (Link link : links.all()) {
            connection.frames().forgetName(link);
            LinkHandler handler = link.handler();
            if (handler != null) {
                handler.onLost();
            }
        }
    }

    void assignLocalHandle(Link link) {
        link.localHandle(links.assignLocal(link));
    }

    void write(Object performative) {
        flushDispositions();
        connection.write(localChannel, performative);
    }

    void linkNeedsFlow(Link link) {
        linksNeedingFlow.add(link);
        connection.dirty(this);
    }

    void onQueued(OutgoingDelivery delivery) {
        queued.addLast(delivery);
        connection.dirty(this);
    }

    void dropQueued(SenderLink link) {
        queued.removeIf(delivery -> {
            boolean drop = delivery.link() == link;
            if (drop && delivery.started()) {
                connection.writer().abort(localChannel, link.localHandle());
                outgoing.remove(delivery.id());
            }
            return drop;
        });
        link.onQueueDropped();
    }

    void addIncoming(IncomingDelivery delivery) throws Violation {
        if (!incoming.add(delivery.id(), delivery)) {
            throw Violation.session(
                    ErrorCondition.INVALID_FIELD,
                    "delivery-id " + (delivery.id() & 0xffff_ffffL) + " is of another unsettled delivery");
        }
    }

    void removeIncoming(IncomingDelivery delivery) {
        incoming.remove(delivery.id());
    }

    void settleIncoming(IncomingDelivery delivery, DeliveryState state) {
        if (ended()) {
            return;
        }
        if (delivery.settled()) {
            incoming.remove(delivery.id());
        }
        disposition(asReceiver, delivery.id(), delivery.settled(), state);
    }

    void settleOutgoing(OutgoingDelivery delivery, DeliveryState state) {
        if (!ended() && delivery.started() && outgoing.remove(delivery.id()) != null) {
            disposition(asSender, delivery.id(), true, state);
        }
    }

    private void disposition(DispositionMerger merger, int id, boolean settled, DeliveryState state) {
        if (!merger.takes(id, settled, state)) {
            merger.flush(connection.writer(), connection.codec(), localChannel);
        }
        merger.add(id, settled, state);
        connection.dirty(this);
    }

    private void flushDispositions() {
        asReceiver.flush(connection.writer(), connection.codec(), localChannel);
        asSender.flush(connection.writer(), connection.codec(), localChannel);
    }

    /**
     * Writes what has gathered: dispositions, transfers as far as the peer's window and {@code maxOutputBytes} go, flows.
     *
     * @return whether more could be written at once with more room
     */
    boolean flush(int maxOutputBytes) {
        if (ended() || local != EndpointState.OPEN) {
            return false;
        }
        flushDispositions();
        boolean more = writeTransfers(maxOutputBytes);
        if (flowDue) {
            windows.refill();
            flowDue = false;
            if (linksNeedingFlow.isEmpty()) {
                connection.writer().flow(localChannel, windows.flow());
            }
        }
        linksNeedingFlow.removeIf(this::writeFlow);
        return more;
    }

    private boolean writeFlow(Link link) {
        if (link instanceof SenderLink sender) {
            return sender.writeFlow(connection.writer(), localChannel, windows.flow());
        }
        ((ReceiverLink) link).writeFlow(connection.writer(), localChannel, windows.flow());
        return true;
    }

    private boolean writeTransfers(int maxOutputBytes) {
        int maxFrameBytes = connection.maxOutgoingFrameBytes();
        while (!queued.isEmpty() && windows.canSend() && peer == EndpointState.OPEN) {
            if (connection.outputBytes() >= maxOutputBytes) {
                return true;
            }
            OutgoingDelivery delivery = queued.peekFirst();
            if (!delivery.started()) {
                delivery.start(nextDeliveryId++);
                if (!delivery.settled()) {
                    outgoing.add(delivery.id(), delivery);
                }
            }
            delivery.write(connection.writer(), connection.codec(), localChannel, maxFrameBytes);
            windows.onSent();
            if (delivery.complete()) {
                queued.removeFirst();
                delivery.link().onDequeued();
            }
        }
        return false;
    }
}
