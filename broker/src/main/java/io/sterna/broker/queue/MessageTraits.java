package io.sterna.broker.queue;

/**
 * What a queue has to know of a message without its payload. Most messages have {@link #DEFAULT}, which is shared.
 *
 * @param priority 0 to {@link #MAX_PRIORITY}, delivered highest first
 * @param expiresAtMillis when it stops being worth delivering, since 1970-01-01T00:00Z; 0 for never
 * @param deliverAtMillis when it may be delivered at the earliest, since 1970-01-01T00:00Z; 0 for at once
 * @param groupId messages of one group go to one consumer at a time, in order; empty for no group
 * @param lastValue of the messages with the same one, the queue keeps the latest; empty to keep it whatever comes
 */
public record MessageTraits(
        int priority, long expiresAtMillis, long deliverAtMillis, String groupId, String lastValue) {
    /** Of a message that says nothing (AMQP 1.0 §3.2.1). */
    public static final int DEFAULT_PRIORITY = 4;

    /** The levels that Jakarta Messaging names; AMQP 1.0 §3.2.1 lets those above it count as the highest. */
    public static final int MAX_PRIORITY = 9;

    public static final MessageTraits DEFAULT = new MessageTraits(DEFAULT_PRIORITY, 0, 0, "", "");

    public MessageTraits {
        if (priority < 0 || priority > MAX_PRIORITY) {
            throw new IllegalArgumentException("a priority is 0 to " + MAX_PRIORITY + ", not " + priority);
        }
        if (expiresAtMillis < 0 || deliverAtMillis < 0) {
            throw new IllegalArgumentException("times of messages are not below 0");
        }
    }

    /** Of a message that says nothing else. */
    static MessageTraits ofPriority(int priority) {
        return priority == DEFAULT_PRIORITY ? DEFAULT : new MessageTraits(priority, 0, 0, "", "");
    }

    /** Of a message that takes no other's place. */
    public MessageTraits(int priority, long expiresAtMillis, long deliverAtMillis, String groupId) {
        this(priority, expiresAtMillis, deliverAtMillis, groupId, "");
    }

    /** The same but for the time from which on it may be delivered. */
    public MessageTraits withDeliverAtMillis(long changedMillis) {
        return new MessageTraits(priority, expiresAtMillis, changedMillis, groupId, lastValue);
    }

    /** The same but for the time at which it expires. */
    public MessageTraits withExpiresAtMillis(long changedMillis) {
        return changedMillis == expiresAtMillis
                ? this
                : new MessageTraits(priority, changedMillis, deliverAtMillis, groupId, lastValue);
    }

    /** The same but for the value of which the queue keeps the latest message. */
    public MessageTraits withLastValue(String changed) {
        return new MessageTraits(priority, expiresAtMillis, deliverAtMillis, groupId, changed);
    }

    boolean expired(long nowMillis) {
        return expiresAtMillis != 0 && expiresAtMillis <= nowMillis;
    }

    /** Whether there is nothing but the priority and when it expires. */
    boolean sayNothingButExpiry() {
        return deliverAtMillis == 0 && groupId.isEmpty() && lastValue.isEmpty();
    }

    boolean grouped() {
        return !groupId.isEmpty();
    }
}
