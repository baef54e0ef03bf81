package io.sterna.broker.amqp;

import io.sterna.amqp.Link;
import io.sterna.amqp.Session;
import io.sterna.amqp.Terminus.ExpiryPolicy;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The names that the links of one connection have, and its suspended links whose expiry timer starts later: with the end
 * of their session, or of the connection (AMQP 1.0 §3.5.6). Owned by the connection's loop.
 */
final class ClientLinks {
    /** Beyond so many suspended links the timer of the first one starts early. */
    private static final int MAX_WAITING = 1024;

    private final LinkRegistry registry;
    private final Map<Link, LinkClaim> claims = new HashMap<>(4);
    private final Map<LinkKey, Waiting> waiting = new LinkedHashMap<>(0);

    private record Waiting(Session session, SuspendedLink held, ClientTasks tasks) {}

    ClientLinks(LinkRegistry registry) {
        this.registry = registry;
    }

    LinkRegistry registry() {
        return registry;
    }

    /** Asks for a link's name; when it is free, the attach goes on with what is left of the link's earlier life. */
    void claim(Link link, ClientTasks tasks, Consumer<Optional<SuspendedLink>> onGranted) {
        LinkClaim claim = new LinkClaim(this, tasks, link, onGranted);
        claims.put(link, claim);
        registry.claim(claim);
    }

    /** The claim of a link; of one that is gone already, one that has ended. */
    LinkClaim of(Link link, ClientTasks tasks) {
        LinkClaim claim = claims.get(link);
        if (claim != null) {
            return claim;
        }
        LinkClaim none = new LinkClaim(this, tasks, link, former -> {});
        none.end();
        return none;
    }

    void onGone(Link link) {
        LinkClaim claim = claims.remove(link);
        if (claim != null) {
            claim.onGone();
        }
    }

    /** A link of this connection is suspended. */
    void onSuspended(LinkClaim claim, SuspendedLink held) {
        ExpiryPolicy policy = held.terminus().expiryPolicy();
        boolean timerRuns = LinkEnd.of(claim.link()).startsTimer(policy);
        registry.release(claim, Optional.of(held), timerRuns);
        if (!timerRuns && policy != ExpiryPolicy.NEVER) {
            waiting.put(claim.key(), new Waiting(claim.link().session(), held, claim.tasks()));
            if (waiting.size() > MAX_WAITING) {
                startTimer(waiting.keySet().iterator().next());
            }
        }
    }

    void onEnded(Session session) {
        new HashMap<>(waiting).forEach((key, each) -> {
            if (each.session() == session
                    && LinkEnd.SESSION_ENDED.startsTimer(each.held().terminus().expiryPolicy())) {
                startTimer(key);
            }
        });
    }

    void onClosed() {
        new HashMap<>(waiting).keySet().forEach(this::startTimer);
    }

    private void startTimer(LinkKey key) {
        Waiting each = waiting.remove(key);
        if (each != null) {
            // After what the client has said of its deliveries, which is in the mailbox by now.
            each.tasks().post(() -> registry.startTimer(key, each.held()));
        }
    }
}
