package io.sterna.broker.queue;

import org.jspecify.annotations.Nullable;

/** Where each message of a queue is. Owned by the partition's event loop. */
final class Backlog {
    private final Lanes lanes;
    private final Cursors cursors;
    private final Groups groups;
    private final PayloadAccount account;
    private final Aside aside;
    private int acquired;

    Backlog(Lanes lanes, Cursors cursors, Groups groups, PayloadAccount account, Aside aside) {
        this.lanes = lanes;
        this.cursors = cursors;
        this.groups = groups;
        this.account = account;
        this.aside = aside;
    }

    int size() {
        return lanes.size();
    }

    /** Messages delivered and not settled. */
    int acquired() {
        return acquired;
    }

    /** The one that was sent first, or null. */
    @Nullable
    Entry oldest() {
        return lanes.oldest();
    }

    /** A message enters that is above all others. */
    void append(Entry entry) {
        account.onEntered(entry);
        lanes.of(entry).addLast(entry);
        if (entry.traits().grouped()) {
            groups.onWaiting(entry);
        }
    }

    /** A message that has just come is not to be delivered yet. */
    void setAsideArrived(Entry entry) {
        entry.transitionTo(EntryState.SCHEDULED);
        aside.addArrived(entry);
    }

    /** An acquired entry is not to be delivered again yet. */
    void setAside(Entry entry) {
        acquired--;
        if (entry.group != null) {
            groups.onSettled(entry);
        }
        entry.transitionTo(EntryState.SCHEDULED);
        aside.add(entry);
    }

    /** An entry that was set aside takes the place of its sequence. */
    void enter(Entry entry) {
        aside.remove(entry);
        Lane lane = lanes.of(entry);
        if (lane.endsBefore(entry.sequence())) {
            entry.transitionTo(EntryState.FRESH);
            lane.addLast(entry);
        } else {
            entry.transitionTo(EntryState.RETURNED);
            lane.addReturned(entry);
        }
        if (entry.traits().grouped()) {
            groups.onWaiting(entry);
        } else {
            cursors.onOpened(entry);
        }
    }

    /** An entry that was set aside leaves the queue. */
    void forgetAside(Entry entry) {
        aside.remove(entry);
        entry.transitionTo(EntryState.GONE);
        onGone(entry);
    }

    /** Takes an entry out for a consumer. */
    void acquire(Entry entry, Consumer consumer) {
        takeOut(entry, EntryState.ACQUIRED);
        acquired++;
        entry.borrowed = false;
        if (entry.group != null) {
            groups.onAcquired(entry, consumer);
        }
    }

    /** An acquired entry goes back to its place. */
    void giveBack(Entry entry) {
        acquired--;
        entry.transitionTo(EntryState.RETURNED);
        lanes.of(entry).addReturned(entry);
        if (entry.group != null) {
            groups.onReturned(entry);
        } else {
            cursors.onOpened(entry);
        }
    }

    /** An acquired entry is not to go to a consumer again. */
    void exclude(Entry entry, Consumer consumer) {
        cursors.exclude(entry, consumer);
    }

    /** An acquired entry leaves the queue. */
    void forget(Entry entry) {
        acquired--;
        assert acquired >= 0;
        if (entry.group != null) {
            groups.onSettled(entry);
        }
        entry.transitionTo(EntryState.GONE);
        onGone(entry);
    }

    /** A waiting entry leaves the queue. */
    void remove(Entry entry) {
        takeOut(entry, EntryState.GONE);
        if (entry.group != null) {
            groups.onRemoved(entry);
        }
        onGone(entry);
    }

    private void takeOut(Entry entry, EntryState next) {
        lanes.of(entry).remove(entry, next);
        cursors.onLeft(entry);
    }

    private void onGone(Entry entry) {
        cursors.forgetExclusions(entry);
        account.onGone(entry);
    }

    /** Takes out everything, in the order of delivery. What {@code each} gets is {@link EntryState#GONE}. */
    void removeAll(java.util.function.Consumer<Entry> each) {
        for (Lane lane : lanes.highestFirst()) {
            for (Entry entry = lane.first(); entry != null; entry = lane.first()) {
                remove(entry);
                each.accept(entry);
            }
        }
        cursors.forgetAll();
    }

    /** As {@link Lanes#nextExpiryMillis}. */
    long nextExpiryMillis() {
        return lanes.nextExpiryMillis();
    }

    /** As {@link Lanes#openExpiring}. */
    void openExpiring(long untilMillis) {
        lanes.openExpiring(untilMillis);
    }
}
