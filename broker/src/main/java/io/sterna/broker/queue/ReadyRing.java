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

    /** The one after another that is in this ring; the first after the last. */
    Consumer after(Consumer consumer) {
        assert consumer.ring == this;
        return nextOf(consumer);
    }

    void addLast(Consumer consumer) {
        assert consumer.ring == null;
        consumer.ring = this;
        if (first == null) {
            consumer.ringNext = consumer;
            consumer.ringPrevious = consumer;
            first = consumer;
            return;
        }
        link(consumer, first);
    }

    void addFirst(Consumer consumer) {
        addLast(consumer);
        first = consumer;
    }

    /** Puts a consumer behind all whose turn is before its own. */
    void addByTurn(Consumer consumer) {
        Consumer last = last();
        if (last == null || last.turn < consumer.turn) {
            addLast(consumer);
            return;
        }
        Consumer next = last;
        while (next != first && previousOf(next).turn > consumer.turn) {
            next = previousOf(next);
        }
        consumer.ring = this;
        link(consumer, next);
        if (next == first) {
            first = consumer;
        }
    }

    /** The last one, or null. */
    @Nullable
    Consumer last() {
        return first == null ? null : previousOf(first);
    }

    void remove(Consumer consumer) {
        assert consumer.ring == this;
        Consumer next = nextOf(consumer);
        Consumer previous = previousOf(consumer);
        previous.ringNext = next;
        next.ringPrevious = previous;
        if (first == consumer) {
            first = next == consumer ? null : next;
        }
        consumer.ring = null;
        consumer.ringNext = null;
        consumer.ringPrevious = null;
    }

    private static void link(Consumer consumer, Consumer next) {
        Consumer previous = previousOf(next);
        consumer.ringPrevious = previous;
        consumer.ringNext = next;
        previous.ringNext = consumer;
        next.ringPrevious = consumer;
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
