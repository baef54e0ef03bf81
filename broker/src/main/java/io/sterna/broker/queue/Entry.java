package io.sterna.broker.queue;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A message in a queue. Owned by the partition's event loop; outside the queue it is read during the call that hands
 * it over, and not kept.
 */
public final class Entry {
    /** Stands for no place in the {@link Agenda}. */
    static final int NOWHERE = -1;

    private static final byte[] NO_ANNOTATIONS = {};
    private static final Consumer[] NOBODY = {};

    private final long sequence;
    private final int sizeBytes;
    private final boolean durable;
    private MessageTraits traits;
    private int deliveryCount;
    private byte[] annotations;
    private @Nullable QueueMessage message;
    private Consumer[] excluded = NOBODY;
    private EntryState state = EntryState.FRESH;

    // Kept by Agenda.
    long agendaMillis;
    int agendaPlace = NOWHERE;

    private Entry(
            long sequence,
            int sizeBytes,
            boolean durable,
            int deliveryCount,
            MessageTraits traits,
            byte[] annotations,
            @Nullable QueueMessage message) {
        this.sequence = sequence;
        this.sizeBytes = sizeBytes;
        this.durable = durable;
        this.deliveryCount = deliveryCount;
        this.traits = traits;
        this.annotations = annotations;
        this.message = message;
    }

    static Entry arrived(long sequence, QueueMessage message, MessageTraits traits, boolean durable) {
        return new Entry(sequence, message.sizeBytes(), durable, 0, traits, NO_ANNOTATIONS, message);
    }

    static Entry recovered(long sequence, int sizeBytes, int deliveryCount, MessageTraits traits, byte[] annotations) {
        return new Entry(sequence, sizeBytes, true, deliveryCount, traits, annotations, null);
    }

    /** Its place in the queue. */
    public long sequence() {
        return sequence;
    }

    /** Size of the payload, bytes. */
    public int sizeBytes() {
        return sizeBytes;
    }

    /** Whether the message is in the store. */
    public boolean durable() {
        return durable;
    }

    /** Failed delivery attempts so far, as the header's delivery-count says it (AMQP 1.0 §3.2.1). */
    public int deliveryCount() {
        return deliveryCount;
    }

    /** What was said of it when it came, as changed since. */
    public MessageTraits traits() {
        return traits;
    }

    /** Annotations gathered from {@link Outcome.Modified}, opaque, often empty. Not to be changed. */
    public byte[] annotations() {
        return annotations;
    }

    /**
     * The payload.
     *
     * @throws IllegalStateException if it is not in memory, which it is wherever an interface here says so
     */
    public QueueMessage message() {
        if (message == null) {
            throw new IllegalStateException("the payload of message " + sequence + " is not in memory");
        }
        return message;
    }

    /** Whether the payload is in memory. */
    public boolean resident() {
        return message != null;
    }

    void supply(QueueMessage payload) {
        assert !resident();
        message = payload;
    }

    void dropPayload() {
        assert durable && resident() && state != EntryState.ACQUIRED;
        message = null;
    }

    EntryState state() {
        return state;
    }

    void transitionTo(EntryState next) {
        if (!state.mayBecome(next)) {
            throw new IllegalStateException("message " + sequence + " is " + state + " and can't become " + next);
        }
        state = next;
    }

    void countFailedDelivery() {
        deliveryCount++;
    }

    void replaceTraits(MessageTraits changed) {
        traits = changed;
    }

    void replaceAnnotations(byte[] merged) {
        annotations = merged;
    }

    boolean restricted() {
        return excluded.length > 0;
    }

    boolean excludes(Consumer consumer) {
        for (Consumer other : excluded) {
            if (other == consumer) {
                return true;
            }
        }
        return false;
    }

    /** Consumers that are gone make room, so that there are never more exclusions than consumers. */
    void exclude(Consumer consumer) {
        assert !excludes(consumer);
        Consumer[] kept = Arrays.stream(excluded).filter(Consumer::attached).toArray(Consumer[]::new);
        excluded = Arrays.copyOf(kept, kept.length + 1);
        excluded[kept.length] = consumer;
    }

    Consumer[] excluded() {
        return excluded;
    }
}
