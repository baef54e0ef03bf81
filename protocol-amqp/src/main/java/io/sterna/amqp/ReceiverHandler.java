package io.sterna.amqp;

/** What an application hears of a link on which it receives. Called on the connection's event loop. */
public interface ReceiverHandler extends LinkHandler {

    /** A delivery has arrived as a whole. To be ended with {@link IncomingDelivery#settle}, now or later, settled or not. */
    void onDelivery(IncomingDelivery delivery);

    /**
     * A delivery that outlived its outcome is settled on both sides, so that nothing needs to be kept of it: with
     * receiver-settle-mode second when the sender has settled, and when the sender has told the final state of one that was
     * resumed, or has given it up.
     */
    default void onSettled(IncomingDelivery delivery) {}

    /**
     * The link is about to be detached because of {@link ReceiverLink#giveUp}; instead of {@link #onLost}.
     *
     * @return whether the link may be resumed, since our terminus lives on: the detach does not close it then
     */
    default boolean onGivenUp() {
        onLost(false);
        return false;
    }

    /**
     * The sender has consumed all credit because of {@link ReceiverLink#drain}. Of credit that it was {@link
     * ReceiverLink#grant granted}: it has given some of it back, or used it for a delivery that it has aborted;
     * told when a drain is over, if there is one.
     */
    default void onDrained() {}
}
