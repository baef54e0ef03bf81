package io.sterna.broker.forward;

import io.sterna.amqp.ConnectionHandler;
import io.sterna.amqp.OpenTerms;
import java.util.function.Consumer;

/** Connects to other nodes from one event loop. Called on it. */
public interface PeerConnector {
    /** Of a node that is alone. */
    PeerConnector NONE = (peer, containerId, terms, handler, onFailed) -> onFailed.accept("this node is alone");

    /**
     * Begins to connect.
     *
     * @param containerId the client's name for itself, by which the other node knows it, too
     * @param terms what the open says
     * @param handler hears of the connection, on this loop
     * @param onFailed called on this loop, with the reason, when there will be no connection; the handler then hears nothing
     */
    void connect(
            PeerAddress peer,
            String containerId,
            OpenTerms terms,
            ConnectionHandler handler,
            Consumer<String> onFailed);
}
