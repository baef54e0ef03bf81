package io.sterna.cluster;

import io.sterna.store.LogOperation.DeliveryUpdated;
import io.sterna.store.LogOperation.Enqueued;
import io.sterna.store.LogOperation.Published;
import java.util.Optional;

/**
 * A message in a queue.
 *
 * @param topicId under which it was published
 * @param cameWith its traits when it came
 * @param update how it is now, if not as it came
 */
record SimMessage(
        long sequence, Optional<Long> topicId, byte[] cameWith, byte[] message, Optional<DeliveryUpdated> update) {

    static SimMessage of(Enqueued enqueued) {
        return new SimMessage(
                enqueued.sequence(), Optional.empty(), enqueued.traits(), enqueued.message(), Optional.empty());
    }

    static SimMessage of(Published published) {
        return new SimMessage(
                published.sequence(),
                Optional.of(published.topicId()),
                published.traits(),
                published.message(),
                Optional.empty());
    }

    SimMessage with(DeliveryUpdated newUpdate) {
        return new SimMessage(sequence, topicId, cameWith, message, Optional.of(newUpdate));
    }

    /** An operation that makes it what it is, whatever else it was before. */
    DeliveryUpdated state(long queueId) {
        return update.orElse(new DeliveryUpdated(queueId, sequence, 0, cameWith, new byte[0]));
    }

    long fingerprint(long queueId) {
        DeliveryUpdated state = state(queueId);
        return Fingerprint.of(
                "message",
                queueId,
                sequence,
                topicId.orElse(0L),
                state.deliveryCount(),
                state.traits(),
                state.annotations(),
                message);
    }

    @Override
    public String toString() {
        return sequence
                + topicId.map(id -> "/" + id).orElse("")
                + update.map(its -> "*" + its.deliveryCount()).orElse("");
    }
}
