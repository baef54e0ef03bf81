package io.sterna.amqp;

import java.util.Optional;
import java.util.OptionalInt;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.UnsignedShort;
import org.apache.qpid.proton.amqp.transport.Begin;
import org.apache.qpid.proton.amqp.transport.End;

/**
 * A session: a group of links that share transfer windows (AMQP 1.0 §2.5). What it consists of has classes of its own:
 * its links, the transfers that wait to go out, and the settlement of deliveries. Owned by the connection's event loop.
 */
public final class Session {
    private final Connection connection;
    private final int localChannel;
    private final TransferWindows windows;
    private final SessionLinks links;
    private final OutgoingTransfers transfers;
    private final Dispositions dispositions;
    private EndpointState local = EndpointState.UNOPENED;
    private EndpointState peer = EndpointState.UNOPENED;
    private Optional<AmqpError> remoteError = Optional.empty();
    private boolean flowDue;
    private boolean scheduled;
    private boolean lost;

    Session(Connection connection, int localChannel, int windowFrames) {
        this.connection = connection;
        this.localChannel = localChannel;
        windows = new TransferWindows(windowFrames);
        links = new SessionLinks(this);
        transfers = new OutgoingTransfers(this, windows);
        dispositions = new Dispositions(this);
    }

    public Connection connection() {
        return connection;
    }

    /** Whether nothing can be sent on it any more. */
    public boolean ended() {
        return lost || local == EndpointState.CLOSED;
    }

    /** What the peer said when it ended the session, if it was an error. */
    public Optional<AmqpError> remoteError() {
        return remoteError;
    }

    /** Attaches a link on which we send; for clients. */
    public SenderLink attachSender(String name, LinkTerms terms, SenderHandler handler) {
        SenderLink link = new SenderLink(this, name);
        link.attach(terms, handler);
        return link;
    }

    /** Attaches a link on which we receive; for clients. */
    public ReceiverLink attachReceiver(String name, LinkTerms terms, ReceiverHandler handler) {
        ReceiverLink link = new ReceiverLink(this, name);
        link.attach(terms, handler);
        return link;
    }

    /** Writes what has been said of deliveries, before whatever is sent on any session from now on. */
    public void writeDispositions() {
        if (!ended() && local == EndpointState.OPEN) {
            dispositions.flush();
        }
    }

    /** Ends the session, and with it its links. */
    public void end(Optional<AmqpError> error) {
        if (!ended()) {
            sendEnd(error);
        }
    }

    /** Sends our end, also for a session whose links were lost with the peer's. */
    void sendEnd(Optional<AmqpError> error) {
        if (local != EndpointState.OPEN || connection.finished()) {
            return;
        }
        dispositions.flush();
        local = local.transitionTo(EndpointState.CLOSED);
        End end = new End();
        end.setError(Translate.protonError(error));
        connection.write(localChannel, end);
        lose(error.isEmpty());
        connection.frames().sessions().onLocalEnd(this);
    }

    // What follows is the connection's and the links'.

    int localChannel() {
        return localChannel;
    }

    EndpointState localState() {
        return local;
    }

    EndpointState peerState() {
        return peer;
    }

    SessionLinks links() {
        return links;
    }

    OutgoingTransfers transfers() {
        return transfers;
    }

    Dispositions dispositions() {
        return dispositions;
    }

    /** Sends our begin; {@code remoteChannel} is empty when it is the first of the two. */
    void begin(OptionalInt remoteChannel) {
        local = local.transitionTo(EndpointState.OPEN);
        Begin begin = new Begin();
        remoteChannel.ifPresent(channel -> begin.setRemoteChannel(UnsignedShort.valueOf((short) channel)));
        begin.setNextOutgoingId(UnsignedInteger.valueOf(windows.nextOutgoingId()));
        begin.setIncomingWindow(UnsignedInteger.valueOf(windows.incomingWindow()));
        begin.setOutgoingWindow(UnsignedInteger.valueOf(TransferWindows.OUTGOING_WINDOW));
        begin.setHandleMax(UnsignedInteger.valueOf(connection.settings().handleMax()));
        connection.write(localChannel, begin);
    }

    void onBegin(Begin begin) {
        peer = peer.transitionTo(EndpointState.OPEN);
        links.peerHandleMax(
                begin.getHandleMax() == null
                        ? 0xffff_ffffL
                        : begin.getHandleMax().longValue());
        windows.onBegin(
                begin.getNextOutgoingId().longValue(), begin.getIncomingWindow().longValue());
        schedule();
    }

    void onFlow(FlowFrame flow) throws Violation {
        if (ended()) {
            return;
        }
        windows.onFlow(flow);
        if (flow.handle >= 0) {
            links.onFlow(flow);
        } else if (flow.echo) {
            flowDue = true;
        }
        schedule();
    }

    void onTransfer(TransferFrame transfer, Optional<DeliveryState> state) throws Violation {
        if (ended()) {
            return;
        }
        windows.onTransfer();
        if (windows.refillDue()) {
            flowDue = true;
            schedule();
        }
        links.onTransfer(transfer, state);
    }

    void onDisposition(DispositionFrame disposition, Optional<DeliveryState> state) throws Violation {
        if (!ended()) {
            dispositions.onDisposition(disposition, state);
        }
    }

    /** The peer has ended the session; returns whether our end has to follow. */
    boolean onEnd(Optional<AmqpError> error) {
        peer = peer.transitionTo(EndpointState.CLOSED);
        remoteError = error;
        return local == EndpointState.OPEN;
    }

    /** Its links are gone; in order when neither side has called it an error. */
    void lose(boolean inOrder) {
        if (!lost) {
            lost = true;
            transfers.clear();
            links.lose(inOrder);
            connection.handler().onEnded(this);
        }
    }

    /** Writes a performative after the dispositions that came before it. */
    void write(Object performative) {
        dispositions.flush();
        connection.write(localChannel, performative);
    }

    /** Sees to it that {@link #flush} is called before this turn ends. */
    void schedule() {
        if (!scheduled) {
            scheduled = true;
            connection.schedule(this);
        }
    }

    /**
     * Writes what has gathered: dispositions, transfers as far as the peer's window and {@code maxOutputBytes} go, flows.
     *
     * @return whether more could be written at once with more room
     */
    boolean flush(int maxOutputBytes) {
        scheduled = false;
        if (ended() || local != EndpointState.OPEN) {
            return false;
        }
        dispositions.flush();
        boolean more = peer == EndpointState.OPEN && transfers.write(maxOutputBytes);
        boolean refill = flowDue;
        if (refill) {
            windows.refill();
            flowDue = false;
        }
        if (!links.writeFlows(windows) && refill) {
            connection.writer().flow(localChannel, windows);
        }
        return more;
    }
}
