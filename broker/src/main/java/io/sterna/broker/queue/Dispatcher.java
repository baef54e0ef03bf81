package io.sterna.broker.queue;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Hands out what can be handed out: to consumers of a higher priority first and in turn among equals, to each the first
 * message that it may have. Owned by the partition's event loop.
 */
final class Dispatcher {
    /** So many consumers are looked at to find the one with the fewest groups. */
    private static final int GROUP_CANDIDATES = 32;

    private final Backlog backlog;
    private final Turns turns;
    private final Cursors cursors;
    private final Groups groups;
    private final ScanBudget budget;
    private final Loads loads;
    private final Lifecycle lifecycle;
    private final Set<Consumer> draining = new LinkedHashSet<>();

    /** Those with credit that have not come to the end. */
    private final Set<Browser> browsing = new LinkedHashSet<>();

    private boolean dispatching;
    private boolean continuing;

    Dispatcher(Backlog backlog, Lifecycle lifecycle, Turns turns, Cursors cursors, ScanBudget budget, Loads loads) {
        this.backlog = backlog;
        this.lifecycle = lifecycle;
        this.turns = turns;
        this.cursors = cursors;
        this.budget = budget;
        this.loads = loads;
        groups = cursors.groups();
    }

    boolean dispatching() {
        return dispatching;
    }

    /** A consumer's credit has changed, or whether it drains. */
    void onFlow(Consumer consumer) {
        if (consumer.draining()) {
            draining.add(consumer);
        } else if (!draining.isEmpty()) {
            draining.remove(consumer);
        }
        Browser browser = consumer.browser;
        if (browser == null) {
            turns.onFlow(consumer);
        } else if (consumer.credit() > 0) {
            browsing.add(browser);
        } else {
            browsing.remove(browser);
        }
    }

    void forget(Consumer consumer) {
        draining.remove(consumer);
        if (consumer.browser != null) {
            browsing.remove(consumer.browser);
        }
    }

    /** Whether there is anybody who could get something. */
    boolean isNeeded() {
        return !draining.isEmpty() || !browsing.isEmpty() || turns.anyReady();
    }

    /** The next turn of the loop has come, in which passing messages over may go on. */
    void onNextTurn() {
        continuing = false;
    }

    /** Hands out until nobody can get anything more; says whether {@link #onNextTurn} is to be called, once. */
    boolean dispatch(long lastSequence) {
        dispatching = true;
        if (!continuing) {
            budget.renew();
        }
        boolean again;
        do {
            loads.forgetWishes();
            cursors.takeOpened();
            serveLevels();
            boolean answered = answerDrains();
            again = answered || cursors.takeOpened();
        } while (again);
        if (!browsing.isEmpty()) {
            List.copyOf(browsing).forEach(this::serve);
            answerDrains();
        }
        loads.maybeAsk(turns, lastSequence);
        loads.returnReadInVain();
        dispatching = false;
        boolean unfinished = budget.exhausted() && !continuing;
        continuing |= unfinished;
        return unfinished;
    }

    private void serveLevels() {
        List<Turns.Level> highestFirst = turns.highestFirst();
        for (int index = 0; index < highestFirst.size(); index++) {
            Turns.Level level = highestFirst.get(index);
            boolean waits = serve(level);
            level.unstall();
            if (waits || level.withholds()) {
                return;
            }
        }
    }

    /** Whether some of them still have to wait to see whether there is something for them. */
    private boolean serve(Turns.Level level) {
        boolean plain = true;
        boolean waits = false;
        while (true) {
            Consumer consumer = level.next(plain, !budget.isSpent());
            if (consumer == null) {
                break;
            }
            Entry entry = firstFor(consumer);
            if (entry != null && entry.resident()) {
                deliver(consumer.ring == level.plain ? suitable(level, consumer, entry) : consumer, entry);
                continue;
            }
            waits |= budget.refused() || (entry != null && !loads.failed());
            if (entry != null) {
                wish(consumer, entry);
            }
            if (consumer.ring == level.plain) {
                plain = false;
            } else if (budget.refused()) {
                turns.onServed(consumer);
            } else {
                turns.stall(consumer);
            }
        }
        if (!level.special.isEmpty()) {
            budget.postpone();
            waits = true;
        }
        return waits;
    }

    private @Nullable Entry firstFor(Consumer consumer) {
        budget.beginSearch();
        Entry open = cursors.of(consumer).seek();
        if (!consumer.hasGroupsDue() || budget.refused()) {
            return open;
        }
        Entry own = groups.firstFor(consumer);
        return budget.refused() ? null : Entry.earlier(open, own);
    }

    private void wish(Consumer consumer, Entry entry) {
        if (consumer.cursor == null && Groups.open(entry)) {
            loads.wishForAll(entry);
        } else {
            loads.wish(consumer, entry);
        }
    }

    /** A new group goes to the one with the fewest, which is not worth a long search. */
    private static Consumer suitable(Turns.Level level, Consumer next, Entry entry) {
        if (entry.group == null) {
            return next;
        }
        Consumer best = next;
        Consumer other = level.plain.after(next);
        for (int count = 1; count < GROUP_CANDIDATES && other != next; count++) {
            if (other.groupsOwned() < best.groupsOwned()) {
                best = other;
            }
            other = level.plain.after(other);
        }
        return best;
    }

    private void deliver(Consumer consumer, Entry entry) {
        consumer.countSent();
        backlog.acquire(entry, consumer);
        turns.onServed(consumer);
        if (consumer.cursor == null) {
            loads.onDelivered(entry);
        }
        lifecycle.onAcquired(entry);
        consumer.unsettled().put(entry);
        consumer.receiver().deliver(entry);
    }

    private void serve(Browser browser) {
        Consumer consumer = browser.consumer();
        while (consumer.credit() > 0) {
            Entry entry = browser.next();
            if (entry == null || !entry.resident()) {
                if (entry != null) {
                    loads.wish(consumer, entry);
                }
                // To the end of the row; out of it at the end.
                browsing.remove(browser);
                if (entry != null || budget.refused()) {
                    browsing.add(browser);
                }
                return;
            }
            consumer.countSent();
            browser.pass(entry);
            consumer.receiver().deliver(entry);
        }
        browsing.remove(browser);
    }

    /** Whether one was answered. */
    private boolean answerDrains() {
        if (draining.isEmpty()) {
            return false;
        }
        boolean answered = false;
        for (Consumer consumer : new ArrayList<>(draining)) {
            if (!mayStillGet(consumer)) {
                answered = true;
                draining.remove(consumer);
                long unused = consumer.giveUpCredit();
                onFlow(consumer);
                consumer.receiver().drained(unused);
            }
        }
        return answered;
    }

    private boolean mayStillGet(Consumer consumer) {
        if (consumer.credit() == 0) {
            return false;
        }
        Browser browser = consumer.browser;
        if (browser == null && (!consumer.takesPart || turns.withheldAbove(consumer))) {
            return false;
        }
        Entry entry = browser == null ? firstFor(consumer) : browser.next();
        return budget.refused() || (entry != null && (entry.resident() || !loads.failed()));
    }
}
