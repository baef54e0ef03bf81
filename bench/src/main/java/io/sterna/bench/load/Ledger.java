package io.sterna.bench.load;

import java.util.NavigableSet;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What one producer of a soak has sent, 0, 1, 2, …, and what it knows of it. Each number is sent once by us; the
 * provider may send it again by itself when it has reconnected. Any thread.
 *
 * <p>Only what is not plain is kept: some hundred numbers for each outage.
 */
final class Ledger {

    /** Numbers sent in one transaction. */
    record Batch(long first, int size) {}

    private final Outages outages;
    private final AtomicLong next = new AtomicLong();
    private final NavigableSet<Long> unknown = new ConcurrentSkipListSet<>();
    private final NavigableSet<Long> maybeTwice = new ConcurrentSkipListSet<>();
    private final Queue<Batch> unknownBatches = new ConcurrentLinkedQueue<>();

    Ledger(Outages outages) {
        this.outages = outages;
    }

    /** The number of the message that is sent now. */
    long begin() {
        return next.getAndIncrement();
    }

    /** The numbers of the messages that are sent now in one transaction. */
    Batch beginBatch(int size) {
        return new Batch(next.getAndAdd(size), size);
    }

    /** How many were sent. */
    long sent() {
        return next.get();
    }

    /** The broker accepted it; during an outage it may have done so twice. */
    void onAccepted(long number, int sentAt) {
        if (outages.disturbedSince(sentAt)) {
            maybeTwice.add(number);
        }
    }

    /** Nobody knows what became of it. */
    void onUnknown(long number) {
        unknown.add(number);
        maybeTwice.add(number);
    }

    /** Nobody knows what became of a commit: the broker has all of it, or nothing. */
    void onUnknown(Batch batch) {
        unknownBatches.add(batch);
        for (long number = batch.first(); number < batch.first() + batch.size(); number++) {
            unknown.add(number);
        }
    }

    boolean mayBeMissing(long number) {
        return unknown.contains(number);
    }

    boolean mayComeTwice(long number) {
        return maybeTwice.contains(number);
    }

    Iterable<Batch> unknownBatches() {
        return unknownBatches;
    }

    /** One more than the last number that has to arrive, once nothing is in flight; 0 for none. */
    long endOfExpected() {
        long end = next.get();
        while (end > 0 && unknown.contains(end - 1)) {
            end--;
        }
        return end;
    }
}
