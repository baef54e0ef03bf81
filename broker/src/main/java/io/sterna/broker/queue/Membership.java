package io.sterna.broker.queue;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How consumers come to a queue, settle what they were given, and go. Owned by the partition's event loop.
 */
final class Membership {
    private final Roster roster;
    private final Turns turns;
    private final Cursors cursors;
    private final Groups groups;
    private final Lifecycle lifecycle;
    private final Verdicts verdicts;
    private final Dispatcher dispatcher;

    /** Consumers that were removed while transactions held some of their messages. */
    private final Set<Consumer> departed = new LinkedHashSet<>();

    Membership(
            Roster roster,
            Turns turns,
            Cursors cursors,
            Lifecycle lifecycle,
            Verdicts verdicts,
            Dispatcher dispatcher) {
        this.roster = roster;
        this.turns = turns;
        this.cursors = cursors;
        this.lifecycle = lifecycle;
        this.verdicts = verdicts;
        this.dispatcher = dispatcher;
        groups = cursors.groups();
    }

    void addBrowser(Consumer consumer, Browser browser) {
        roster.add(consumer);
        consumer.browser = browser;
    }

    void add(Consumer consumer) {
        roster.add(consumer);
        turns.add(consumer);
        cursors.add(consumer);
        onRosterChanged();
    }

    /** As {@link Queue#suspendConsumer}. */
    void suspend(Consumer consumer, boolean suspended) {
        if (consumer.attached() && consumer.suspended != suspended) {
            consumer.suspended = suspended;
            onRosterChanged();
        }
    }

    /** As {@link Queue#removeConsumer(Consumer, List, List, boolean)}. */
    boolean remove(Consumer consumer, List<Acquisition> unsent, List<Acquisition> held, boolean inOrder) {
        if (!roster.remove(consumer)) {
            return false;
        }
        detach(consumer);
        for (Acquisition acquisition : unsent) {
            settle(consumer, consumer.unsettled().remove(acquisition), Outcome.RELEASED);
        }
        Outcome named = consumer.options().defaultOutcome();
        Outcome unsettledOutcome = inOrder ? Outcome.uncounted(named) : named;
        List<Entry> kept = new ArrayList<>();
        for (Acquisition acquisition : held) {
            Entry entry = consumer.unsettled().remove(acquisition);
            if (entry != null) {
                kept.add(entry);
            }
        }
        for (Entry entry : consumer.unsettled().removeAll()) {
            if (consumer.isPrepared(entry)) {
                kept.add(entry);
            } else {
                verdicts.apply(consumer, entry, unsettledOutcome);
            }
        }
        if (!kept.isEmpty()) {
            kept.forEach(consumer.unsettled()::put);
            departed.add(consumer);
        }
        groups.onLeft(consumer);
        onRosterChanged();
        return true;
    }

    /**
     * Whether the consumer, which may have left, had such an unsettled delivery; it is settled now, and no more there.
     */
    boolean settle(Consumer consumer, @Nullable Entry entry, Outcome outcome) {
        if (entry == null) {
            return false;
        }
        consumer.prepare(entry, false);
        verdicts.apply(consumer, entry, outcome);
        if (!departed.isEmpty() && consumer.unsettled().size() == 0) {
            departed.remove(consumer);
        }
        return true;
    }

    /** The queue ends, and with it all that consumers hold. */
    List<Consumer> removeAll() {
        List<Consumer> left = roster.members();
        roster.clear();
        left.forEach(this::detach);
        left.forEach(this::forgetUnsettled);
        departed.forEach(this::forgetUnsettled);
        departed.clear();
        return left;
    }

    private void forgetUnsettled(Consumer consumer) {
        consumer.unsettled().removeAll().forEach(lifecycle::forget);
    }

    private void detach(Consumer consumer) {
        consumer.detach();
        consumer.takesPart = false;
        dispatcher.forget(consumer);
        cursors.remove(consumer);
        turns.remove(consumer);
    }

    /** Others than before may compete for messages. */
    private void onRosterChanged() {
        for (Consumer consumer : roster.review()) {
            turns.place(consumer);
            if (consumer.takesPart) {
                groups.onJoined(consumer);
            } else {
                groups.onLeft(consumer);
            }
        }
        groups.reconsider();
    }
}
