package io.sterna.broker.queue;

import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * A message in a queue. Owned by the partition's event loop; outside the queue it is read during the call that hands
 * it over, and not kept.
 */
public final class Entry {
    /** Stands for no place in the {@link Agenda}. */
    static final int NOWHERE = -1;

    /** The order of delivery. */
    static final Comparator<Entry> ORDER = Entry::compare;

    private final long sequence;
    private final int sizeBytes;
    private MessageTraits traits;
    private @Nullable QueueMessage message;
    private History history;

    /** The code of its {@link EntryState}: a byte, since there may be millions of entries. */
    private byte state;

    /** The code of its {@link Backing}. */
    private byte backing;

    // Kept by Agenda.
    int agendaPlace = NOWHERE;

    // Kept by Residents.
    @Nullable
    Entry residentPrevious;

    @Nullable
    Entry residentNext;

    // Kept by Groups.
    @Nullable
    Group group;

    /** Kept by Cursors: whether some cursor has it on its list of what it has to come back to. */
    boolean comeBackTo;

    /** Whether the payload was only read to see what it is. */
    boolean borrowed;

    private Entry(
            long sequence,
            int sizeBytes,
            Backing backing,
            MessageTraits traits,
            History history,
            @Nullable QueueMessage message) {
        state = EntryState.FRESH.code;
        this.sequence = sequence;
        this.sizeBytes = sizeBytes;
        this.backing = backing.code;
        this.traits = traits;
        this.history = history;
        this.message = message;
    }

    static Entry arrived(long sequence, QueueMessage message, MessageTraits traits, boolean durable) {
        Backing backing = durable ? Backing.STORE : Backing.NONE;
        return new Entry(sequence, message.sizeBytes(), backing, traits, History.NONE, message);
    }

    static Entry recovered(long sequence, int sizeBytes, int deliveryCount, MessageTraits traits, byte[] annotations) {
        History history = History.of(deliveryCount, annotations);
        return new Entry(sequence, sizeBytes, Backing.STORE, traits, history, null);
    }

    /** One of which there is nothing else to say, and whose payload is not in memory. */
    static Entry unpacked(long sequence, int sizeBytes, Backing backing, MessageTraits traits) {
        return new Entry(sequence, sizeBytes, backing, traits, History.NONE, null);
    }

    private static int compare(Entry one, Entry other) {
        int priorities = Integer.compare(other.priority(), one.priority());
        return priorities != 0 ? priorities : Long.compare(one.sequence, other.sequence);
    }

    /** The earlier of two in the order of delivery, of which either may be missing. */
    static @Nullable Entry earlier(@Nullable Entry one, @Nullable Entry other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return compare(one, other) <= 0 ? one : other;
    }

    /** Its place in the queue. */
    public long sequence() {
        return sequence;
    }

    /** Size of the payload, bytes. */
    public int sizeBytes() {
        return sizeBytes;
    }

    /** Whether the message is in the store. */
    public boolean durable() {
        return backing() == Backing.STORE;
    }

    /** Whether its payload has been spilled to disk, for as long as the process lives. */
    public boolean spilled() {
        return backing() == Backing.SPILL;
    }

    /** Whether its payload can be let go and loaded again. */
    boolean backed() {
        return durable() || spilled();
    }

    Backing backing() {
        return Backing.of(backing);
    }

    void transitionTo(Backing next) {
        if (!backing().mayBecome(next)) {
            throw new IllegalStateException("message " + sequence + " is " + backing() + " and can't become " + next);
        }
        backing = next.code;
    }

    /** What was said of it when it came, as changed since. */
    public MessageTraits traits() {
        return traits;
    }

    int priority() {
        return traits.priority();
    }

    /** Failed delivery attempts so far, as the header's delivery-count says it (AMQP 1.0 §3.2.1). */
    public int deliveryCount() {
        return history.deliveryCount();
    }

    /** Annotations gathered from {@link Outcome.Modified}, opaque, often empty. Not to be changed. */
    public byte[] annotations() {
        return history.annotations();
    }

    /**
     * The payload.
     *
     * @throws IllegalStateException if it is not in memory, which it is wherever an interface here says so
     */
    public QueueMessage message() {
        if (message == null) {
            throw new IllegalStateException("the payload of message " + sequence + " is not in memory");
        }
        return message;
    }

    /** Whether the payload is in memory. */
    public boolean resident() {
        return message != null;
    }

    void supply(QueueMessage payload) {
        assert !resident();
        message = payload;
    }

    void dropPayload() {
        assert backed() && resident() && state() != EntryState.ACQUIRED;
        message = null;
        borrowed = false;
    }

    EntryState state() {
        return EntryState.of(state);
    }

    /**
     * Whether it is as if it was restored just now, and nobody here knows it but for the agenda, so that sequence, size
     * and the time at which it expires tell it all.
     */
    boolean saysNothing() {
        return backed() && message == null && history.isNone() && !comeBackTo && traits.sayNothingButExpiry();
    }

    /** Whether it is in the backlog: nobody has it, and it may be delivered. */
    boolean waiting() {
        return state() == EntryState.FRESH || state() == EntryState.RETURNED;
    }

    void transitionTo(EntryState next) {
        if (!state().mayBecome(next)) {
            throw new IllegalStateException("message " + sequence + " is " + state() + " and can't become " + next);
        }
        state = next.code;
    }

    void countFailedDelivery() {
        history = history.withDeliveryCount(history.deliveryCount() + 1);
    }

    void replaceTraits(MessageTraits changed) {
        traits = changed;
    }

    void replaceAnnotations(byte[] merged) {
        history = history.withAnnotations(merged);
    }

    /** What it is to the consumer that has it. */
    public Acquisition acquisition() {
        return new Acquisition(sequence, history.returns());
    }

    boolean isAcquiredAs(Acquisition acquisition) {
        return acquisition.sequence() == sequence && acquisition.returns() == history.returns();
    }

    void countReturn() {
        history = history.returned();
    }

    boolean excludes(Consumer consumer) {
        for (Consumer other : history.excluded()) {
            if (other == consumer) {
                return true;
            }
        }
        return false;
    }

    void exclude(Consumer consumer) {
        assert !excludes(consumer);
        history = history.excluding(consumer);
    }

    Consumer[] excluded() {
        return history.excluded();
    }
}
