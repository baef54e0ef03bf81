package io.sterna.amqp;

import java.util.Optional;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.jspecify.annotations.Nullable;

/** One end of a link (AMQP 1.0 §2.6). Owned by the connection's event loop. */
public abstract sealed class Link permits SenderLink, ReceiverLink {
    private final Session session;
    private final String name;
    private EndpointState local = EndpointState.UNOPENED;
    private EndpointState peer = EndpointState.UNOPENED;
    private @Nullable RemoteAttach remote;
    private long localHandle;
    private long remoteHandle;
    private boolean closedLocally;
    private boolean errant;
    private boolean forgotten;
    private long errantSince;
    private boolean handlerDone;
    private boolean goneTold;
    private boolean needsFlow;
    private SettleMode.Sender senderSettleMode = SettleMode.Sender.MIXED;
    private SettleMode.Receiver receiverSettleMode = SettleMode.Receiver.FIRST;

    Link(Session session, String name) {
        this.session = session;
        this.name = name;
    }

    public Session session() {
        return session;
    }

    public Connection connection() {
        return session.connection();
    }

    /** The link's name, unique between the two containers and the direction. */
    public String name() {
        return name;
    }

    /** What the peer said in its attach. */
    public RemoteAttach remote() {
        if (remote == null) {
            throw new IllegalStateException("the peer has not attached yet");
        }
        return remote;
    }

    /** Whether both sides are attached. */
    public boolean attached() {
        return local == EndpointState.OPEN && peer == EndpointState.OPEN;
    }

    /** The mode in force for what is sent on this link. */
    public SettleMode.Sender senderSettleMode() {
        return senderSettleMode;
    }

    /** The mode in force for what is received on this link. */
    public SettleMode.Receiver receiverSettleMode() {
        return receiverSettleMode;
    }

    /**
     * Answers the peer's attach with no, as AMQP 1.0 §2.6.3 says: an attach without our terminus, and a detach with the
     * reason. Nothing more is heard of the link.
     */
    public void refuse(AmqpError error) {
        if (!answerable()) {
            return;
        }
        sendAttach(refusal(remote()));
        detach(true, Optional.of(error));
    }

    /** The answering attach without the terminus that would be ours. */
    abstract LinkTerms refusal(RemoteAttach asked);

    /**
     * Detaches our side. Deliveries that have not been put on the wire stay off it. Those that have and are not settled
     * live on, unless {@code closed} or with an error, until they are settled or the session ends (AMQP 1.0 §2.7.6).
     *
     * @param closed whether our terminus is gone too
     */
    public void detach(boolean closed, Optional<AmqpError> error) {
        if (local != EndpointState.OPEN || session.ended()) {
            return;
        }
        beforeDetach();
        local = local.transitionTo(EndpointState.CLOSED);
        closedLocally = closed;
        Detach detach = new Detach();
        detach.setHandle(UnsignedInteger.valueOf(localHandle));
        detach.setClosed(closed);
        detach.setError(Translate.protonError(error));
        session.write(detach);
        session.links().onLocalDetach(this, closed || error.isPresent());
        tellGone();
    }

    /**
     * Gives the name up to another link of it (AMQP 1.0 §2.6.1): the handler is told so, and then the peer.
     *
     * @param stolen why
     */
    public void giveUpName(AmqpError stolen) {
        if (attached()) {
            LinkHandler handler = takeHandlerForEnd();
            if (handler != null) {
                handler.onStolen(); // Before the detach, with which what is unsettled is forgotten here.
            }
            detach(true, Optional.of(stolen));
        } else if (peer == EndpointState.OPEN) {
            refuse(stolen);
        }
    }

    void tellGone() {
        if (!goneTold) {
            goneTold = true;
            connection().handler().onGone(this);
        }
    }

    /** Whether the peer still waits for our attach. */
    boolean answerable() {
        return local == EndpointState.UNOPENED && !session.ended();
    }

    abstract void beforeDetach();

    abstract @Nullable LinkHandler handler();

    abstract boolean sending();

    abstract void afterAttach();

    /** One of both sides' unsettled maps was incomplete (§2.6.13). */
    abstract void onMapIncomplete();

    // What follows is the session's.

    long localHandle() {
        return localHandle;
    }

    long remoteHandle() {
        return remoteHandle;
    }

    EndpointState localState() {
        return local;
    }

    EndpointState peerState() {
        return peer;
    }

    /** Whether our detach has closed the link. */
    boolean closedLocally() {
        return closedLocally;
    }

    void markForgotten() {
        forgotten = true;
    }

    /**
     * Whether what is unsettled is settled on the link no more, since it was closed or has failed: the peer hears of no
     * outcome unless it resumes the link.
     */
    public boolean forgotten() {
        return forgotten || session.ended();
    }

    /** The peer is at fault; what it sends from when it can know, other than a detach, is a fault of the session. */
    void markErrant() {
        errant = true;
        errantSince = connection().flushes();
    }

    /** Whether we have detached it with an error that the peer is to blame for. */
    boolean failed() {
        return errant;
    }

    boolean errant() {
        return errant && connection().flushes() > errantSince;
    }

    /** The handler, to be told of the link's end; null once it was, or when there is none. */
    @Nullable
    LinkHandler takeHandlerForEnd() {
        LinkHandler handler = handlerDone ? null : handler();
        handlerDone = true;
        return handler;
    }

    /** Notes that a flow is due; returns whether that is new. */
    boolean needFlow() {
        boolean isNew = !needsFlow;
        needsFlow = true;
        return isNew;
    }

    void flowTaken() {
        needsFlow = false;
    }

    /** Writes a flow if one can be written; returns whether. */
    abstract boolean writeFlow(FrameWriter writer, int channel, TransferWindows windows);

    /** Whether a flow has to wait for what goes before it. */
    abstract boolean flowStillDue();

    void onRemoteAttach(RemoteAttach attach, long handle, long initialDeliveryCount) {
        peer = peer.transitionTo(EndpointState.OPEN);
        remote = attach;
        if (sending() && attach.incompleteUnsettled()) {
            onMapIncomplete();
        }
        remoteHandle = handle;
        onInitialDeliveryCount(initialDeliveryCount);
    }

    abstract void onInitialDeliveryCount(long count);

    void onRemoteDetach() {
        peer = peer.transitionTo(EndpointState.CLOSED);
    }

    /** The peer has detached before we attached: attach and detach, since each of its frames has its answer (§2.6.6). */
    void answerDetachUnattached() {
        sendAttach(refusal(remote()));
        detach(true, Optional.empty());
    }

    /** Sends our attach. */
    void sendAttach(LinkTerms terms) {
        localHandle = session.links().assignLocalHandle(this);
        if (localHandle < 0) {
            session.end(Optional.of(AmqpError.of(
                    ErrorCondition.RESOURCE_LIMIT_EXCEEDED, "your handle-max leaves no handle for link " + name)));
            return;
        }
        local = local.transitionTo(EndpointState.OPEN);
        senderSettleMode = terms.senderSettleMode();
        receiverSettleMode = terms.receiverSettleMode();
        Attach attach = AttachFrames.write(this, terms, session.connection().maxOutgoingFrameBytes());
        if (attach.getIncompleteUnsettled()) {
            onMapIncomplete();
        }
        session.write(attach);
        afterAttach();
    }
}
