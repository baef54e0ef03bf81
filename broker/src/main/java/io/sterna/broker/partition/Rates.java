package io.sterna.broker.partition;

import java.util.Map;

/**
 * What went through a queue since the broker started, and how fast it did within the last interval; and whether it
 * stalls: messages waited at both ends of the interval, consumers had credit for them, and none was delivered. While
 * nothing goes through it, and nothing should, this costs no time. Owned by the partition's loop.
 */
final class Rates {
    private final QueueNode node;
    private Counts counted = Counts.NONE;
    private Counts perSecond = Counts.NONE;
    private long delivered;
    private long sinceMillis;
    private boolean watched;
    private boolean owed;
    private boolean stalled;

    private record Counts(double enqueued, double delivered, double acknowledged) {
        static final Counts NONE = new Counts(0, 0, 0);

        Counts since(Counts before, double seconds) {
            return new Counts(
                    (enqueued - before.enqueued) / seconds,
                    (delivered - before.delivered) / seconds,
                    (acknowledged - before.acknowledged) / seconds);
        }
    }

    Rates(QueueNode node) {
        this.node = node;
    }

    private Counts now() {
        return new Counts(
                node.queue().figures().enqueuedTotal(),
                delivered,
                node.queue().figures().acknowledgedTotal());
    }

    void onDelivered() {
        delivered++;
    }

    /** Something may have gone through. */
    void onChange() {
        if (!watched) {
            watched = true;
            sinceMillis = node.loop().nowMillis();
            node.loop().rates().watch(this);
        }
    }

    /** The interval of the loop is over; false when nothing has happened in it, and it need not be told again. */
    boolean onInterval(long nowMillis) {
        long tookMillis = nowMillis - sinceMillis;
        if (tookMillis < LoopRates.INTERVAL_MILLIS / 2) {
            return true; // It began with what had happened at once: too short to tell.
        }
        Counts now = now();
        perSecond = now.since(counted, tookMillis / 1000.0);
        boolean owes = node.queue().figures().owesDelivery();
        stalled(owed && owes && perSecond.delivered() == 0);
        owed = owes;
        watched = owes || !perSecond.equals(Counts.NONE);
        counted = now;
        sinceMillis = nowMillis;
        return watched;
    }

    private void stalled(boolean now) {
        if (now != stalled) {
            stalled = now;
            node.loop().figures().addStalled(now ? 1 : -1);
        }
    }

    /** Adds what operators see. */
    void describe(Map<String, Object> attributes) {
        attributes.put("enqueued", node.queue().figures().enqueuedTotal());
        attributes.put("delivered", delivered);
        attributes.put("acknowledged", node.queue().figures().acknowledgedTotal());
        attributes.put("enqueuedPerSecond", rounded(perSecond.enqueued()));
        attributes.put("deliveredPerSecond", rounded(perSecond.delivered()));
        attributes.put("acknowledgedPerSecond", rounded(perSecond.acknowledged()));
        attributes.put("stalled", stalled);
    }

    private static double rounded(double rate) {
        return Math.round(rate * 10) / 10.0;
    }
}
