package io.sterna.amqp;

import java.util.Optional;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.UnsignedLong;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.ReceiverSettleMode;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.amqp.transport.SenderSettleMode;
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
    private boolean detachedWithError;
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
     * Detaches our side. Deliveries that have not been put on the wire stay off it.
     *
     * @param closed whether our terminus is gone too
     */
    public void detach(boolean closed, Optional<AmqpError> error) {
        if (local != EndpointState.OPEN || session.ended()) {
            return;
        }
        beforeDetach();
        local = local.transitionTo(EndpointState.CLOSED);
        detachedWithError = error.isPresent();
        Detach detach = new Detach();
        detach.setHandle(UnsignedInteger.valueOf(localHandle));
        detach.setClosed(closed);
        detach.setError(Translate.protonError(error));
        session.write(detach);
        session.onLocalDetach(this, closed || error.isPresent());
    }

    /** Whether the peer still waits for our attach. */
    boolean answerable() {
        return local == EndpointState.UNOPENED && !session.ended();
    }

    abstract void beforeDetach();

    abstract @Nullable LinkHandler handler();

    abstract boolean sending();

    abstract void afterAttach();

    // What follows is the session's.

    long localHandle() {
        return localHandle;
    }

    void localHandle(long handle) {
        localHandle = handle;
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

    boolean detachedWithError() {
        return detachedWithError;
    }

    void onRemoteAttach(RemoteAttach attach, long handle, long initialDeliveryCount) {
        peer = peer.transitionTo(EndpointState.OPEN);
        remote = attach;
        remoteHandle = handle;
        onInitialDeliveryCount(initialDeliveryCount);
    }

    abstract void onInitialDeliveryCount(long count);

    void onRemoteDetach() {
        peer = peer.transitionTo(EndpointState.CLOSED);
    }

    /** Sends our attach. */
    void sendAttach(LinkTerms terms) {
        local = local.transitionTo(EndpointState.OPEN);
        senderSettleMode = terms.senderSettleMode();
        receiverSettleMode = terms.receiverSettleMode();
        session.assignLocalHandle(this);
        Attach attach = new Attach();
        attach.setName(name);
        attach.setHandle(UnsignedInteger.valueOf(localHandle));
        attach.setRole(sending() ? Role.SENDER : Role.RECEIVER);
        attach.setSndSettleMode(
                switch (senderSettleMode) {
                    case UNSETTLED -> SenderSettleMode.UNSETTLED;
                    case SETTLED -> SenderSettleMode.SETTLED;
                    case MIXED -> SenderSettleMode.MIXED;
                });
        attach.setRcvSettleMode(
                receiverSettleMode == SettleMode.Receiver.FIRST ? ReceiverSettleMode.FIRST : ReceiverSettleMode.SECOND);
        attach.setSource(TranslateTerminus.theirs(terms.source()));
        attach.setTarget(TranslateTerminus.theirTarget(terms.target()));
        attach.setUnsettled(TranslateState.theirUnsettled(terms.unsettled()));
        if (sending()) {
            attach.setInitialDeliveryCount(UnsignedInteger.ZERO);
        }
        if (terms.maxMessageBytes() > 0) {
            attach.setMaxMessageSize(UnsignedLong.valueOf(terms.maxMessageBytes()));
        }
        attach.setOfferedCapabilities(Translate.symbols(terms.offeredCapabilities()));
        attach.setDesiredCapabilities(Translate.symbols(terms.desiredCapabilities()));
        attach.setProperties(Translate.protonFields(terms.properties()));
        session.write(attach);
        afterAttach();
    }
}
