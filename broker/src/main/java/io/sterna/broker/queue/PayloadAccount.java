package io.sterna.broker.queue;

/**
 * The account of a queue's payloads: how much of them is in memory, and how many are absent that somebody may wait for.
 * Owned by the partition's event loop.
 */
final class PayloadAccount {
    private int absent;
    private long residentBytes;

    /** Payloads in memory, those of acquired messages included, bytes. */
    long residentBytes() {
        return residentBytes;
    }

    boolean anyAbsent() {
        return absent > 0;
    }

    /** A message enters the queue, for delivery. */
    void onEntered(Entry entry) {
        if (entry.resident()) {
            hold(entry);
        } else {
            absent++;
        }
    }

    /** A message leaves the queue. */
    void onGone(Entry entry) {
        if (entry.resident()) {
            letGoOf(entry);
        } else {
            onNoLongerAbsent();
        }
    }

    /** A payload is in memory that was not counted. */
    void hold(Entry entry) {
        residentBytes += entry.sizeBytes();
        entry.message().onHeld();
    }

    private void letGoOf(Entry entry) {
        residentBytes -= entry.sizeBytes();
        assert residentBytes >= 0;
        entry.message().onLetGo();
    }

    /** Brings a payload into memory; whether it counted as absent is for the caller to say. */
    void supply(Entry entry, QueueMessage message) {
        entry.supply(message);
        hold(entry);
    }

    /** Lets a payload go that is elsewhere, too; whether it counts as absent is for the caller to say. */
    void drop(Entry entry) {
        letGoOf(entry);
        entry.dropPayload();
    }

    void onAbsent() {
        absent++;
    }

    void onNoLongerAbsent() {
        absent--;
        assert absent >= 0;
    }
}
