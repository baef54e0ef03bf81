package io.sterna.amqp;

/**
 * The windows of a session (AMQP 1.0 §2.5.6), in transfer frames; ids are serial numbers.
 *
 * <p>{@code 0 ≤ incomingWindow ≤ size}. Our outgoing window is not limited by anything of ours but the deliveries that
 * the peer gave credit for, so that it is always announced as the largest.
 */
final class TransferWindows {
    static final long OUTGOING_WINDOW = Integer.MAX_VALUE;

    private final int size;
    private int incomingWindow;
    private int nextIncomingId;
    private int nextOutgoingId;
    private long remoteIncomingWindow;
    private boolean begun;

    TransferWindows(int size) {
        this.size = size;
        incomingWindow = size;
    }

    void onBegin(long remoteNextOutgoingId, long window) {
        nextIncomingId = (int) remoteNextOutgoingId;
        remoteIncomingWindow = window;
        begun = true;
    }

    /** A transfer frame came. */
    void onTransfer() throws Violation {
        if (incomingWindow == 0) {
            throw Violation.session(
                    ErrorCondition.WINDOW_VIOLATION,
                    "a transfer came while the session's incoming window of " + size
                            + " frames was used up; wait for a flow before sending");
        }
        incomingWindow--;
        nextIncomingId++;
    }

    /** Whether the peer should be told that the window is open again. */
    boolean refillDue() {
        return incomingWindow <= size / 2;
    }

    void refill() {
        incomingWindow = size;
    }

    void onFlow(FlowFrame flow) {
        nextIncomingId = (int) flow.nextOutgoingId;
        // Unset means that the peer had not seen our begin: it counts from our first id, which is 0.
        int peerNextIncomingId = flow.nextIncomingId < 0 ? 0 : (int) flow.nextIncomingId;
        remoteIncomingWindow = Math.max(0, flow.incomingWindow - (nextOutgoingId - peerNextIncomingId));
    }

    boolean canSend() {
        return remoteIncomingWindow > 0;
    }

    void onSent() {
        nextOutgoingId++;
        remoteIncomingWindow--;
    }

    int nextIncomingId() {
        return nextIncomingId;
    }

    int incomingWindow() {
        return incomingWindow;
    }

    int nextOutgoingId() {
        return nextOutgoingId;
    }

    /** Whether the peer has begun too, so that its ids are known. */
    boolean begun() {
        return begun;
    }
}
