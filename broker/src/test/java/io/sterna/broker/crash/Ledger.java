package io.sterna.broker.crash;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What producers and consumers were told about each message, over all lives of the broker. Thread-safe: each method
 * holds the ledger for a moment. A producer never sends a number twice, so each message exists once at most.
 */
final class Ledger {

    /**
     * A message's name.
     *
     * @param producer unique over all lives of the broker
     * @param number counts up from 0 in the order of sending
     */
    record MessageName(String producer, int number) {}

    /** What a consumer knows of one receipt. */
    enum Receipt {
        /** Received, and no outcome given: has to come again once the link is lost. */
        HELD,
        /** An outcome was sent and not answered: may come again or not. */
        IN_DOUBT,
        /** The broker has settled the accepted outcome: never comes again. */
        CONFIRMED
    }

    /** One receipt; its state only moves forward. */
    private static final class Entry {
        private final int life;
        private Receipt receipt = Receipt.HELD;
        private long confirmedNanos;

        private Entry(int life) {
            this.life = life;
        }

        private void confirm() {
            receipt = Receipt.CONFIRMED;
            confirmedNanos = System.nanoTime();
        }

        private String sinceConfirmed() {
            return Duration.ofNanos(System.nanoTime() - confirmedNanos).toMillis() + " ms";
        }
    }

    private static final class Fate {
        private boolean accepted;
        private final List<Entry> receipts = new ArrayList<>();
    }

    private final Map<MessageName, Fate> fates = new HashMap<>();
    private final List<String> violations = new ArrayList<>();
    private final AtomicInteger accepted = new AtomicInteger();
    private final AtomicInteger confirmed = new AtomicInteger();

    /** The producer is about to send. */
    synchronized void sending(MessageName id) {
        if (fates.putIfAbsent(id, new Fate()) != null) {
            throw new IllegalStateException(id + " is sent twice");
        }
    }

    /** The producer was told that the message is accepted. */
    synchronized void accepted(MessageName id) {
        fate(id).accepted = true;
        accepted.incrementAndGet();
    }

    /** A consumer got the message in the broker's life number {@code life}. */
    synchronized void received(MessageName id, int life) {
        Fate fate = fates.get(id);
        if (fate == null) {
            violations.add(id + " was received and never sent");
            return;
        }
        for (Entry earlier : fate.receipts) {
            if (earlier.life == life) {
                violations.add(id + " was received twice in life " + life);
            } else if (earlier.receipt == Receipt.CONFIRMED) {
                violations.add(id + " came back in life " + life + ", was settled in life " + earlier.life + " "
                        + earlier.sinceConfirmed() + " before");
            }
        }
        fate.receipts.add(new Entry(life));
    }

    /** The consumer is about to send the accepted outcome of its last receipt. */
    synchronized void acknowledging(MessageName id) {
        last(id).receipt = Receipt.IN_DOUBT;
    }

    /** The broker has settled that outcome. */
    synchronized void confirmed(MessageName id) {
        last(id).confirm();
        confirmed.incrementAndGet();
    }

    /** A rule was broken that only the caller can see, for instance the order on a link. */
    synchronized void violation(String what) {
        violations.add(what);
    }

    /** How many messages were accepted so far. */
    int acceptedCount() {
        return accepted.get();
    }

    /** How many acknowledgements were confirmed so far. */
    int confirmedCount() {
        return confirmed.get();
    }

    /** All broken rules, once every queue has been emptied; empty when all is well. */
    synchronized List<String> verdict() {
        List<String> all = new ArrayList<>(violations);
        Map<String, Integer> lost = new TreeMap<>();
        fates.forEach((id, fate) -> {
            if (fate.receipts.isEmpty()) {
                if (fate.accepted) {
                    all.add(id + " was accepted and never received");
                    lost.merge(id.producer(), 1, Integer::sum);
                }
            } else if (last(id).receipt == Receipt.HELD) {
                all.add(id + " was received in life " + last(id).life + ", not acknowledged, and never came again");
            }
        });
        if (!lost.isEmpty()) {
            all.add(0, "lost by producer: " + lost);
        }
        return all;
    }

    private Fate fate(MessageName id) {
        Fate fate = fates.get(id);
        if (fate == null) {
            throw new IllegalStateException(id + " is not known");
        }
        return fate;
    }

    private Entry last(MessageName id) {
        List<Entry> receipts = fate(id).receipts;
        return receipts.get(receipts.size() - 1);
    }
}
