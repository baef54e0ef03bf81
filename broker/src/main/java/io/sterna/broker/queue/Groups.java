package io.sterna.broker.queue;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The message groups of a queue. Of each group only the first message counts that anybody here may have: it goes to the
 * group's owner; when there is none, or the owner may not have it (for its filter, or since it was undeliverable there)
 * and holds nothing of the group any more, to anyone who may have it, and who is then the owner. So a group is with one
 * consumer at a time, and in order; it stays with its consumer as long as that may have it; and what nobody may have
 * holds nothing up.
 *
 * <p>The first message of a group without an owner is <em>open</em>: cursors find it among the messages without a
 * group. All others they pass over once, and owners find them here. Owned by the partition's event loop.
 */
final class Groups {
    /** Groups of which nothing is left and that are remembered for their owners; the eldest ones are forgotten. */
    static final int MAX_IDLE = 10_000;

    private final Roster roster;
    private final Turns turns;
    private final Cursors cursors;
    private final ScanBudget budget;
    private final Map<String, Group> byId = new HashMap<>();
    private final Set<Group> idle = new LinkedHashSet<>();

    /** Those with a message that somebody has rejected: to be looked at anew when consumers come or go. */
    private Set<Group> contested = new LinkedHashSet<>();

    Groups(Roster roster, Turns turns, Cursors cursors, ScanBudget budget) {
        this.roster = roster;
        this.turns = turns;
        this.cursors = cursors;
        this.budget = budget;
    }

    /** Whether cursors are to look at a waiting entry. */
    static boolean open(Entry entry) {
        Group group = entry.group;
        return group == null || (group.owner == null && group.head() == entry);
    }

    /** The traits to keep for a message, shared with others of its group. */
    MessageTraits shared(MessageTraits traits) {
        Group group = traits.grouped() ? byId.get(traits.groupId()) : null;
        return group != null && group.traits.equals(traits) ? group.traits : traits;
    }

    /** An entry waits that nobody had acquired. */
    void onWaiting(Entry entry) {
        Group group = byId.computeIfAbsent(entry.traits().groupId(), Group::new);
        group.traits = entry.traits();
        entry.group = group;
        idle.remove(group);
        add(group, entry);
    }

    private void add(Group group, Entry entry) {
        Entry head = group.head();
        if (head != null && Entry.ORDER.compare(head, entry) < 0) {
            group.add(entry);
            return;
        }
        conceal(group);
        group.add(entry);
        show(group);
    }

    void onAcquired(Entry entry, Consumer consumer) {
        Group group = groupOf(entry);
        conceal(group);
        group.remove(entry);
        group.acquired++;
        if (group.owner == null) {
            group.owner = consumer;
            share(consumer).owned.add(group);
        }
        assert group.owner == consumer;
        show(group);
    }

    /** An acquired entry waits again. */
    void onReturned(Entry entry) {
        Group group = groupOf(entry);
        group.acquired--;
        group.wanted = null;
        group.judged = null;
        add(group, entry);
        onLess(group);
    }

    /** An acquired entry does not come back, or only later. */
    void onSettled(Entry entry) {
        Group group = groupOf(entry);
        entry.group = null;
        group.acquired--;
        onLess(group);
    }

    /** A waiting entry leaves the queue. */
    void onRemoved(Entry entry) {
        Group group = groupOf(entry);
        entry.group = null;
        conceal(group);
        group.remove(entry);
        show(group);
        onLess(group);
    }

    private void onLess(Group group) {
        if (group.acquired == 0 && !staysWithOwner(group)) {
            setFree(group);
        } else {
            maybeForget(group);
        }
    }

    /**
     * Whether the owner keeps a group of which it holds nothing: not when the next message may be for somebody else.
     */
    private static boolean staysWithOwner(Group group) {
        Consumer owner = group.owner;
        Entry head = group.head();
        return owner == null
                || (owner.takesPart
                        && !group.blocked()
                        && (head == null || owner.cursor == null || group.judged == head));
    }

    private void setFree(Group group) {
        conceal(group);
        if (group.owner != null) {
            share(group.owner).owned.remove(group);
        }
        group.owner = null;
        group.blockedBy = null;
        group.judged = null;
        show(group);
        maybeForget(group);
    }

