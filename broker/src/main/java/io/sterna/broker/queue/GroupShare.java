package io.sterna.broker.queue;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.TreeSet;

/** The groups of one consumer. Owned by the partition's event loop; kept by {@link Groups}. */
final class GroupShare {
    final Set<Group> owned = new LinkedHashSet<>();

    /** Those with a message for it, by the first one. */
    final TreeSet<Group> due = new TreeSet<>((one, other) -> Entry.ORDER.compare(head(one), head(other)));

    private static Entry head(Group group) {
        Entry head = group.head();
        if (head == null) {
            throw new IllegalStateException("group " + group.id + " has nothing due");
        }
        return head;
    }
}
