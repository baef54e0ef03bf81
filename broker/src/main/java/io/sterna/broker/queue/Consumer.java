package io.sterna.broker.queue;

import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A consumer of a queue: the handle by which commands name it. Owned by the partition's event loop; elsewhere it is
 * passed on, not looked into.
 *
 * <p>Credit is a limit on the number of deliveries since the consumer was added, as AMQP's delivery-limit (§2.6.7), but
 * 64 bits wide and counted from 0: {@code credit = max(0, limit - sent)}.
 */
public final class Consumer {
    private final Receiver receiver;
    private final ConsumerOptions options;
    private final @Nullable MessageFilter filter;
    private final UnsettledTable unsettled = new UnsettledTable();
    private long limit;
    private long sent;
    private boolean withheld;
    private boolean draining;
    private boolean attached = true;

    /** Unsettled messages, by their sequences, that a transaction settles which is prepared. */
    private Set<Long> prepared = Set.of();

    /** Kept by Membership: whether its link is gone and may come back. */
    boolean suspended;

    /** Kept by Roster: whether it competes for messages. */
    boolean takesPart;

    // Kept by Turns: its level, the ring that it is in with its neighbours there, all null or none, and since when.
    Turns.@Nullable Level level;

    @Nullable
    ReadyRing ring;

    @Nullable
    Consumer ringNext;

    @Nullable
    Consumer ringPrevious;

    long turn;

    /** Kept by Cursors: its own one, where what is next for others may not be for this consumer. */
    @Nullable
    Cursor cursor;

    /** Kept by Cursors: messages in the queue that exclude this consumer. */
    int exclusions;

    /** Kept by Groups. */
    @Nullable
    GroupShare groups;

    /** How far it has come, when it only browses. */
    @Nullable
    Browser browser;

    /** Kept by Loads: when it was last read for. */
    long lastLoad;

    Consumer(Receiver receiver, ConsumerOptions options) {
        this.receiver = receiver;
        this.options = options;
        filter = options.filter().orElse(null);
    }

    Receiver receiver() {
        return receiver;
    }

    ConsumerOptions options() {
        return options;
    }

    UnsettledTable unsettled() {
        return unsettled;
    }

    boolean attached() {
        return attached;
    }

    void prepare(Entry entry, boolean begins) {
        if (begins) {
            prepared = prepared.isEmpty() ? new HashSet<>() : prepared;
            prepared.add(entry.sequence());
        } else if (!prepared.isEmpty()) {
            prepared.remove(entry.sequence());
        }
    }

    boolean isPrepared(Entry entry) {
        return prepared.contains(entry.sequence());
    }

    void detach() {
        attached = false;
        draining = false;
        withheld = false;
    }

    long credit() {
        return Math.max(0, limit - sent);
    }

    /** Whether there is more credit than the queue was told. */
    boolean withheld() {
        return withheld;
    }

    boolean draining() {
        return draining;
    }

    void onFlow(long newLimit, boolean moreWithheld, boolean drain) {
        limit = newLimit;
        withheld = moreWithheld;
        draining = drain;
    }

    void countSent() {
        sent++;
        assert sent <= limit : "sent beyond the limit";
    }

    /** Ends draining and returns the credit given up. */
    long giveUpCredit() {
        long unused = credit();
        sent += unused;
        draining = false;
        return unused;
    }

    boolean filters() {
        return filter != null;
    }

    /** Whether the payload has to be read to know whether it may have a message. */
    boolean mustRead(Entry entry) {
        return filter != null && !entry.resident() && !entry.excludes(this);
    }

    /** Whether it asks for such messages, whose payload is in memory. */
    boolean wants(Entry entry) {
        return filter == null || filter.matches(entry.message());
    }

    /** Whether it may have a message for which it need not {@link #mustRead}. */
    boolean mayHave(Entry entry) {
        return !entry.excludes(this) && wants(entry);
    }

    boolean hasGroupsDue() {
        return groups != null && !groups.due.isEmpty();
    }

    int groupsOwned() {
        return groups == null ? 0 : groups.owned.size();
    }
}
