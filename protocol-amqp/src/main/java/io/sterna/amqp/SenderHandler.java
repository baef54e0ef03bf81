package io.sterna.amqp;

import java.util.Optional;

/** What an application hears of a link on which it sends. Called on the connection's event loop. */
public interface SenderHandler extends LinkHandler {

    /**
     * Credit or drain have changed: {@link SenderLink#limit} and {@link SenderLink#drain} are new. When draining, send
     * what there is and then call {@link SenderLink#drained}.
     */
    void onCredit();

    /**
     * The last frame of a delivery is written. Of one that is sent settled nothing more is heard. Must not send or detach.
     */
    default void onWritten(OutgoingDelivery delivery) {}

    /**
     * The receiver has a new state for a delivery.
     *
     * @param state absent when the receiver settled without saying
     * @param settled whether the receiver has forgotten the delivery; if not, a terminal state is to be answered with
     *     {@link OutgoingDelivery#settle}
     */
    void onDisposition(OutgoingDelivery delivery, Optional<DeliveryState> state, boolean settled);
}
