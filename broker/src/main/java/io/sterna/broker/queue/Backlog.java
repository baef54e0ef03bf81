package io.sterna.broker.queue;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where each message of a queue is, and the account of all payloads in memory. Owned by the partition's event loop.
 */
final class Backlog {
    private final Lanes lanes;
    private final Cursors cursors;
    private final Groups groups;

    /** What is not to be delivered yet, and is nowhere but in memory. */
    private final Residents aside = new Residents();

    private int acquired;
    private int absent;
    private long residentBytes;

    Backlog(Lanes lanes, Cursors cursors, Groups groups) {
        this.lanes = lanes;
        this.cursors = cursors;
        this.groups = groups;
    }

    int size() {
        return lanes.size();
    }

    /** Messages delivered and not settled. */
    int acquired() {
        return acquired;
    }

    /** Payloads in memory, those of acquired messages included, bytes. */
    long residentBytes() {
        return residentBytes;
    }

    boolean hasAbsentPayloads() {
        return absent > 0;
    }

    /** The one that was sent first, or null. */
    @Nullable
    Entry oldest() {
        return lanes.oldest();
    }

    private void hold(Entry entry) {
        residentBytes += entry.sizeBytes();
        entry.message().onHeld();
    }

    private void letGoOf(Entry entry) {
        residentBytes -= entry.sizeBytes();
        assert residentBytes >= 0;
        entry.message().onLetGo();
    }

    /** A message enters that is above all others. */
    void append(Entry entry) {
        if (entry.resident()) {
            hold(entry);
        } else {
            absent++;
        }
        lanes.of(entry).addLast(entry);
        if (entry.traits().grouped()) {
            groups.onWaiting(entry);
        }
    }

    /** A message that has just come is not to be delivered yet; its payload is let go if that is elsewhere, too. */
    void setAsideArrived(Entry entry) {
        entry.transitionTo(EntryState.SCHEDULED);
        if (entry.resident()) {
            hold(entry);
            letGoAside(entry);
        }
    }

    /** An acquired entry is not to be delivered again yet; its payload is let go if that is elsewhere, too. */
    void setAside(Entry entry) {
        acquired--;
        if (entry.group != null) {
            groups.onSettled(entry);
        }
        entry.transitionTo(EntryState.SCHEDULED);
        letGoAside(entry);
    }

    /** Payloads of what was set aside don't count as absent: nobody waits for them. */
    private void letGoAside(Entry entry) {
        if (!entry.resident()) {
            absent--;
        } else if (entry.backed()) {
            letGoOf(entry);
            entry.dropPayload();
        } else if (entry.backing() == Backing.NONE) {
            aside.add(entry);
        }
    }

    private void onNoLongerAside(Entry entry) {
        if (!entry.resident()) {
            absent++;
        } else if (entry.backing() == Backing.NONE) {
            aside.remove(entry);
        }
    }

