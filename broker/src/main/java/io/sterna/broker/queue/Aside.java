package io.sterna.broker.queue;

import org.jspecify.annotations.Nullable;

/**
 * Messages of a queue that are not to be delivered yet. Their payloads are let go where they are elsewhere, too, and
 * don't count as absent: nobody waits for them. Owned by the partition's event loop.
 */
final class Aside {
    private final PayloadAccount account;

    /** What is nowhere but in memory. */
    private final Residents unbacked = new Residents();

    Aside(PayloadAccount account) {
        this.account = account;
    }

    /** A message has just come. */
    void addArrived(Entry entry) {
        if (entry.resident()) {
            account.hold(entry);
            onBacking(entry);
        }
    }

    /** A message was with a consumer. */
    void add(Entry entry) {
        if (entry.resident()) {
            onBacking(entry);
        } else {
            account.onNoLongerAbsent();
        }
    }

    /** It is clear, anew, where else the payload of a message is that is in memory. */
    void onBacking(Entry entry) {
        if (entry.backed()) {
            account.drop(entry);
        } else if (entry.backing() == Backing.NONE) {
            unbacked.add(entry);
        }
    }

    /** A message is to be delivered, or leaves the queue. */
    void remove(Entry entry) {
        if (!entry.resident()) {
            account.onAbsent();
        } else if (entry.backing() == Backing.NONE) {
            unbacked.remove(entry);
        }
    }

    /** Takes the one that came last out of those that are nowhere but in memory, or gives null. */
    @Nullable
    Entry removeFarthestUnbacked() {
        return unbacked.removeFarthest();
    }
}
