package io.sterna.amqp;

import java.util.Arrays;
import java.util.Optional;

/** A message that the peer has sent. Owned by the connection's event loop. */
public final class IncomingDelivery {
    /** What an array can hold, with room to spare for the machine's header. */
    static final int MAX_LENGTH = Integer.MAX_VALUE - 8;

    private static final byte[] NONE = new byte[0];

    private final ReceiverLink link;
    private final int id;
    private final byte[] tag;
    private final int messageFormat;
    private boolean resumed;
    private boolean passedOver;
    private SettleMode.Receiver settleMode;
    private Optional<DeliveryState> state = Optional.empty();
    private Optional<DeliveryState> remoteState = Optional.empty();
    private byte[] payload = NONE;
    private int payloadLength;
    private Object context = this;
    private boolean remotelySettled;
    private boolean complete;
    private boolean done;
    private boolean settled;

    IncomingDelivery(ReceiverLink link, int id, byte[] tag, int messageFormat, SettleMode.Receiver settleMode) {
        this.link = link;
        this.id = id;
        this.tag = tag;
        this.messageFormat = messageFormat;
        this.settleMode = settleMode;
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

    /**
     * Whether it is one that was unsettled here in an earlier life of the link. One that had its outcome is answered with it
     * and not handed over; of the others the message comes again, as far as {@link #state} asks for it.
     */
    public boolean resumed() {
        return resumed;
    }

    /**
     * Whether it stays unsettled here when it has its outcome, until the sender settles: {@link ReceiverHandler#onSettled}
     * tells of that (receiver-settle-mode second, AMQP 1.0 §2.8.3).
     */
    public boolean outlivesOutcome() {
        return !settled && !remotelySettled && settleMode == SettleMode.Receiver.SECOND;
    }

    /** The delivery's state here: its outcome once it has one, and before that what it was resumed with. */
    public Optional<DeliveryState> state() {
        return state;
    }

    /**
     * Tells another state of a delivery that has its outcome and that the sender has not settled yet: what a transaction
     * has made of it (AMQP 1.0 §4.4.4). Does nothing when the delivery is settled.
     */
    public void update(DeliveryState newState) {
        if (done && !settled && !remotelySettled) {
            state = Optional.of(newState);
            link.session().dispositions().settleIncoming(this, newState);
        }
    }

    /**
     * Takes the message out of the delivery, whose states are decided elsewhere from now on: they are passed on with {@link
     * #tell}, and {@link ReceiverHandler#onSettled} is called as soon as the sender settles. In place of {@link #settle}.
     *
     * @param newContext comes back with the delivery
     */
    public byte[] passOn(Object newContext) {
        byte[] message = payload;
        payload = NONE;
        done = true;
        context = newContext;
        return message;
    }

    /** What the application gave to {@link #passOn}; the delivery itself before that. */
    public Object context() {
        return context;
    }

    /**
     * Tells the sender a state that was decided elsewhere; does nothing when the delivery is settled on either side.
     *
     * @param settle whether it is settled here with that
     */
    public void tell(DeliveryState said, boolean settle) {
        if (settled || remotelySettled) {
            return;
        }
        state = Optional.of(said);
        settled = settle;
        link.session().dispositions().settleIncoming(this, said);
    }

    /**
     * Ends the delivery with an outcome; the sender hears it unless it has settled, and the link's credit is given anew.
     * With receiver-settle-mode second, the delivery is forgotten when the sender settles (AMQP 1.0 §2.8.3). An outcome that
     * the sender has told before is the one that counts (§3.4.6), and ends the delivery on both sides. Of
     * one that stays unsettled the payload is let go.
     *
     * @throws IllegalStateException when called twice
     */
    public void settle(DeliveryState outcome) {
        if (done) {
            throw new IllegalStateException("the delivery has an outcome already");
        }
        done = true;
        boolean decided = remoteState.orElse(null) instanceof DeliveryState.Outcome;
        DeliveryState said = decided ? remoteState.get() : outcome;
        state = Optional.of(said);
        settled = settleMode == SettleMode.Receiver.FIRST || remotelySettled || decided;
        if (!settled) {
            payload = NONE; // It may stay for long.
        }
        link.onDone(this, said);
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

    /** It is unsettled here since an earlier life of the link. */
    void resumeFrom(Optional<DeliveryState> former) {
        resumed = true;
        state = former;
    }

    /** The outcome that it had before it was resumed. */
    Optional<DeliveryState> heldOutcome() {
        return resumed && !done ? state.filter(DeliveryState.Outcome.class::isInstance) : Optional.empty();
    }

    /** It says that it is resumed and is not known here. */
    void passOver() {
        passedOver = true;
        settled = true;
    }

    boolean passedOver() {
        return passedOver;
    }

    void settledByPeer() {
        remotelySettled = true;
    }

    boolean complete() {
        return complete;
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

    /** How many bytes there is room for. */
    int capacity() {
        return payload.length;
    }

    /** How much room it will take when more of it is to come, so that it need not grow with each transfer. */
    int capacityFor(int length, long maxMessageBytes) {
        if (length <= payload.length || passedOver) {
            return payload.length;
        }
        long most = maxMessageBytes > 0 ? Math.min(maxMessageBytes, MAX_LENGTH) : MAX_LENGTH;
        return (int) Math.max(length, Math.min(most, length + length / 2L));
    }

    void grow(int capacity) {
        payload = Arrays.copyOf(payload, capacity);
    }

    /** Adds what has come; there is room for it unless it is the last. */
    void append(byte[] bytes, int offset, int count, boolean last) {
        if (passedOver) {
            return;
        }
        int needed = payloadLength + count;
        if (needed > payload.length) {
            payload = Arrays.copyOf(payload, needed);
        }
        System.arraycopy(bytes, offset, payload, payloadLength, count);
        payloadLength = needed;
        complete = last;
        if (last && payload.length != needed) {
            payload = Arrays.copyOf(payload, needed);
        }
    }
}
