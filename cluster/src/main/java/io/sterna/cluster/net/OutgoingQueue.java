package io.sterna.cluster.net;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jctools.queues.MpscUnboundedArrayQueue;
import org.jspecify.annotations.Nullable;

/**
 * What waits to be sent over one connection. When it is too much, no more is ever taken: what the other side gets has an end
 * and no holes.
 */
final class OutgoingQueue {
    private static final int CHUNK_ENTRIES = 256;

    private final long maxBytes;
    private final long maxEntryBytes;
    private final Runnable wakeUp;

    // Any thread
    private final MpscUnboundedArrayQueue<Outgoing> entries = new MpscUnboundedArrayQueue<>(CHUNK_ENTRIES);
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicBoolean awake = new AtomicBoolean();
    private volatile Optional<String> overflow = Optional.empty();
    private volatile boolean closed;

    /** @param wakeUp called by any thread when there is something to do: once, until the event loop has looked */
    OutgoingQueue(long maxBytes, long maxEntryBytes, Runnable wakeUp) {
        this.maxBytes = maxBytes;
        this.maxEntryBytes = maxEntryBytes;
        this.wakeUp = wakeUp;
    }

    /**
     * Adds an entry. Any thread.
     *
     * @return false when it is not taken, and nothing after it
     */
    boolean offer(Outgoing entry) {
        if (closed || overflow.isPresent()) {
            return false;
        }
        long before = bytes.getAndAdd(entry.bytes());
        boolean fits = false;
        if (entry.bytes() > maxEntryBytes) {
            overflow = Optional.of("a message of about " + entry.bytes() + " bytes is longer than the " + maxEntryBytes
                    + " bytes that nodes take");
        } else if (before != 0 && before + entry.bytes() > maxBytes) {
            // One that is alone may be longer than all that may wait.
            overflow = Optional.of("more waited to be sent to it than the " + maxBytes + " bytes that may");
        } else {
            fits = true;
            entries.offer(entry);
        }
        if (!awake.get() && awake.compareAndSet(false, true)) {
            wakeUp.run();
        }
        return fits;
    }

    /** The event loop looks; what is added from now on wakes it again. */
    void onAwake() {
        awake.set(false);
    }

    /** Why something was not taken, for people; empty when all was. Any thread. */
    Optional<String> overflow() {
        return overflow;
    }

    /** The next one. On the event loop. */
    @Nullable
    Outgoing poll() {
        Outgoing entry = entries.poll();
        if (entry != null) {
            bytes.addAndGet(-entry.bytes());
        }
        return entry;
    }

    /** About how much waits. Any thread. */
    long bytes() {
        return bytes.get();
    }

    /** Takes nothing more and forgets what is there. On the event loop. */
    void close() {
        closed = true;
        entries.clear();
    }
}
