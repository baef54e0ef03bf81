package io.sterna.broker.partition;

import io.sterna.amqp.codec.DecodeException;
import io.sterna.broker.queue.LoadLimits;
import io.sterna.broker.queue.LoadedMessage;
import io.sterna.store.MessageReader;
import io.sterna.store.StoreException;
import io.sterna.store.StoredMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the payloads back of what a consumer has not settled since before a restart. Owned by the partition's loop.
 */
final class HeldPayloads {
    private static final Logger log = LoggerFactory.getLogger(HeldPayloads.class);
    private static final LoadLimits LIMITS = new LoadLimits(500, 1024 * 1024);
    private static final long RETRY_MILLIS = 1_000;

    private final QueueNode node;
    private final Subscription subscription;
    private final Runnable then;

    /** @param then run when all are there, at once when they are, or when the partition does not serve any more */
    HeldPayloads(QueueNode node, Subscription subscription, Runnable then) {
        this.node = node;
        this.subscription = subscription;
        this.then = then;
    }

    void load() {
        OptionalLong first = node.queue().holdings().firstAbsent(subscription.consumer());
        if (first.isEmpty()) {
            then.run();
        } else {
            read(first.getAsLong());
        }
    }

    private void read(long from) {
        Loop loop = node.loop();
        loop.store().store().read(node.id(), from, LIMITS.maxMessages(), LIMITS.maxBytes(), new MessageReader() {
            @Override
            public void onMessages(List<StoredMessage> messages) {
                loop.post(() -> onRead(from, messages));
            }

            @Override
            public void onFailed(StoreException cause) {
                log.error("queue {}: unsettled messages can't be read, trying again", node.address(), cause);
                loop.post(() -> loop.after(RETRY_MILLIS, () -> {
                    if (!node.partition().guard(() -> read(from))) {
                        then.run();
                    }
                }));
            }
        });
    }

    private void onRead(long from, List<StoredMessage> messages) {
        List<LoadedMessage> loaded = new ArrayList<>(messages.size());
        long to = from;
        for (StoredMessage message : messages) {
            to = message.sequence();
            try {
                loaded.add(new LoadedMessage(message.sequence(), BrokerMessage.stored(message.message())));
            } catch (DecodeException damaged) {
                log.error(
                        "queue {}: message {} is damaged: {}",
                        node.address(),
                        message.sequence(),
                        damaged.getMessage());
            }
        }
        long last = to;
        if (node.command(() ->
                subscription.onMissing(node.queue().holdings().supply(subscription.consumer(), from, last, loaded)))) {
            load();
        } else {
            then.run();
        }
    }
}
