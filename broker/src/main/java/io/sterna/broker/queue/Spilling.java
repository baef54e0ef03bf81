package io.sterna.broker.queue;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Payloads of messages that are not durable, on their way to a disk, to be let go then like those that the store has,
 * and back. Owned by the partition's event loop.
 */
public final class Spilling {
    private final Queue queue;
    private final Lanes lanes;
    private final Aside aside;
    private final Payloads payloads;
    private final PayloadAccount account;
    private final Lifecycle lifecycle;

    Spilling(Queue queue, QueueParts parts) {
        this.queue = queue;
        lanes = parts.lanes;
        aside = parts.aside;
        payloads = parts.payloads;
        account = parts.account;
        lifecycle = parts.lifecycle;
    }

    /**
     * Chooses messages that are nowhere but in memory and that nobody has acquired, the one farthest from delivery
     * first. {@link #onWritten} or {@link #onFailed} follows for each; until then they are delivered as before, may
     * leave, and are not chosen again.
     *
     * @param maxBytes stops after the message with which this is reached
     * @return with their payloads; empty when there are none
     */
    public List<Entry> choose(int maxMessages, long maxBytes) {
        assert queue.mayCommand();
        List<Entry> chosen = new ArrayList<>();
        long bytes = choose(aside::removeFarthestUnbacked, maxMessages, maxBytes, chosen);
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

    /**
     * Chosen messages are on disk: from now on {@link QueueEffects#load} brings them back, and their payloads are let
     * go where nobody has them.
     *
     * @return those that are still here; {@link QueueEffects#spillUnneeded} follows for each that leaves
     */
    public List<Entry> onWritten(List<Entry> chosen) {
        assert queue.mayCommand();
        List<Entry> here = new ArrayList<>(chosen.size());
        for (Entry entry : chosen) {
            if (entry.state() != EntryState.GONE) {
                onWritten(entry);
                here.add(entry);
            }
        }
        queue.pack();
        return here;
    }

    private void onWritten(Entry entry) {
        entry.transitionTo(Backing.SPILL);
        switch (entry.state()) {
            case FRESH, RETURNED -> payloads.letGo(entry);
            case SCHEDULED -> aside.onBacking(entry);
            case ACQUIRED -> {}
            case GONE -> throw new IllegalStateException("message " + entry.sequence() + " has left");
        }
    }

    /** Chosen messages could not be written. They stay in memory, and may be chosen again. */
    public void onFailed(List<Entry> chosen) {
        assert queue.mayCommand();
        for (Entry entry : chosen) {
            if (entry.state() != EntryState.GONE) {
                onUnbacked(entry);
            }
        }
    }

    private void onUnbacked(Entry entry) {
        entry.transitionTo(Backing.NONE);
        if (entry.waiting()) {
            lanes.of(entry).onSupplied(entry);
        } else if (entry.state() == EntryState.SCHEDULED) {
            aside.onBacking(entry);
        }
    }

    /**
     * The place on disk of these messages is given up. Those of them that are there and that nobody has acquired are in
     * memory again, and nowhere else.
     *
     * @param messages rising by sequence
     * @return which these are
     */
    public List<Long> takeBack(List<LoadedMessage> messages) {
        assert queue.mayCommand();
        List<Long> taken = new ArrayList<>(messages.size());
        for (LoadedMessage loaded : messages) {
            Entry entry = findUnacquired(loaded.sequence());
            if (entry != null && entry.spilled()) {
                takeBack(entry, loaded.message());
                taken.add(loaded.sequence());
            }
        }
        queue.dispatch();
        return taken;
    }

    private void takeBack(Entry entry, QueueMessage message) {
        if (entry.resident()) {
            lanes.of(entry).onDropped(entry);
        } else if (entry.waiting()) {
            payloads.supply(entry, message);
        } else {
            account.supply(entry, message);
        }
        entry.borrowed = false;
        onUnbacked(entry);
    }

    /** An entry that nobody has acquired, or null. */
    private @Nullable Entry findUnacquired(long sequence) {
        Entry scheduled = lifecycle.findScheduled(sequence);
        return scheduled == null ? lanes.find(sequence) : scheduled;
    }
}