    private void maybeForget(Group group) {
        if (!group.isEmpty()) {
            return;
        }
        contested.remove(group);
        if (group.owner == null) {
            byId.remove(group.id);
            return;
        }
        idle.add(group);
        if (idle.size() > MAX_IDLE) {
            Group eldest = idle.iterator().next();
            idle.remove(eldest);
            setFree(eldest);
        }
    }

    /** The first message of a consumer's own groups, or null; its payload may have to be read to know. */
    @Nullable
    Entry firstFor(Consumer consumer) {
        GroupShare share = consumer.groups;
        while (share != null && !share.due.isEmpty()) {
            Group group = share.due.first();
            Entry head = group.head();
            if (head == null || group.judged == head || consumer.cursor == null || !head.resident()) {
                return head;
            }
            if (!budget.take()) {
                return null;
            }
            judge(group, head, consumer);
        }
        return null;
    }

    /** Decides whether the first message of a group is for its owner; if not, somebody else may become the first. */
    private void judge(Group group, Entry head, Consumer owner) {
        if (owner.mayHave(head)) {
            group.judged = head;
        } else {
            cursors.maybeReturn(head);
            onRejected(head, owner);
        }
    }

    /** A consumer may not have the first message of its own group, or of one without an owner. */
    void onRejected(Entry entry, Consumer consumer) {
        Group group = groupOf(entry);
        contested.add(group);
        if (group.wanted != entry && !roster.anyMayHave(entry)) {
            conceal(group);
            group.passOver(entry);
            show(group);
            return;
        }
        group.wanted = entry;
        if (group.owner != consumer) {
            return;
        }
        if (group.acquired == 0) {
            setFree(group);
        } else {
            conceal(group);
            group.blockedBy = entry;
        }
    }

    /** A consumer takes part no longer; what it has acquired it may still hold. */
    void onLeft(Consumer consumer) {
        if (consumer.groups != null) {
            for (Group group : List.copyOf(consumer.groups.owned)) {
                conceal(group);
                idle.remove(group);
                if (group.acquired == 0) {
                    setFree(group);
                }
            }
        }
    }

    /** A consumer takes part again. */
    void onJoined(Consumer consumer) {
        if (consumer.groups != null) {
            consumer.groups.owned.stream().filter(group -> !group.due).forEach(this::show);
        }
    }

    /** Other consumers than before may have messages: what was decided by who was here is decided anew. */
    void reconsider() {
        Set<Group> again = contested;
        contested = new LinkedHashSet<>();
        for (Group group : again) {
            conceal(group);
            group.takeBackPassedOver();
            group.blockedBy = null;
            group.wanted = null;
            group.judged = null;
            show(group);
        }
    }

    void forgetAll() {
        byId.clear();
        idle.clear();
        contested.clear();
    }

    /** Puts the first message where it is found. */
    private void show(Group group) {
        Entry head = group.head();
        Consumer owner = group.owner;
        if (head == null || group.blocked()) {
            return;
        }
        if (owner == null) {
            cursors.onOpened(head);
        } else if (owner.takesPart) {
            group.due = true;
            share(owner).due.add(group);
            turns.place(owner);
            if (group.acquired == 0) {
                settleOwnership(group, head, owner);
            }
        }
    }

    /** An owner that holds nothing keeps its group only if it is known that the next message is for it. */
    private void settleOwnership(Group group, Entry head, Consumer owner) {
        if (staysWithOwner(group)) {
            return;
        }
        if (!owner.mustRead(head) && owner.mayHave(head)) {
            group.judged = head;
        } else {
            setFree(group);
        }
    }

    /** To be called before the first message changes, or the owner. */
    private void conceal(Group group) {
        if (group.due && group.owner != null) {
            group.due = false;
            share(group.owner).due.remove(group);
            turns.place(group.owner);
        }
    }

    private static GroupShare share(Consumer consumer) {
        GroupShare share = consumer.groups;
        if (share == null) {
            share = new GroupShare();
            consumer.groups = share;
        }
        return share;
    }

    private static Group groupOf(Entry entry) {
        Group group = entry.group;
        if (group == null) {
            throw new IllegalStateException("message " + entry.sequence() + " is in no group");
        }
        return group;
    }
}
