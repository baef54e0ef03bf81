package io.sterna.broker.queue;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.LongPredicate;
import java.util.stream.LongStream;

/** A queue with a recording shell around it, and a store in memory that answers loads when told to. */
final class RecordingShell implements QueueEffects {
    static final LoadLimits LIMITS = new LoadLimits(4, 1000, 5);

    record Payload(long sequence, int sizeBytes) implements QueueMessage {}

    record DeadLetter(
            long sequence, DeadLetterReason reason, int deliveryCount, String condition, String description) {}

    record Update(long sequence, int deliveryCount, String annotations) {}

    final Queue queue;
    long nowMillis = 1_000_000;
    long wakeAtMillis = Long.MAX_VALUE;
    final List<Long> acknowledged = new ArrayList<>();
    final List<DeadLetter> deadLetters = new ArrayList<>();
    final List<Update> updates = new ArrayList<>();
    final List<Long> loads = new ArrayList<>();
    final List<Long> spillUnneeded = new ArrayList<>();
    final List<Long> missing = new ArrayList<>();
    final NavigableMap<Long, Payload> stored = new TreeMap<>();
    long nextSequence = 1;

    boolean deadLettersTaken = true;

    /** Whether the test has searches that take more than one turn. */
    boolean mayContinue;

    int continuations;

    RecordingShell() {
        this(QueueRules.NONE);
    }

    RecordingShell(QueueRules rules) {
        queue = new Queue(this, RecordingShell::merge, LIMITS, rules, () -> true, () -> nowMillis);
    }

    /** Messages that a consumer has and that have not come back before. */
    static List<Acquisition> acquisitions(long... sequences) {
        return LongStream.of(sequences)
                .mapToObj(sequence -> new Acquisition(sequence, 0))
                .toList();
    }

    /** Lets time pass, and wakes the queue where it has asked for it. */
    void passTo(long millis) {
        while (wakeAtMillis <= millis) {
            nowMillis = Math.max(nowMillis, wakeAtMillis);
            wakeAtMillis = Long.MAX_VALUE;
            queue.onTime();
        }
        nowMillis = millis;
    }

    /** Records what its consumer is told. */
    static final class Link implements Receiver {
        final List<Long> delivered = new ArrayList<>();
        final List<Integer> deliveryCounts = new ArrayList<>();
        final List<Long> drained = new ArrayList<>();
        final List<Long> locksLost = new ArrayList<>();
        boolean queueDeleted;

        @Override
        public void deliver(Entry entry) {
            if (((Payload) entry.message()).sequence() != entry.sequence()) {
                throw new AssertionError("the payload of another message: " + entry.message());
            }
            delivered.add(entry.sequence());
            deliveryCounts.add(entry.deliveryCount());
        }

        @Override
        public void drained(long unusedCredit) {
            drained.add(unusedCredit);
        }

        @Override
        public void lockLost(long sequence) {
            locksLost.add(sequence);
        }

        @Override
        public void queueDeleted() {
            queueDeleted = true;
        }
    }

    Consumer consumer(Link link) {
        return queue.addConsumer(link, ConsumerOptions.of(Outcome.DELIVERY_FAILED));
    }

    Consumer consumer(Link link, long limit) {
        Consumer consumer = consumer(link);
        queue.grant(consumer, limit);
        return consumer;
    }

    Consumer consumer(Link link, ConsumerOptions options, long limit) {
        Consumer consumer = queue.addConsumer(link, options);
        queue.grant(consumer, limit);
        return consumer;
    }

    /** Turns of the loop, as often as the queue has asked for them; gives how often that was. */
    int turns() {
        int turns = 0;
        for (; continuations > 0; turns++) {
            continuations--;
            queue.goOn();
        }
        return turns;
    }

    /** Wants messages by their sequence. */
    static MessageFilter only(LongPredicate wanted) {
        return message -> wanted.test(((Payload) message).sequence());
    }

    /** Enqueues durable messages of 100 bytes. */
    void enqueue(int messages) {
        for (int count = 0; count < messages; count++) {
            enqueue(true, 100);
        }
    }

    long enqueue(boolean durable, int sizeBytes) {
        long sequence = nextSequence++;
        Payload payload = new Payload(sequence, sizeBytes);
        if (durable) {
            stored.put(sequence, payload);
        }
        queue.enqueue(sequence, payload, MessageTraits.DEFAULT, durable);
        return sequence;
    }

    /** Enqueues a durable message of 100 bytes. */
    long enqueue(MessageTraits traits) {
        long sequence = nextSequence++;
        Payload payload = new Payload(sequence, 100);
        stored.put(sequence, payload);
        queue.enqueue(sequence, payload, traits, true);
        return sequence;
    }

    List<Long> deadSequences(DeadLetterReason reason) {
        return deadLetters.stream()
                .filter(letter -> letter.reason() == reason)
                .map(DeadLetter::sequence)
                .toList();
    }

    /** Puts durable messages of 100 bytes in, as after a restart. */
    void restore(int messages) {
        for (int count = 0; count < messages; count++) {
            restore(MessageTraits.DEFAULT);
        }
    }

    /** Puts a durable message of 100 bytes in, as after a restart. */
    void restore(MessageTraits traits) {
        long sequence = nextSequence++;
        stored.put(sequence, new Payload(sequence, 100));
        queue.restore(sequence, 100, 0, traits, new byte[0]);
    }

    /** What the store answers to the last load. */
    List<LoadedMessage> read() {
        List<LoadedMessage> found = new ArrayList<>();
        long bytes = 0;
        for (Payload payload : stored.tailMap(loads.get(loads.size() - 1)).values()) {
            if (found.size() == LIMITS.maxMessages() || bytes >= LIMITS.maxBytes()) {
                break;
            }
            found.add(new LoadedMessage(payload.sequence(), payload));
            bytes += payload.sizeBytes();
        }
        return found;
    }

    void answerLoad() {
        queue.loading().onLoaded(read());
    }

    /** Answers loads for as long as there are new ones. */
    void answerLoads() {
        for (int answered = 0; answered < loads.size(); answered++) {
            answerLoad();
        }
    }

    @Override
    public void acknowledged(long sequence) {
        acknowledged.add(sequence);
        stored.remove(sequence);
    }

    @Override
    public void deadLetter(Entry entry, DeadLetterReason reason, String condition, String description) {
        deadLetters.add(new DeadLetter(entry.sequence(), reason, entry.deliveryCount(), condition, description));
        stored.remove(entry.sequence());
    }

    @Override
    public void deliveryUpdated(Entry entry) {
        updates.add(new Update(entry.sequence(), entry.deliveryCount(), new String(entry.annotations(), UTF_8)));
    }

    @Override
    public boolean takesDeadLetters() {
        return deadLettersTaken;
    }

    @Override
    public void wakeAt(long atMillis) {
        wakeAtMillis = atMillis;
    }

    @Override
    public void load(long fromSequence, LoadLimits limits) {
        loads.add(fromSequence);
    }

    @Override
    public void continueLater() {
        if (!mayContinue) {
            throw new AssertionError("there is nothing to go on with");
        }
        continuations++;
    }

    @Override
    public void spillUnneeded(long sequence) {
        spillUnneeded.add(sequence);
    }

    @Override
    public void missing(Entry entry) {
        missing.add(entry.sequence());
    }

    private static byte[] merge(byte[] current, byte[] added) {
        return (new String(current, UTF_8) + new String(added, UTF_8)).getBytes(UTF_8);
    }
}
