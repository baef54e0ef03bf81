package io.sterna.broker.queue;

import org.jspecify.annotations.Nullable;

/**
 * Consumers in the order in which they are served next, linked through themselves: everything costs the same however
 * many there are, and a consumer that is not in a ring costs nothing. Owned by the partition's event loop.
 */
final class ReadyRing {
    private @Nullable Consumer first;

    boolean isEmpty() {
        return first == null;
    }

    @Nullable
    Consumer first() {
        return first;
    }

    static boolean holds(Consumer consumer) {
        return consumer.ringNext != null;
    }

    void addLast(Consumer consumer) {
        assert !holds(consumer);
        if (first == null) {
            consumer.ringNext = consumer;
            consumer.ringPrevious = consumer;
            first = consumer;
            return;
        }
        Consumer last = previousOf(first);
        consumer.ringPrevious = last;
        consumer.ringNext = first;
        last.ringNext = consumer;
        first.ringPrevious = consumer;
    }

    /** The first one becomes the last one. */
    void rotate() {
        if (first != null) {
            first = nextOf(first);
        }
    }

    void remove(Consumer consumer) {
        assert holds(consumer);
        Consumer next = nextOf(consumer);
        Consumer previous = previousOf(consumer);
        previous.ringNext = next;
        next.ringPrevious = previous;
        if (first == consumer) {
            first = next == consumer ? null : next;
        }
        consumer.ringNext = null;
        consumer.ringPrevious = null;
    }

    /** Puts all of another ring, which is empty afterwards, before the first one. */
    void prependAll(ReadyRing other) {
        Consumer head = other.first;
        if (head == null) {
            return;
        }
        if (first != null) {
            Consumer otherLast = previousOf(head);
            Consumer last = previousOf(first);
            otherLast.ringNext = first;
            first.ringPrevious = otherLast;
            last.ringNext = head;
            head.ringPrevious = last;
        }
        first = head;
        other.first = null;
    }

    private static Consumer nextOf(Consumer consumer) {
        Consumer next = consumer.ringNext;
        if (next == null) {
            throw new IllegalStateException("the consumer is in no ring");
        }
        return next;
    }

    private static Consumer previousOf(Consumer consumer) {
        Consumer previous = consumer.ringPrevious;
        if (previous == null) {
            throw new IllegalStateException("the consumer is in no ring");
        }
        return previous;
    }
}
