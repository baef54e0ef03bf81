package io.sterna.store;

import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import org.h2.mvstore.MVStoreException;

/**
 * Reads that wait for the worker. Each is answered once, also when the worker ends before it comes to it. Any thread, but
 * for {@link #answerNext}.
 */
final class PendingReads {
    private final MessageFinder finder;
    private final Supplier<StoreException> reason;
    private final Queue<Read> waiting = new ConcurrentLinkedQueue<>();
    private volatile boolean ended;

    /**
     * Nothing waits yet.
     *
     * @param reason why reads can't be answered when the worker has ended
     */
    PendingReads(MessageFinder finder, Supplier<StoreException> reason) {
        this.finder = finder;
        this.reason = reason;
    }

    /** What was asked for, and by whom. */
    record Read(long queueId, long fromSequence, int maxMessages, long maxBytes, MessageReader reader) {}

    /** Lets a read wait; the worker is then to be told that there is one more. */
    void add(Read read) {
        waiting.add(read);
        if (ended) {
            failAll();
        }
    }

    /** The worker has ended: what waits and what comes is refused. */
    void end() {
        ended = true;
        failAll();
    }

    private void failAll() {
        for (Read read = waiting.poll(); read != null; read = waiting.poll()) {
            read.reader().onFailed(reason.get());
        }
    }

    /** The worker: answers one, if it still waits. */
    void answerNext() {
        Optional.ofNullable(waiting.poll()).ifPresent(this::answer);
    }

    private void answer(Read read) {
        List<StoredMessage> messages;
        try {
            messages = finder.read(read.queueId(), read.fromSequence(), read.maxMessages(), read.maxBytes());
        } catch (StoreException e) {
            read.reader().onFailed(e);
            return;
        } catch (MVStoreException e) {
            read.reader().onFailed(failed(read, "in the message store: " + e.getMessage(), e));
            return;
        } catch (RuntimeException | Error e) {
            // The worker ends of it, and this read does not wait any more.
            read.reader().onFailed(failed(read, "with " + e, e));
            throw e;
        }
        read.reader().onMessages(messages);
    }

    private static StoreException failed(Read read, String how, Throwable cause) {
        return new StoreException(
                "Reading queue " + read.queueId() + " from sequence " + read.fromSequence() + " on failed " + how,
                cause);
    }
}
