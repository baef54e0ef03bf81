package io.sterna.amqp;

import java.util.Optional;

/** What an application hears of a connection. Called on the connection's event loop. */
public interface ConnectionHandler {

    /**
     * The peer's open has arrived. A server answers with {@link Connection#open}, now or later, also when it means to
     * close at once.
     */
    void onOpen(Connection connection);

    /** The peer wants to receive. Answer with {@link SenderLink#accept} or {@link Link#refuse}, now or later. */
    void onAttach(SenderLink link);

    /** The peer wants to send. Answer with {@link ReceiverLink#accept} or {@link Link#refuse}, now or later. */
    void onAttach(ReceiverLink link);

    /**
     * The peer has ended a session or closes the connection; the links concerned were told that they are lost. Our answer
     * waits, so that what the peer has settled can be made safe before.
     *
     * @param answer sends it; to be run on this loop, now or later
     */
    default void onLeaving(Runnable answer) {
        answer.run();
    }

    /**
     * A transfer in a transaction came for a link that has ended on our side, or ended it by its fault: it was passed over,
     * so that the transaction can't be committed as a whole (AMQP 1.0 §4.4.4).
     */
    default void onPassedOver(DeliveryState.Transactional state) {}

    /**
     * What has come of a delivery of which more is to come is about to take so many bytes of memory; 0 when it is let go: it
     * has come as a whole and is handed over next, was aborted, or its link is over. Not called for a delivery that comes as
     * one transfer, and of others not for each transfer, but when the buffer grows. The handler may give links up here
     * ({@link ReceiverLink#giveUp}), this one, too.
     */
    default void onBuffering(ReceiverLink link, int bytes) {}

    /**
     * A link that the peer has attached is over: refused, detached by us, or lost; its own handler was told before. Called
     * once for each.
     */
    default void onGone(Link link) {}

    /** A session has ended, whoever ended it, or its connection; its links were told before. */
    default void onEnded(Session session) {}

    /** The peer has answered our end of a session. Not heard when the connection is lost before. */
    default void onEndAnswered(Session session) {}

    /**
     * The connection is over, orderly or not; each link was told before. Called once.
     *
     * @param error why, as the peer or we have said it; empty when it was closed without an error or only lost
     */
    void onClosed(Connection connection, Optional<AmqpError> error);
}
