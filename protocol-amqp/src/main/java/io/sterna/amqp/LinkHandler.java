package io.sterna.amqp;

import java.util.Optional;

/** What an application hears of any link. Called on the connection's event loop. */
public interface LinkHandler {

    /** The peer has answered the attach that we began; {@link Link#remote} is now its side. Not called on servers. */
    default void onAttached() {}

    /**
     * The peer has detached. Answer with {@link Link#detach}, now or later, unless that was called before.
     *
     * @param closed whether the peer's terminus is gone too, not only its end of the link
     */
    void onDetached(boolean closed, Optional<AmqpError> error);

    /**
     * The session or the connection have ended under the link, or the peer broke its rules, so that it was detached.
     * Nothing is to be done, and nothing more will be heard of it; of each link one of this, {@link #onStolen} and {@link
     * #onDetached} is heard, once.
     *
     * @param inOrder whether the session was ended, or the connection closed, without an error
     */
    void onLost(boolean inOrder);

    /** As {@link #onLost}: another link has taken its name, and with it what is unsettled (AMQP 1.0 §2.6.1). */
    default void onStolen() {
        onLost(false);
    }
}
