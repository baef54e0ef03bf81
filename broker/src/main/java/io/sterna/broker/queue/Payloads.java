package io.sterna.broker.queue;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;

/**
 * The payloads of messages that wait for consumers: they are let go, and come back when they are read. Owned by the
 * partition's event loop.
 */
final class Payloads {
    private final Lanes lanes;
    private final Cursors cursors;
    private final PayloadAccount account;

    Payloads(Lanes lanes, Cursors cursors, PayloadAccount account) {
        this.lanes = lanes;
        this.cursors = cursors;
        this.account = account;
    }

    boolean anyAbsent() {
        return account.anyAbsent();
    }

    /** Lets payloads go, from the back of the lowest priority on. */
    long drop(long bytesToFree) {
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

    /** Lets one go, which its lane does not count among those in memory any more. */
    void letGo(Entry entry) {
        account.drop(entry);
        account.onAbsent();
        lanes.of(entry).onAbsent(entry);
    }

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

    private void supply(Lane lane, Entry entry, QueueMessage message, boolean borrowed) {
        if (entry.resident()) {
            entry.borrowed &= borrowed;
            return;
        }
        supply(entry, message);
        entry.borrowed = borrowed;
        lane.onSupplied(entry);
    }

    /** Puts a payload to an entry that wants one; its lane, if it is in one, has to be told. */
    void supply(Entry entry, QueueMessage message) {
        account.supply(entry, message);
        account.onNoLongerAbsent();
    }

    /** The entries of a range, both ends included, that have no payload and are not among what was loaded. */
    List<Entry> absentBeside(List<LoadedMessage> loaded, long from, long to) {
        List<Entry> absent = new ArrayList<>();
        if (!account.anyAbsent()) {
            return absent;
        }
        for (Lane lane : lanes.highestFirst()) {
            int index = 0;
            for (Entry entry : rising(lane.range(from, to))) {
                while (index < loaded.size() && loaded.get(index).sequence() < entry.sequence()) {
                    index++;
                }
                boolean found = index < loaded.size() && loaded.get(index).sequence() == entry.sequence();
                if (!found && !entry.resident()) {
                    absent.add(entry);
                }
            }
        }
        return absent;
    }

    private static List<Entry> rising(List<Entry> entries) {
        entries.sort(Comparator.comparingLong(Entry::sequence));
        return entries;
    }
}
