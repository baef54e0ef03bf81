package io.sterna.broker.amqp;

import io.sterna.amqp.AmqpError;
import io.sterna.amqp.ErrorCondition;
import io.sterna.amqp.Link;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A link's claim to its name, from before it is attached until nothing of it is under way any more. Owned by the
 * connection's loop; {@link #grant} and {@link #steal} are called by the {@link LinkRegistry} and hand over to it.
 */
final class LinkClaim {
    private final ClientLinks links;
    private final LinkKey key;
    private final Link link;
    private final ClientTasks tasks;
    private final Consumer<Optional<SuspendedLink>> onGranted;
    private @Nullable Consumer<AmqpError> holder;
    private Optional<SuspendedLink> former = Optional.empty();
    private boolean granted;
    private boolean gone;
    private boolean ended;

    // Connection's loop writes, any thread reads.
    private volatile boolean exclusive;

    LinkClaim(ClientLinks links, ClientTasks tasks, Link link, Consumer<Optional<SuspendedLink>> onGranted) {
        this.links = links;
        this.tasks = tasks;
        this.link = link;
        this.onGranted = onGranted;
        key = LinkKey.of(link);
    }

    LinkKey key() {
        return key;
    }

    ClientTasks tasks() {
        return tasks;
    }

    Link link() {
        return link;
    }

    /**
     * Takes charge of the claim: it lasts until {@link #end} or {@link #suspend}. A claim that nobody holds ends with its
     * link.
     *
     * @param newHolder detaches the link with that error when another one has taken its name
     */
    void heldBy(Consumer<AmqpError> newHolder) {
        holder = newHolder;
    }

    /** Who has taken charge of the claim does without it, and what was left of the link's earlier life is gone. */
    void heldByNobody() {
        holder = null;
        former = Optional.empty();
        if (gone) {
            onGone();
        }
    }

    /** Links of other connections can't take the name any more: there is one subscriber, and no second one (JMS). */
    void refuseOthers() {
        exclusive = true;
    }

    /**
     * The link is over. A claim that nobody has taken charge of ends with it, and what was left of the link's earlier life
     * stays for the next one: a client that is lost while it resumes a link resumes it again.
     */
    void onGone() {
        gone = true;
        if (granted && holder == null && !ended) {
            ended = true;
            links.registry().release(this, former, true);
        }
    }

    /** Nothing is left of the link. Any number of times. */
    void end() {
        if (!ended) {
            ended = true;
            links.registry().release(this, Optional.empty(), true);
        }
    }

    /** Whether the name is not this link's any more. */
    boolean ended() {
        return ended;
    }

    /** The link is suspended: whoever attaches it next gets what it holds. */
    void suspend(SuspendedLink held) {
        if (!ended) {
            ended = true;
            links.onSuspended(this, held);
        }
    }

    // ---- The registry's. Any thread.

    /** The name is this link's, with what was left of its earlier life. */
    void grant(Optional<SuspendedLink> found) {
        tasks.run(() -> {
            granted = true;
            former = found;
            if (gone) {
                onGone();
            } else {
                onGranted.accept(found);
            }
        });
    }

    /** Whether another link may take the name. */
    boolean yieldsTo(LinkClaim other) {
        return !exclusive || other.link.connection() == link.connection();
    }

    /** The name can't be had. */
    void deny() {
        tasks.run(() -> link.refuse(AmqpError.of(
                ErrorCondition.RESOURCE_LOCKED,
                "the subscription of link " + link.name() + " has a subscriber on another connection")));
    }

    /** Another link has taken the name: this one is to end or to be suspended soon. */
    void steal() {
        tasks.run(() -> {
            AmqpError stolen = AmqpError.of(
                    ErrorCondition.STOLEN, "link " + link.name() + " of this container was attached again");
            Consumer<AmqpError> current = holder;
            if (current == null) {
                link.giveUpName(stolen);
            } else {
                current.accept(stolen);
            }
        });
    }
}
