package io.sterna.broker.partition;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sterna.amqp.message.KeyLookup;
import io.sterna.broker.config.QueuePolicy;
import io.sterna.broker.queue.MessageTraits;
import io.sterna.store.LogOperation;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a node's policy makes of the messages that arrive: whether they are copies of earlier ones, and what its queues
 * have to know of them. Owned by the partition's loop; until it starts by the thread that recovers it.
 */
final class Intake {
    private QueuePolicy policy;
    private final Loop loop;
    private final long nodeId;
    private final boolean stored;
    private final DedupWindow window;
    private Optional<KeyLookup> idKey;
    private Optional<KeyLookup> lastValueKey;

    /** @param stored whether what the node remembers is kept in the store */
    Intake(QueuePolicy policy, Loop loop, long nodeId, boolean stored) {
        this.policy = policy;
        this.loop = loop;
        this.nodeId = nodeId;
        this.stored = stored;
        window = new DedupWindow(policy.deduplication());
        idKey = policy.deduplication().annotation().map(Intake::lookup);
        lastValueKey = policy.lastValueKey().map(Intake::lookup);
    }

    /** From now on another policy counts. */
    void changed(QueuePolicy changed) {
        policy = changed;
        window.changed(policy.deduplication(), loop.nowMillis());
        idKey = policy.deduplication().annotation().map(Intake::lookup);
        lastValueKey = policy.lastValueKey().map(Intake::lookup);
    }

    private static KeyLookup lookup(String key) {
        return KeyLookup.of(List.of(key));
    }

    /** What the node's queues have to know of a message that arrives. */
    MessageTraits traits(Publication publication) {
        long arrivedAtMillis = publication.arrivedAtMillis(loop.nowMillis());
        MessageTraits asked = traits(publication.message(), arrivedAtMillis);
        return publication.beginsAnew()
                ? asked.withDeliverAtMillis(0)
                        .withExpiresAtMillis(policy.timeToLive().expiresAtMillis(0, arrivedAtMillis))
                : asked;
    }

    /** As above, of a message that comes from another queue now. */
    MessageTraits traits(BrokerMessage message) {
        return traits(message, loop.nowMillis());
    }

    private MessageTraits traits(BrokerMessage message, long arrivedAtMillis) {
        MessageTraits asked = message.traits(arrivedAtMillis);
        MessageTraits bounded = asked.withExpiresAtMillis(
                policy.timeToLive().expiresAtMillis(asked.expiresAtMillis(), arrivedAtMillis));
        return lastValueKey
                .flatMap(message::value)
                .map(value -> bounded.withLastValue(value.toString()))
                .orElse(bounded);
    }

    /** Whether the message has come before. */
    boolean isCopy(Publication publication) {
        return copyId(publication)
                .filter(id -> window.contains(id, loop.nowMillis()))
                .isPresent();
    }

    /** The id by which the message may be known for a copy; empty for one that is none in any case. */
    Optional<ByteBuffer> copyId(Publication publication) {
        return policy.deduplication().enabled() && !publication.beginsAnew()
                ? id(publication).map(ByteBuffer::wrap)
                : Optional.empty();
    }

    private Optional<byte[]> id(Publication publication) {
        Optional<byte[]> id = publication.message().id(idKey);
        Optional<String> topic = publication.forwardedFrom();
        if (id.isEmpty() || topic.isEmpty()) {
            return id;
        }
        byte[] address = topic.get().getBytes(UTF_8);
        return Optional.of(ByteBuffer.allocate(address.length + 1 + id.get().length)
                .put(address)
                .put((byte) 0)
                .put(id.get())
                .array());
    }

    /**
     * Remembers a message that is taken.
     *
     * @param record what the log has to say of it otherwise; empty for nothing
     * @return what the log has to say of it, in one piece
     */
    Optional<LogOperation> take(Publication publication, Optional<LogOperation> record) {
        if (!policy.deduplication().enabled()) {
            return record;
        }
        Optional<LogOperation> mark = id(publication)
                .map(id -> window.take(nodeId, id, loop.nowMillis()))
                .filter(put -> stored && publication.message().durable());
        if (mark.isEmpty() || record.isEmpty()) {
            return mark.or(() -> record);
        }
        List<LogOperation> both = new ArrayList<>(2);
        both.add(record.get());
        both.add(mark.get());
        return Optional.of(new LogOperation.Atomic(both));
    }

    /** A value that the store has kept for the node; before the partition starts. */
    void recover(byte[] key, byte[] value) {
        if (DedupWindow.isKey(key)) {
            window.recover(key, value);
        }
    }

    /** All values have been recovered. */
    void onRecovered() {
        window.onRecovered(loop.nowMillis());
    }
}
