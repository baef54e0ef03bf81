package io.sterna.store;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Reads from a store and waits for the answer. */
final class Reading implements MessageReader {
    private final CompletableFuture<List<StoredMessage>> answer = new CompletableFuture<>();

    static List<StoredMessage> read(Store store, long queueId, long fromSequence, int maxMessages, long maxBytes)
            throws StoreException {
        Reading reading = new Reading();
        store.read(queueId, fromSequence, maxMessages, maxBytes, reading);
        return reading.await();
    }

    @Override
    public void onMessages(List<StoredMessage> messages) {
        answer.complete(messages);
    }

    @Override
    public void onFailed(StoreException cause) {
        answer.completeExceptionally(cause);
    }

    List<StoredMessage> await() throws StoreException {
        try {
            return answer.get(30, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof StoreException failure) {
                throw failure;
            }
            throw new AssertionError(e);
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError("no answer to a read", e);
        }
    }
}
