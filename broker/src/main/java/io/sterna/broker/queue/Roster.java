package io.sterna.broker.queue;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The consumers of a queue, and which of them compete for its messages: all that don't browse; or only the exclusive
 * one, when there is one. Of several the one with the highest priority is chosen, then the one that came first, and it
 * stays until it goes, as ActiveMQ has it. One without a link does not compete. Owned by the partition's event loop.
 */
final class Roster {
    private final Set<Consumer> members = new LinkedHashSet<>();
    private @Nullable Consumer exclusive;

    int size() {
        return members.size();
    }

    List<Consumer> members() {
        return List.copyOf(members);
    }

    void add(Consumer consumer) {
        members.add(consumer);
    }

    boolean remove(Consumer consumer) {
        if (!members.remove(consumer)) {
            return false;
        }
        if (exclusive == consumer) {
            exclusive = null;
        }
        return true;
    }

    void clear() {
        members.clear();
        exclusive = null;
    }

    /** Whether any of those that compete may have a message, whose payload is in memory. */
    boolean anyMayHave(Entry entry) {
        for (Consumer consumer : members) {
            if (consumer.takesPart && consumer.mayHave(entry)) {
                return true;
            }
        }
        return false;
    }

    /** Whether there is none that has not excluded a message. */
    boolean allExcludedBy(Entry entry) {
        for (Consumer consumer : members) {
            if (competes(consumer) && !entry.excludes(consumer)) {
                return false;
            }
        }
        return true;
    }

    /** The consumer that has a message and has not settled it, or null. */
    @Nullable
    Consumer holderOf(long sequence) {
        for (Consumer consumer : members) {
            if (consumer.unsettled().holds(sequence)) {
                return consumer;
            }
        }
        return null;
    }

    /** Decides anew who competes, and gives those for whom that has changed. */
    List<Consumer> review() {
        if (exclusive != null && exclusive.suspended) {
            exclusive = null;
        }
        if (exclusive == null) {
            for (Consumer consumer : members) {
                if (present(consumer) && consumer.options().exclusive() && comesBefore(consumer, exclusive)) {
                    exclusive = consumer;
                }
            }
        }
        List<Consumer> changed = new ArrayList<>(0);
        for (Consumer consumer : members) {
            boolean takesPart = present(consumer) && (exclusive == null || exclusive == consumer);
            if (takesPart != consumer.takesPart) {
                consumer.takesPart = takesPart;
                changed.add(consumer);
            }
        }
        return changed;
    }

    private static boolean competes(Consumer consumer) {
        return !consumer.options().browse();
    }

    private static boolean present(Consumer consumer) {
        return competes(consumer) && !consumer.suspended;
    }

    private static boolean comesBefore(Consumer one, @Nullable Consumer other) {
        return other == null || one.options().priority() > other.options().priority();
    }
}
