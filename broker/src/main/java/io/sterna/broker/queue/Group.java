package io.sterna.broker.queue;

import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The messages of one group-id, which go to one consumer at a time, in the order of delivery. Owned by the partition's
 * event loop; kept by {@link Groups}.
 */
final class Group {
    final String id;

    /** Those that wait and that somebody may have, as far as is known. */
    private final TreeSet<Entry> waiting = new TreeSet<>(Entry.ORDER);

    /** Those that wait and that nobody may have who is here now. */
    private final TreeSet<Entry> passedOver = new TreeSet<>(Entry.ORDER);

    /** The first of the waiting ones. */
    private @Nullable Entry head;

    /** Who has had the last one; nobody else gets one. */
    @Nullable
    Consumer owner;

    int acquired;

    /** Whether it is in its owner's list of groups that have a message for it. */
    boolean due;

    /** A head that is for another consumer than the owner, which has not settled all that it has. */
    @Nullable
    Entry blockedBy;

    /** A head of which it is known that the owner may have it. */
    @Nullable
    Entry judged;

    /** A head that somebody has rejected and somebody else may have. */
    @Nullable
    Entry wanted;

    /** The traits of the last message, to be shared by all that say the same. */
    MessageTraits traits = MessageTraits.DEFAULT;

    Group(String id) {
        this.id = id;
    }

    @Nullable
    Entry head() {
        return head;
    }

    void add(Entry entry) {
        waiting.add(entry);
        head = waiting.first();
    }

    void passOver(Entry entry) {
        remove(entry);
        passedOver.add(entry);
    }

    void takeBackPassedOver() {
        if (!passedOver.isEmpty()) {
            waiting.addAll(passedOver);
            passedOver.clear();
            head = waiting.first();
        }
    }

    /** Takes a waiting entry out. */
    void remove(Entry entry) {
        if (waiting.remove(entry)) {
            head = waiting.isEmpty() ? null : waiting.first();
        } else {
            passedOver.remove(entry);
        }
    }

    boolean blocked() {
        return blockedBy != null && blockedBy == head;
    }

    boolean isEmpty() {
        return head == null && acquired == 0 && passedOver.isEmpty();
    }
}
