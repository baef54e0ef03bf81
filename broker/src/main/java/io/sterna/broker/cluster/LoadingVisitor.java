package io.sterna.broker.cluster;

import io.sterna.broker.partition.Loop;
import io.sterna.store.Contents.PartitionVisitor;
import io.sterna.store.LogOperation.NodeCreated;
import io.sterna.store.RecoveredMessage;
import io.sterna.store.RecoveryVisitor;
import io.sterna.store.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Hands what the store tells of a partition over to its loop, some at a time, and has the store wait when the loop does not
 * keep up. Called on a thread of the store.
 */
final class LoadingVisitor implements PartitionVisitor {
    private static final int BATCH = 1_000;
    private static final int BATCHES_UNDER_WAY = 16;
    private static final long PATIENCE_SECONDS = 60;

    private final Loop loop;
    private final RecoveryVisitor target;
    private final Consumer<Optional<Exception>> done;
    private final Semaphore room = new Semaphore(BATCHES_UNDER_WAY);
    private List<Runnable> batch = new ArrayList<>(BATCH);
    private boolean ended;

    /**
     * @param target called on the loop
     * @param done called on the loop when all was told, or with the reason why not
     */
    LoadingVisitor(Loop loop, RecoveryVisitor target, Consumer<Optional<Exception>> done) {
        this.loop = loop;
        this.target = target;
        this.done = done;
    }

    private void tell(Runnable what) {
        batch.add(what);
        if (batch.size() == BATCH) {
            handOver();
        }
    }

    private void handOver() {
        if (ended) {
            return;
        }
        try {
            if (!room.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                end(new IllegalStateException("the event loop has not kept up for " + PATIENCE_SECONDS + " s"));
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            end(e);
            return;
        }
        List<Runnable> now = batch;
        batch = new ArrayList<>(BATCH);
        loop.post(() -> {
            room.release();
            now.forEach(Runnable::run);
        });
    }

    private void end(Exception reason) {
        ended = true;
        loop.post(() -> done.accept(Optional.of(reason)));
    }

    @Override
    public void onPartition(int partition, long epoch, long index) {
        tell(() -> target.onPartition(partition, epoch, index));
    }

    @Override
    public void onNode(int partition, NodeCreated node) {
        tell(() -> target.onNode(partition, node));
    }

    @Override
    public void onValue(int partition, long nodeId, byte[] key, byte[] value) {
        tell(() -> target.onValue(partition, nodeId, key, value));
    }

    @Override
    public void onMessage(int partition, long queueId, RecoveredMessage message) {
        tell(() -> target.onMessage(partition, queueId, message));
    }

    @Override
    public void onEnd() {
        handOver();
        if (!ended) {
            ended = true;
            loop.post(() -> done.accept(Optional.empty()));
        }
    }

    @Override
    public void onFailed(StoreException cause) {
        if (!ended) {
            end(cause);
        }
    }
}
