package io.sterna.broker.forward;

import io.sterna.amqp.AmqpError;
import io.sterna.amqp.ErrorCondition;
import io.sterna.amqp.Link;
import io.sterna.amqp.ReceiverLink;
import io.sterna.amqp.SenderLink;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * A client's attach on its way to the owner of its address. While there is none, or it can't be reached, it waits for a
 * while. Owned by the loop of the client's connection.
 */
final class Attempt {
    /** What a node says to another that takes it for the owner of what it does not own. */
    static final String NOT_OWNER = "sterna:not-owner";

    /** How long a client waits; a new owner is there in less. */
    static final long PATIENCE_MILLIS = 5_000;

    private static final long SHORTEST_PAUSE_MILLIS = 20;
    private static final long LONGEST_PAUSE_MILLIS = 500;

    private final Forwarding forwarding;
    private final ForwardingClient client;
    private final Link link;
    private final Supplier<Route> routes;
    private final Predicate<AmqpError> goesOn;
    private final Runnable here;
    private final long beginMillis;
    private boolean over;

    /**
     * @param routes where it goes at the moment
     * @param goesOn whether it looks again where to go when it was refused so
     * @param here goes on when that is here
     */
    Attempt(
            Forwarding forwarding,
            ForwardingClient client,
            Link link,
            Supplier<Route> routes,
            Predicate<AmqpError> goesOn,
            Runnable here) {
        this.goesOn = goesOn;
        this.forwarding = forwarding;
        this.client = client;
        this.link = link;
        this.routes = routes;
        this.here = here;
        beginMillis = client.nowMillis();
    }

    void go() {
        if (over) {
            return;
        }
        Route route = routes.get();
        if (route instanceof Route.Here) {
            over = true;
            here.run();
        } else if (client.isPeer()) {
            refuse(AmqpError.of(NOT_OWNER, "this node does not own the address any more, or not yet"));
        } else if (route instanceof Route.At elsewhere) {
            forwarding.mirror(elsewhere.owner()).attach(this);
        } else if (route instanceof Route.Nowhere nowhere) {
            later(nowhere.why());
        }
    }

    /** There is a session for it. */
    void attach(MirrorSession session) {
        if (over) {
            return;
        }
        if (!link.remote().unsettled().deliveries().isEmpty()) {
            refuse(AmqpError.of(
                    ErrorCondition.NOT_IMPLEMENTED,
                    "a link to an address that another node owns can't be resumed with what is unsettled; connect to "
                            + session.mirror().owner()));
        } else if (link instanceof SenderLink consumer) {
            new ForwardedConsumer(client, session, consumer, this).attach();
        } else {
            new ForwardedProducer(client, session, (ReceiverLink) link, this).attach();
        }
    }

    Link link() {
        return link;
    }

    /** The owner has said no, or is none. */
    void onRefused(Optional<AmqpError> error) {
        if (error.filter(goesOn).isPresent()) {
            later(error.get().description());
        } else {
            refuse(error.orElseGet(() -> unreachable("it detached the link without saying why")));
        }
    }

    /** It can't be had now. */
    void later(String why) {
        long waitedMillis = client.nowMillis() - beginMillis;
        if (waitedMillis >= PATIENCE_MILLIS) {
            refuse(unreachable(why));
        } else {
            client.after(pauseMillis(waitedMillis), this::go);
        }
    }

    /** When to look again after so long: soon at first, then less and less often. */
    static long pauseMillis(long waitedMillis) {
        return Math.max(SHORTEST_PAUSE_MILLIS, Math.min(LONGEST_PAUSE_MILLIS, waitedMillis / 2));
    }

    private static AmqpError unreachable(String why) {
        return AmqpError.of(
                ErrorCondition.DETACH_FORCED,
                "the node that serves this address can't be reached at the moment, attach again later: " + why);
    }

    /** It was answered, or the client is gone. */
    void end() {
        over = true;
    }

    private void refuse(AmqpError error) {
        over = true;
        link.refuse(error);
    }
}
