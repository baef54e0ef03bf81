package io.sterna.broker.config;

import java.util.List;
import java.util.Map;

/**
 * How much a queue holds. A limit on bytes counts the messages as they came.
 *
 * @param maxMessages 0 for any number
 * @param maxBytes 0 for any number
 * @param overflow what happens when a limit is reached
 */
public record QueueLimits(long maxMessages, long maxBytes, Overflow overflow) {
    static final QueueLimits NONE = new QueueLimits(0, 0, Overflow.BLOCK);
    private static final int MAX_MESSAGES = Integer.MAX_VALUE;
    private static final long MAX_BYTES = 1024L * 1024 * 1024 * 1024;

    /** What happens when a queue is full. */
    public enum Overflow {
        /** Producers get no more credit until there is room. */
        BLOCK,
        /** Further messages are rejected, with amqp:resource-limit-exceeded. */
        REJECT,
        /** The oldest message that waits makes room, and is lost. */
        DROP_OLDEST,
        /** The oldest message that waits makes room, and goes to the dead letters. */
        DEAD_LETTER
    }

    /** Short for {@link #MEANT_BY_RING}. */
    static final String RING = "ring";

    static final List<String> MEANT_BY_RING = List.of("max-length", "max-bytes", "overflow");

    static QueueLimits read(Section section) throws ConfigException {
        int messages = section.wholeNumber("max-length", 0, 0, MAX_MESSAGES);
        long bytes = section.bytes("max-bytes", 0, 0, MAX_BYTES);
        Overflow overflow = section.oneOf("overflow", Overflow.class, Overflow.BLOCK);
        int ring = section.wholeNumber(RING, 0, 0, MAX_MESSAGES);
        if (ring == 0) {
            return new QueueLimits(messages, bytes, overflow);
        }
        if (messages != 0 || bytes != 0 || section.names().contains("overflow")) {
            throw section.refused(
                    RING,
                    Integer.toString(ring),
                    "0 where max-length, max-bytes or overflow is set: a ring is max-length with overflow drop-oldest");
        }
        return ofRing(ring);
    }

    static QueueLimits ofRing(int messages) {
        return new QueueLimits(messages, 0, Overflow.DROP_OLDEST);
    }

    /** Adds what {@link #read} would read as this. */
    void describe(Map<String, Object> values) {
        values.put("max-length", maxMessages);
        values.put("max-bytes", maxBytes);
        values.put("overflow", Section.text(overflow));
    }

    /** Whether there is no limit. */
    public boolean unlimited() {
        return maxMessages == 0 && maxBytes == 0;
    }

    /** Twice as much. */
    public QueueLimits doubled() {
        return new QueueLimits(2 * maxMessages, 2 * maxBytes, overflow);
    }

    /** Whether these are more than the limits allow. */
    public boolean exceededBy(long messages, long bytes) {
        return (maxMessages != 0 && messages > maxMessages) || (maxBytes != 0 && bytes > maxBytes);
    }
}
