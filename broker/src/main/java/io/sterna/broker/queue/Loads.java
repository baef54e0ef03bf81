package io.sterna.broker.queue;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Has payloads read back for those who wait for them. What all consumers wait for is kept; what is read to see whether
 * one consumer wants it goes again when it does not. Owned by the partition's event loop.
 */
final class Loads {
    private final QueueEffects effects;
    private final LoadLimits limits;
    private final Lanes lanes;
    private final Backlog backlog;
    private final Payloads payloads;
    private final LoadWindow window = new LoadWindow();
    private long clock;

    // Wishes of this time that messages are handed out.
    private @Nullable Entry forAll;
    private @Nullable Entry forReader;
    private @Nullable Consumer reader;

    Loads(QueueEffects effects, LoadLimits limits, Lanes lanes, Backlog backlog, Payloads payloads) {
        this.effects = effects;
        this.limits = limits;
        this.lanes = lanes;
        this.backlog = backlog;
        this.payloads = payloads;
    }

    boolean failed() {
        return window.failed();
    }

    void onDelivered(Entry entry) {
        window.onDelivered(entry.sequence());
    }

    void forgetWishes() {
        forAll = null;
        forReader = null;
        reader = null;
    }

    /** As {@link Payloads#returnReadInVain}. */
    void returnReadInVain() {
        payloads.returnReadInVain();
    }

    /** All consumers that may have every message wait for this one. */
    void wishForAll(Entry entry) {
        forAll = entry;
    }

    /** One consumer alone waits for a message; of several the one comes first that was not read for the longest. */
    void wish(Consumer consumer, Entry entry) {
        if (reader == null || consumer.lastLoad < reader.lastLoad) {
            reader = consumer;
            forReader = entry;
        }
    }

    /**
     * Asks for what is most needed.
     *
     * @param turns where those are for whom to read ahead
     * @param lastSequence of the queue
     */
    void maybeAsk(Turns turns, long lastSequence) {
        if (!payloads.anyAbsent() || !window.mayAsk()) {
            return;
        }
        Entry common = forAll == null && turns.anyPlainReady() ? firstAhead() : forAll;
        Entry single = forReader;
        Consumer singleReader = reader;
        if (single != null && singleReader != null && (common == null || window.lastWasForAll())) {
            singleReader.lastLoad = ++clock;
            ask(single, lastSequence, singleReader);
        } else if (common != null) {
            ask(common, lastSequence, null);
        }
    }

    private void ask(Entry entry, long lastSequence, @Nullable Consumer forConsumer) {
        window.onAsked(entry.sequence(), lastSequence, entry.priority(), forConsumer);
        effects.load(entry.sequence(), limits);
    }

    private @Nullable Entry firstAhead() {
        long from = window.aheadFrom();
        if (from == LoadWindow.NONE) {
            return null;
        }
        for (Lane lane : lanes.highestFirst()) {
            Entry next = lane.priority() == window.priority() ? lane.firstFrom(from) : null;
            if (next != null && !next.resident()) {
                return next;
            }
        }
        return null;
    }

    /** Takes an answer over, and gives the entries that turn out to be missing; they are gone. */
    List<Entry> onLoaded(List<LoadedMessage> messages) {
        checkInFlight();
        long answeredUpTo = window.onAnswered(messages);
        Consumer forConsumer = window.reader();
        boolean borrowed = forConsumer != null && (forConsumer.filters() || forConsumer.browser != null);
        payloads.supply(messages, entry -> isWanted(entry, forConsumer), borrowed);
        List<Entry> missing = payloads.absentBeside(messages, window.from(), answeredUpTo);
        missing.forEach(backlog::remove);
        return missing;
    }

    private boolean isWanted(Entry entry, @Nullable Consumer forConsumer) {
        if (forConsumer == null) {
            return entry.priority() >= window.priority();
        }
        if (!forConsumer.attached()) {
            return false;
        }
        if (forConsumer.browser != null) {
            return entry.priority() == window.priority() && forConsumer.browser.reaches(entry);
        }
        if (entry.group != null && entry.group.owner != null) {
            return entry.group.owner == forConsumer;
        }
        Cursor cursor = forConsumer.cursor;
        return entry.priority() == window.priority() && (cursor == null || cursor.reaches(entry));
    }

    void onFailed() {
        checkInFlight();
        window.onFailed();
    }

    void resume() {
        window.resume();
    }

    private void checkInFlight() {
        if (!window.inFlight()) {
            throw new IllegalStateException("no load was asked for");
        }
    }
}