    /** An entry that was set aside takes the place of its sequence. */
    void enter(Entry entry) {
        onNoLongerAside(entry);
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
        onNoLongerAside(entry);
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
        if (entry.resident()) {
            letGoOf(entry);
        } else {
            absent--;
        }
        assert absent >= 0;
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

    /** Lets payloads go, from the back of the lowest priority on. */
    long dropPayloads(long bytesToFree) {
        long freed = 0;
        List<Lane> highestFirst = lanes.highestFirst();
        for (int index = highestFirst.size() - 1; index >= 0; index--) {
            while (freed < bytesToFree) {
                Entry farthest = highestFirst.get(index).removeFarthestResident();
                if (farthest == null) {
                    break;
                }
                letGo(farthest);
                freed += farthest.sizeBytes();
            }
        }
        return freed;
    }

    private void letGo(Entry entry) {
        letGoOf(entry);
        entry.dropPayload();
        absent++;
        lanes.of(entry).onAbsent(entry);
    }

    // ---- Spilling

    /** As {@link Spilling#choose}. */
    List<Entry> chooseToSpill(int maxMessages, long maxBytes) {
        List<Entry> chosen = new ArrayList<>();
        long bytes = choose(aside::removeFarthest, maxMessages, maxBytes, chosen);
        List<Lane> highestFirst = lanes.highestFirst();
        for (int index = highestFirst.size() - 1; index >= 0 && bytes < maxBytes; index--) {
            bytes += choose(highestFirst.get(index)::removeFarthestUnbacked, maxMessages, maxBytes - bytes, chosen);
        }
        return chosen;
    }

    private static long choose(Supplier<@Nullable Entry> farthest, int maxMessages, long maxBytes, List<Entry> chosen) {
        long bytes = 0;
        while (bytes < maxBytes && chosen.size() < maxMessages) {
            Entry next = farthest.get();
            if (next == null) {
                break;
            }
            next.transitionTo(Backing.COMING);
            chosen.add(next);
            bytes += next.sizeBytes();
        }
        return bytes;
    }

    void onSpilled(Entry entry) {
        entry.transitionTo(Backing.SPILL);
        switch (entry.state()) {
            case FRESH, RETURNED -> letGo(entry);
            case SCHEDULED -> letGoAside(entry);
            case ACQUIRED -> {}
            case GONE -> throw new IllegalStateException("message " + entry.sequence() + " has left");
        }
    }

    void onNotSpilled(Entry entry) {
        entry.transitionTo(Backing.NONE);
        onUnbacked(entry);
    }

    private void onUnbacked(Entry entry) {
        if (entry.waiting()) {
            lanes.of(entry).onSupplied(entry);
        } else if (entry.state() == EntryState.SCHEDULED) {
            aside.add(entry);
        }
    }

    /** What has been spilled, and nobody has acquired, is in memory again and nowhere else. */
    void takeBack(Entry entry, QueueMessage message) {
        if (entry.resident()) {
            lanes.of(entry).onDropped(entry);
        } else {
            entry.supply(message);
            hold(entry);
            absent -= entry.waiting() ? 1 : 0;
        }
        entry.borrowed = false;
        entry.transitionTo(Backing.NONE);
        onUnbacked(entry);
    }

    /** An entry that waits for consumers, or null. */
    @Nullable
    Entry findWaiting(long sequence) {
        for (Lane lane : lanes.highestFirst()) {
            for (Entry entry : lane.range(sequence, sequence)) {
                return entry;
            }
        }
        return null;
    }

    // ---- Payloads that come back

    /** Lets go what was read for cursors that did not want it. */
    void returnReadInVain() {
        if (!cursors.hasReadInVain()) {
            return;
        }
        for (Entry entry : cursors.takeReadInVain()) {
            if (entry.borrowed && entry.waiting() && entry.resident()) {
                lanes.of(entry).onDropped(entry);
                letGo(entry);
            }
        }
    }

    /**
     * Puts payloads to those entries that want one; what is acquired, gone or has its payload is passed over.
     *
     * @param messages rising by sequence
     * @param borrowed whether it is only to see what they are
     */
    void supply(List<LoadedMessage> messages, Predicate<Entry> wanted, boolean borrowed) {
        if (messages.isEmpty()) {
            return;
        }
        long from = messages.get(0).sequence();
        long to = messages.get(messages.size() - 1).sequence();
        for (Lane lane : lanes.highestFirst()) {
            int index = 0;
            for (Entry entry : rising(lane.range(from, to))) {
                while (messages.get(index).sequence() < entry.sequence()) {
                    index++;
                }
                LoadedMessage loaded = messages.get(index);
                if (loaded.sequence() == entry.sequence() && wanted.test(entry)) {
                    supply(lane, entry, loaded.message(), borrowed);
                }
            }
        }
    }

    /** The payload of a restored message that a consumer has. */
    void supplyAcquired(Entry entry, QueueMessage message) {
        entry.supply(message);
        hold(entry);
        absent--;
    }

    private void supply(Lane lane, Entry entry, QueueMessage message, boolean borrowed) {
        if (entry.resident()) {
            entry.borrowed &= borrowed;
            return;
        }
        entry.supply(message);
        entry.borrowed = borrowed;
        lane.onSupplied(entry);
        hold(entry);
        absent--;
    }

    /**
     * Takes out the entries of a range, both ends included, that have no payload and are not among what was loaded. They
     * are {@link EntryState#GONE}.
     */
    List<Entry> removeAbsent(long from, long to, List<LoadedMessage> loaded) {
        List<Entry> removed = new ArrayList<>();
        if (absent == 0) {
            return removed;
        }
        for (Lane lane : lanes.highestFirst()) {
            int index = 0;
            for (Entry entry : rising(lane.range(from, to))) {
                while (index < loaded.size() && loaded.get(index).sequence() < entry.sequence()) {
                    index++;
                }
                boolean found = index < loaded.size() && loaded.get(index).sequence() == entry.sequence();
                if (!found && !entry.resident()) {
                    removed.add(entry);
                }
            }
        }
        removed.forEach(this::remove);
        return removed;
    }

    private static List<Entry> rising(List<Entry> entries) {
        entries.sort(Comparator.comparingLong(Entry::sequence));
        return entries;
    }
}
