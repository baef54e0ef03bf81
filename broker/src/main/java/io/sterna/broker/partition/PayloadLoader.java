package io.sterna.broker.partition;

import io.sterna.amqp.codec.DecodeException;
import io.sterna.broker.queue.LoadLimits;
import io.sterna.broker.queue.LoadedMessage;
import io.sterna.store.StoreException;
import io.sterna.store.StoredMessage;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads payloads back for a queue. When the store can't read them it is asked again, after a while that grows;
 * consumers are not told, since they miss nothing but time. Owned by the partition's loop.
 */
final class PayloadLoader {
    private static final Logger log = LoggerFactory.getLogger(PayloadLoader.class);
    private static final long FIRST_RETRY_MILLIS = 100;
    private static final long MAX_RETRY_MILLIS = 10_000;

    private final QueueNode node;
    private long retryMillis = FIRST_RETRY_MILLIS;

    PayloadLoader(QueueNode node) {
        this.node = node;
    }

    void load(long fromSequence, LoadLimits limits) {
        node.reader().read(fromSequence, limits, new QueueReader.Answer() {
            @Override
            public void onMessages(List<StoredMessage> messages) {
                onLoaded(messages);
            }

            @Override
            public void onFailed(StoreException cause) {
                onLoadFailed(cause);
            }
        });
    }

    private void onLoaded(List<StoredMessage> messages) {
        retryMillis = FIRST_RETRY_MILLIS;
        List<LoadedMessage> loaded = new ArrayList<>(messages.size());
        for (StoredMessage message : messages) {
            try {
                loaded.add(new LoadedMessage(message.sequence(), BrokerMessage.stored(message.message())));
            } catch (DecodeException damaged) {
                // It stays in the store, for a version that can read it; the queue goes on without it.
                log.error(
                        "queue {}: message {} is damaged: {}",
                        node.address(),
                        message.sequence(),
                        damaged.getMessage());
            }
        }
        node.command(() -> node.queue().loading().onLoaded(loaded));
    }

    private void onLoadFailed(StoreException cause) {
        log.error(
                "queue {}: messages can't be read from the disk, trying again in {} ms: {}",
                node.address(),
                retryMillis,
                cause.getMessage());
        node.command(node.queue().loading()::onFailed);
        node.loop().after(retryMillis, () -> node.command(node.queue().loading()::resume));
        retryMillis = Math.min(MAX_RETRY_MILLIS, 2 * retryMillis);
    }
}
