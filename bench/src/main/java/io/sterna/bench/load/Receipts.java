package io.sterna.bench.load;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What the consumers of one queue or subscription have seen of what one producer sent, and whether that is right:
 *
 * <ul>
 *   <li>numbers come for the first time in the order in which they were sent;
 *   <li>one is missing only when its send had an unknown outcome, and then does not come later;
 *   <li>one comes again only when it may have been accepted twice, or when there was an outage after it had been
 *       acknowledged and before that acknowledgement was known to be safe.
 * </ul>
 *
 * <p>Owned by the consumer's thread, one at a time, and by the soak's between them; {@link #awaitRoom} is for the
 * producer.
 */
final class Receipts {

    private static final Duration STALL = Duration.ofSeconds(90);

    private final String name;
    private final Ledger ledger;
    private final Outages outages;

    // Any thread: 0 ≤ sent − next ≤ lead
    private final Semaphore room;

    // Any thread reads
    private final AtomicLong received = new AtomicLong();
    private final AtomicLong again = new AtomicLong();

    // Consumer's thread
    private final NavigableSet<Long> skipped = new TreeSet<>();
    private final NavigableSet<Long> late = new TreeSet<>();
    private final NavigableSet<Long> repeated = new TreeSet<>();
    private final NavigableSet<Long> returned = new TreeSet<>();
    private long next;
    private long safe;
    private int safeAt;

    /** @param lead how far its producer may be ahead */
    Receipts(String name, Ledger ledger, Outages outages, int lead) {
        this.name = name;
        this.ledger = ledger;
        this.outages = outages;
        this.room = new Semaphore(lead);
    }

    /** Waits until the consumer is near enough for one more. */
    void awaitRoom() throws InterruptedException, ScenarioFailedException {
        if (!room.tryAcquire(STALL.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new ScenarioFailedException(
                    name + ": nothing of what was sent has arrived for " + STALL.toSeconds() + " s");
        }
    }

    void onReceived(long number) {
        if (number >= next) {
            moveTo(number);
            next++;
            received.incrementAndGet();
            room.release();
        } else if (skipped.remove(number)) {
            late.add(number);
        } else {
            again.incrementAndGet();
            if (number < safe) {
                returned.add(number);
            } else if (!outages.disturbedSince(safeAt)) {
                repeated.add(number);
            }
        }
    }

    /**
     * What was received so far is known to be acknowledged: the transaction was committed, or the connection closed in
     * order. Changes nothing where there was an outage since that connection was opened.
     */
    void onSafe(int openedAt) {
        if (!outages.disturbedSince(openedAt)) {
            safe = next;
            safeAt = openedAt;
        }
    }

    /** Whether all has arrived that must; only once the producer has nothing in flight. */
    boolean isComplete() {
        return next >= ledger.endOfExpected();
    }

    /** How many came for the first time. Any thread. */
    long received() {
        return received.get();
    }

    /** How many came again, rightly or not. Any thread. */
    long again() {
        return again.get();
    }

    /** What is wrong, once the queue is empty and nothing is in flight. */
    List<String> problems() {
        moveTo(ledger.sent());
        List<String> problems = new ArrayList<>();
        tell(problems, "lost", select(skipped, number -> !ledger.mayBeMissing(number)));
        tell(problems, "came after later ones", late);
        tell(
                problems,
                "came again after their acknowledgement was known to be safe",
                select(returned, number -> !ledger.mayComeTwice(number)));
        tell(
                problems,
                "came again with no outage that would explain it",
                select(repeated, number -> !ledger.mayComeTwice(number)));
        for (Ledger.Batch batch : ledger.unknownBatches()) {
            int missing =
                    skipped.subSet(batch.first(), batch.first() + batch.size()).size();
            if (missing > 0 && missing < batch.size()) {
                problems.add(name + ": of the transaction with " + batch.first() + " to "
                        + (batch.first() + batch.size() - 1) + ", " + missing + " are missing");
            }
        }
        return problems;
    }

    private void moveTo(long number) {
        for (; next < number; next++) {
            skipped.add(next);
            room.release();
        }
    }

    private interface Condition {
        boolean holds(long number);
    }

    private static NavigableSet<Long> select(NavigableSet<Long> numbers, Condition condition) {
        NavigableSet<Long> selected = new TreeSet<>();
        for (long number : numbers) {
            if (condition.holds(number)) {
                selected.add(number);
            }
        }
        return selected;
    }

    private void tell(List<String> problems, String what, NavigableSet<Long> numbers) {
        if (!numbers.isEmpty()) {
            problems.add(name + ": " + numbers.size() + " messages " + what + ", from number " + numbers.first()
                    + " to " + numbers.last());
        }
    }
}
