package io.sterna.broker.queue;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whose turn it is among the consumers that have credit and compete: those of the highest priority first, and in turn
 * among equals. Owned by the partition's event loop.
 */
final class Turns {
    private final List<Level> highestFirst = new ArrayList<>(1);
    private long clock;

    /** The consumers of one priority. What is next for one that is plain is next for all of those. */
    static final class Level {
        final int priority;
        final ReadyRing plain = new ReadyRing();
        final ReadyRing special = new ReadyRing();

        /** Special ones that can get nothing now; in use only while messages are handed out. */
        final ReadyRing stalled = new ReadyRing();

        private final Set<Consumer> withholding = new LinkedHashSet<>(0);
        private int members;

        private Level(int priority) {
            this.priority = priority;
        }

        /** Whether one of them has used up the credit that the queue was told of, and has more. */
        boolean withholds() {
            if (withholding.isEmpty()) {
                return false;
            }
            for (Consumer consumer : withholding) {
                if (consumer.takesPart && consumer.credit() == 0) {
                    return true;
                }
            }
            return false;
        }

        /** The first one that was not tried yet, of both kinds, by the time when they were last served; or null. */
        @Nullable
        Consumer next(boolean alsoPlain, boolean alsoSpecial) {
            Consumer one = alsoPlain ? plain.first() : null;
            Consumer other = alsoSpecial ? special.first() : null;
            if (one == null || other == null) {
                return one == null ? other : one;
            }
            return one.turn < other.turn ? one : other;
        }

        void unstall() {
            for (Consumer last = stalled.last(); last != null; last = stalled.last()) {
                stalled.remove(last);
                special.addFirst(last);
            }
        }
    }

    /** Not to be changed. */
    List<Level> highestFirst() {
        return highestFirst;
    }

    boolean anyReady() {
        for (int index = 0; index < highestFirst.size(); index++) {
            Level level = highestFirst.get(index);
            if (!level.plain.isEmpty() || !level.special.isEmpty()) {
                return true;
            }
        }
        return false;
    }

    /** Whether there is one for which what is next is next for all. */
    boolean anyPlainReady() {
        for (Level level : highestFirst) {
            if (!level.plain.isEmpty()) {
                return true;
            }
        }
        return false;
    }

    /** Whether there is one that nobody of a higher priority, whose credit is withheld, keeps waiting. */
    boolean isPlainNext() {
        for (Level level : highestFirst) {
            if (!level.plain.isEmpty()) {
                return true;
            }
            if (level.withholds()) {
                return false;
            }
        }
        return false;
    }

    void add(Consumer consumer) {
        int priority = consumer.options().priority();
        int index = 0;
        while (index < highestFirst.size() && highestFirst.get(index).priority > priority) {
            index++;
        }
        if (index == highestFirst.size() || highestFirst.get(index).priority < priority) {
            highestFirst.add(index, new Level(priority));
        }
        Level level = highestFirst.get(index);
        level.members++;
        consumer.level = level;
    }

    void remove(Consumer consumer) {
        Level level = consumer.level;
        if (level != null) {
            consumer.level = null;
            place(consumer);
            level.withholding.remove(consumer);
            if (--level.members == 0) {
                highestFirst.remove(level);
            }
        }
    }

    /** A consumer's credit has changed. */
    void onFlow(Consumer consumer) {
        place(consumer);
        Level level = consumer.level;
        if (level != null && consumer.withheld()) {
            level.withholding.add(consumer);
        } else if (level != null && !level.withholding.isEmpty()) {
            level.withholding.remove(consumer);
        }
    }

    /**
     * Whether consumers of a lower priority have to wait for one above that has credit of which the queue was not told.
     */
    boolean withheldAbove(Consumer consumer) {
        for (Level level : highestFirst) {
            if (level == consumer.level) {
                return false;
            }
            if (level.withholds()) {
                return true;
            }
        }
        return false;
    }

    /** Puts a consumer where it belongs now: behind the others when it was not ready before, else with its turn. */
    void place(Consumer consumer) {
        Level level = consumer.level;
        boolean ready = level != null && consumer.takesPart && consumer.credit() > 0;
        boolean special = consumer.cursor != null || consumer.hasGroupsDue();
        ReadyRing now = consumer.ring;
        ReadyRing next = !ready || level == null ? null : special ? level.special : level.plain;
        if (now == next || (now != null && level != null && now == level.stalled && next == level.special)) {
            return;
        }
        if (now != null) {
            now.remove(consumer);
        }
        if (next != null && now != null) {
            next.addByTurn(consumer);
        } else if (next != null) {
            consumer.turn = ++clock;
            next.addLast(consumer);
        }
    }

    /** A consumer gets a message: it is the last one now, as long as it has credit. */
    void onServed(Consumer consumer) {
        leave(consumer);
        place(consumer);
    }

    /** A consumer can get nothing now. */
    void stall(Consumer consumer) {
        Level level = consumer.level;
        if (level != null) {
            leave(consumer);
            level.stalled.addLast(consumer);
        }
    }

    private static void leave(Consumer consumer) {
        if (consumer.ring != null) {
            consumer.ring.remove(consumer);
        }
    }
}
