package io.sterna.amqp;

import java.util.Arrays;
import java.util.Optional;

/** A message that the peer has sent. Owned by the connection's event loop. */
public final class IncomingDelivery {
    private static final byte[] NONE = new byte[0];

    private final ReceiverLink link;
    private final int id;
    private final byte[] tag;
    private final int messageFormat;
    private final boolean resumed;
    private SettleMode.Receiver settleMode;
    private Optional<DeliveryState> remoteState = Optional.empty();
    private byte[] payload = NONE;
    private int payloadLength;
    private boolean remotelySettled;
    private boolean done;
    private boolean settled;

    IncomingDelivery(
            ReceiverLink link, int id, byte[] tag, int messageFormat, SettleMode.Receiver settleMode, boolean resumed) {
        this.link = link;
        this.id = id;
        this.tag = tag;
        this.messageFormat = messageFormat;
        this.settleMode = settleMode;
        this.resumed = resumed;
    }

    public ReceiverLink link() {
        return link;
    }

    public byte[] tag() {
        return tag;
    }

    /** The message format (AMQP 1.0 §2.8.11), 0 for AMQP messages. */
    public int messageFormat() {
        return messageFormat;
    }

    /** The message; the application's own from now on. */
    public byte[] payload() {
        return payload;
    }

    /** The delivery's state at the sender, when it said so; a transaction travels here. */
    public Optional<DeliveryState> remoteState() {
        return remoteState;
    }

    /** Whether the sender has forgotten the delivery, so that no outcome reaches it. */
    public boolean remotelySettled() {
        return remotelySettled;
    }

    /** Whether the transfer said that it resumes a delivery of an earlier life of the link. */
    public boolean resumed() {
        return resumed;
    }

    /**
     * Ends the delivery with an outcome; the sender hears it unless it has settled, and the link's credit is given anew.
     * With receiver-settle-mode second, the delivery is forgotten when the sender settles (AMQP 1.0 §2.8.3).
     *
     * @throws IllegalStateException when called twice
     */
    public void settle(DeliveryState state) {
        if (done) {
            throw new IllegalStateException("the delivery has an outcome already");
        }
        done = true;
        boolean first = settleMode == SettleMode.Receiver.FIRST;
        settled = first || remotelySettled;
        link.onDone(this, state);
    }

    /**
     * Passes over a delivery that the peer means to resume and that is not unsettled here: nothing is said of it
     * (AMQP 1.0 §2.6.13).
     */
    public void ignore() {
        if (done) {
            throw new IllegalStateException("the delivery has an outcome already");
        }
        done = true;
        settled = true;
        link.onIgnored(this);
    }

    // What follows is the link's and the session's.

    int id() {
        return id;
    }

    boolean settled() {
        return settled;
    }

    boolean done() {
        return done;
    }

    void settledByPeer() {
        remotelySettled = true;
    }

    void forget() {
        settled = true;
    }

    void remoteState(Optional<DeliveryState> state) {
        if (state.isPresent()) {
            remoteState = state;
        }
    }

    void settleMode(SettleMode.Receiver mode) {
        settleMode = mode;
    }

    /** How long the message would be with {@code count} bytes more. */
    long lengthWith(int count) {
        return (long) payloadLength + count;
    }

    void append(byte[] bytes, int offset, int count, boolean last) {
        int needed = payloadLength + count;
        if (needed > payload.length) {
            payload = Arrays.copyOf(payload, last ? needed : (int) Math.min(Integer.MAX_VALUE - 8L, 2L * needed));
        }
        System.arraycopy(bytes, offset, payload, payloadLength, count);
        payloadLength = needed;
        if (last && payload.length != needed) {
            payload = Arrays.copyOf(payload, needed);
        }
    }
}
