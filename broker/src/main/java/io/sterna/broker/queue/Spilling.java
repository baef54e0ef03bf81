package io.sterna.broker.queue;

import java.util.ArrayList;
import java.util.List;

/**
 * Payloads of messages that are not durable, on their way to a disk, to be let go then like those that the store has, and
 * back. Owned by the partition's event loop.
 */
public final class Spilling {
    private final Queue queue;
    private final Backlog backlog;
    private final Lifecycle lifecycle;

    Spilling(Queue queue, Backlog backlog, Lifecycle lifecycle) {
        this.queue = queue;
        this.backlog = backlog;
        this.lifecycle = lifecycle;
    }

    /**
     * Chooses messages that are nowhere but in memory and that nobody has acquired, the one farthest from delivery first.
     * {@link #onWritten} or {@link #onFailed} follows for each; until then they are delivered as before, may leave, and are
     * not chosen again.
     *
     * @param maxBytes stops after the message with which this is reached
     * @return with their payloads; empty when there are none
     */
    public List<Entry> choose(int maxMessages, long maxBytes) {
        assert queue.mayCommand();
        return backlog.chooseToSpill(maxMessages, maxBytes);
    }

    /**
     * Chosen messages are on disk: from now on {@link QueueEffects#load} brings them back, and their payloads are let go
     * where nobody has them.
     *
     * @return those that are still here; {@link QueueEffects#spillUnneeded} follows for each that leaves
     */
    public List<Entry> onWritten(List<Entry> chosen) {
        assert queue.mayCommand();
        List<Entry> here = new ArrayList<>(chosen.size());
        for (Entry entry : chosen) {
            if (entry.state() != EntryState.GONE) {
                backlog.onSpilled(entry);
                here.add(entry);
            }
        }
        queue.pack();
        return here;
    }

    /** Chosen messages could not be written. They stay in memory, and may be chosen again. */
    public void onFailed(List<Entry> chosen) {
        assert queue.mayCommand();
        for (Entry entry : chosen) {
            if (entry.state() != EntryState.GONE) {
                backlog.onNotSpilled(entry);
            }
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
            Entry entry = lifecycle.findUnacquired(loaded.sequence());
            if (entry != null && entry.spilled()) {
                backlog.takeBack(entry, loaded.message());
                taken.add(loaded.sequence());
            }
        }
        queue.dispatch();
        return taken;
    }
}
