package io.sterna.broker.amqp;

import io.sterna.broker.partition.Delivery;
import io.sterna.broker.partition.DeliveryTaker;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Stands in for the link of a consumer that is suspended. Owned by the queue's loop. */
final class SourceKeeper implements DeliveryTaker {
    private final LinkRegistry registry;
    private final LinkKey key;
    private @Nullable SuspendedSource held;
    private boolean gone;

    SourceKeeper(LinkRegistry registry, LinkKey key) {
        this.registry = registry;
        this.key = key;
    }

    /** Takes over what is held; empty when it is gone already. */
    Optional<SuspendedSource> keep(SuspendedSource source) {
        held = source;
        return gone ? Optional.empty() : Optional.of(source);
    }

    @Override
    public void onDelivery(Delivery delivery) {
        throw new IllegalStateException("a suspended consumer has no credit");
    }

    @Override
    public void onDrained(long unusedCredit) {
        // There is nobody to tell.
    }

    @Override
    public void onLockLost(long sequence) {
        // It has gone back, and is not among what is held any more.
    }

    @Override
    public void onQueueDeleted() {
        end();
    }

    @Override
    public void onStopped(String reason) {
        end();
    }

    private void end() {
        gone = true;
        if (held != null) {
            registry.drop(key, held);
        }
    }
}
