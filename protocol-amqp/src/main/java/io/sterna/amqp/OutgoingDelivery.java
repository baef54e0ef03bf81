package io.sterna.amqp;

import io.sterna.amqp.message.OutgoingMessage;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A message on its way to the peer. Owned by the connection's event loop. */
public final class OutgoingDelivery {
    private final SenderLink link;
    private final byte[] tag;
    private final int messageFormat;
    private final Object context;
    private final Opening opening;
    private @Nullable OutgoingMessage payload;
    private int sentBytes;
    private int id;
    private byte @Nullable [] encodedState;
    private boolean started;
    private boolean continued;
    private boolean settled;

    /**
     * What the first transfer says beside the message.
     *
     * @param state the delivery's state here
     * @param resume whether it resumes a delivery of an earlier life of the link
     * @param aborted whether that delivery is given up
     */
    record Opening(Optional<DeliveryState> state, boolean resume, boolean aborted) {
        static final Opening NEW = new Opening(Optional.empty(), false, false);
    }

    OutgoingDelivery(
            SenderLink link,
            byte[] tag,
            int messageFormat,
            OutgoingMessage payload,
            boolean settled,
            Object context,
            Opening opening) {
        this.link = link;
        this.tag = tag;
        this.messageFormat = messageFormat;
        this.payload = payload;
        this.settled = settled;
        this.context = context;
        this.opening = opening;
    }

    public SenderLink link() {
        return link;
    }

    /** What the application gave to {@link SenderLink#send}. */
    public Object context() {
        return context;
    }

    public byte[] tag() {
        return tag;
    }

    /** Whether we have forgotten it. */
    public boolean settled() {
        return settled;
    }

    /**
     * Ends the delivery on our side and tells the peer, if it has not settled itself; answers a terminal state that the
     * receiver has not settled (AMQP 1.0 §2.6.12). Does nothing once settled.
     */
    public void settle(DeliveryState state) {
        if (!settled) {
            settled = true;
            link.session().dispositions().settleOutgoing(this, state);
        }
    }

    // What follows is the session's.

    void settledByPeer() {
        settled = true;
    }

    int id() {
        return id;
    }

    int messageFormat() {
        return messageFormat;
    }

    Opening opening() {
        return opening;
    }

    /** The state that goes with the first transfer, or null. */
    byte @Nullable [] encodedState() {
        return encodedState;
    }

    boolean started() {
        return started;
    }

    void start(int deliveryId, PerformativeCodec codec) {
        id = deliveryId;
        started = true;
        encodedState = opening.state()
                .map(state -> DispositionMerger.encode(codec, state))
                .orElse(null);
    }

    boolean complete() {
        return payload == null;
    }

    /** Writes one transfer frame. */
    void write(FrameWriter writer, int channel, int maxFrameBytes) {
        OutgoingMessage rest = payload;
        if (rest == null) {
            throw new IllegalStateException("the delivery has been sent");
        }
        sentBytes += writer.transfer(channel, this, !continued, rest, sentBytes, maxFrameBytes);
        continued = true;
        if (sentBytes == rest.length()) {
            payload = null;
        }
    }
}
