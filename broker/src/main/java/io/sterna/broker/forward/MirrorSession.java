package io.sterna.broker.forward;

import io.sterna.amqp.AmqpError;
import io.sterna.amqp.ErrorCondition;
import io.sterna.amqp.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A session at the owner for one of the client's, so that each holds up its own links only, and ends when the other does.
 * Owned by the loop of the client's connection.
 */
final class MirrorSession {
    private final Mirror mirror;
    private final ForwardingClient client;
    private final Session atOwner;

    /** Whether the client's session is over, without anybody calling it an error. */
    private boolean inOrder = true;

    /** Deliveries on their way to the owner that are not on the wire. */
    private int unsent;

    private final List<Runnable> whenSent = new ArrayList<>(0);

    MirrorSession(Mirror mirror, ForwardingClient client, Session atOwner) {
        this.mirror = mirror;
        this.client = client;
        this.atOwner = atOwner;
    }

    Mirror mirror() {
        return mirror;
    }

    Session atOwner() {
        return atOwner;
    }

    /** A link of the client's is lost with its session or connection. */
    void onLost(boolean itsInOrder) {
        inOrder &= itsInOrder;
        mirror.onClientLost(itsInOrder);
    }

    /** The client's session has ended; what the owner holds for it is not counted as failed if that was in order. */
    void end() {
        whenSent(() -> atOwner.end(inOrder ? Optional.empty() : Optional.of(lost())));
    }

    /** So many deliveries more wait for the wire; fewer, when negative. */
    void onUnsent(int more) {
        unsent += more;
        if (unsent == 0 && !whenSent.isEmpty()) {
            List<Runnable> now = List.copyOf(whenSent);
            whenSent.clear();
            client.post(() -> now.forEach(Runnable::run));
        }
    }

    /** Runs what would stop deliveries that the client has sent: at once when there are none. */
    void whenSent(Runnable task) {
        if (unsent == 0) {
            task.run();
        } else {
            whenSent.add(task);
        }
    }

    static AmqpError lost() {
        return AmqpError.of(ErrorCondition.DETACH_FORCED, "the client that this was forwarded for was lost");
    }
}
