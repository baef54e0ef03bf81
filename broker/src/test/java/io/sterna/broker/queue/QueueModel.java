package io.sterna.broker.queue;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.broker.queue.RecordingShell.Payload;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * A queue and a list that says what it has to do. Each command goes to both; each effect of the queue is checked against
 * the list when it happens, and the two are compared after each command. Any choice is taken modulo what there is.
 */
final class QueueModel implements QueueEffects {
    private static final LoadLimits LIMITS = new LoadLimits(3, 500);
    private static final List<Outcome> OUTCOMES = List.of(
            Outcome.ACCEPTED,
            Outcome.RELEASED,
            Outcome.DELIVERY_FAILED,
            new Outcome.Modified(false, true, new byte[0]),
            new Outcome.Modified(true, true, "x".getBytes(UTF_8)),
            new Outcome.Rejected("condition", "description"));

    private static final class Message {
        final boolean durable;
        final int sizeBytes;
        boolean resident;
        boolean lost;
        int deliveryCount;
        String annotations = "";
        Optional<Link> holder = Optional.empty();
        final Set<Link> excluded = new HashSet<>();

        Message(boolean durable, int sizeBytes, boolean resident) {
            this.durable = durable;
            this.sizeBytes = sizeBytes;
            this.resident = resident;
        }
    }

    private final class Link implements Receiver {
        final Consumer consumer;
        final Outcome defaultOutcome;
        long limit;
        long sent;
        boolean draining;
        final Map<Link, Integer> passedOverFor = new HashMap<>();

        Link(Outcome defaultOutcome) {
            this.defaultOutcome = defaultOutcome;
            this.consumer = queue.addConsumer(this, ConsumerOptions.of(defaultOutcome));
        }

        long credit() {
            return Math.max(0, limit - sent);
        }

        @Override
        public void deliver(Entry entry) {
            assertThat(credit()).as("credit").isPositive();
            assertThat(first(this)).as("first message that it may have").contains(entry.sequence());
            Message message = messages.get(entry.sequence());
            assertThat(entry.resident()).isTrue();
            message.resident = true;
            assertThat(((Payload) entry.message()).sequence()).isEqualTo(entry.sequence());
            assertThat(entry.deliveryCount()).isEqualTo(message.deliveryCount);
            assertThat(new String(entry.annotations(), UTF_8)).isEqualTo(message.annotations);
            checkFairness();
            sent++;
            message.holder = Optional.of(this);
        }

        /** Whoever could be served as well is passed over for the same consumer at most once. */
        private void checkFairness() {
            for (Link other : links) {
                boolean served = other.credit() > 0
                        && first(other)
                                .map(messages::get)
                                .map(it -> it.resident)
                                .orElse(false);
                if (other != this && served) {
                    assertThat(other.passedOverFor.merge(this, 1, Integer::sum))
                            .as("passed over for the same consumer")
                            .isEqualTo(1);
                }
            }
            passedOverFor.clear();
        }

        @Override
        public void drained(long unusedCredit) {
            assertThat(draining).isTrue();
            assertThat(unusedCredit).isEqualTo(credit());
            assertThat(credit() == 0 || first(this).isEmpty() || loadFailed).isTrue();
            draining = false;
            sent += unusedCredit;
            passedOverFor.clear();
        }

        @Override
        public void lockLost(long sequence) {
            throw new AssertionError("there is no lock");
        }

        @Override
        public void queueDeleted() {
            throw new AssertionError("not deleted");
        }
    }

    private final Queue queue = new Queue(
            this,
            (a, b) -> (new String(a, UTF_8) + new String(b, UTF_8)).getBytes(UTF_8),
            LIMITS,
            QueueRules.NONE,
            () -> true,
            () -> 1_000);
    private final TreeMap<Long, Message> messages = new TreeMap<>();
    private final List<Link> links = new ArrayList<>();
    private final Set<Long> expectedAcknowledged = new HashSet<>();
    private final Set<Long> expectedDeadLetters = new HashSet<>();
    private final Map<Long, Message> expectedUpdates = new HashMap<>();
    private Optional<Long> loadFrom = Optional.empty();
    private Optional<List<LoadedMessage>> loadRead = Optional.empty();
    private boolean loadFailed;
    private boolean continuing;
    private long nextSequence = 1;
    private long enqueuedTotal;
    private long acknowledgedTotal;

    void enqueue(int count, boolean durable) {
        for (int i = 0; i <= count % 4; i++) {
            long sequence = nextSequence++;
            Payload payload = new Payload(sequence, 1 + (count * 37) % 300);
            messages.put(sequence, new Message(durable, payload.sizeBytes(), true));
            enqueuedTotal++;
            queue.enqueue(sequence, payload, MessageTraits.DEFAULT, durable);
        }
    }

    void restore(int count) {
        long sequence = nextSequence++;
        Message message = new Message(true, 1 + (count * 37) % 300, false);
        message.deliveryCount = count % 3;
        messages.put(sequence, message);
        queue.restore(sequence, message.sizeBytes, message.deliveryCount, MessageTraits.DEFAULT, new byte[0]);
    }

    void addConsumer(int outcome) {
        if (links.size() < 6) {
            links.add(new Link(OUTCOMES.get(outcome % OUTCOMES.size())));
        }
    }

    void removeConsumer(int choice) {
        link(choice).ifPresent(link -> {
            links.remove(link);
            for (long sequence : heldBy(link)) {
                expectOutcome(sequence, link, link.defaultOutcome);
            }
            assertThat(queue.removeConsumer(link.consumer, new long[0], false)).isTrue();
        });
    }

    void flow(int choice, int change, boolean drain) {
        link(choice).ifPresent(link -> {
            link.limit = link.sent + change % 8 - 1;
            link.draining = drain;
            if (link.credit() == 0) {
                link.passedOverFor.clear();
            }
            if (drain) {
                queue.drain(link.consumer, link.limit);
            } else {
                queue.grant(link.consumer, link.limit);
            }
        });
    }

    void settle(int choice, int which, int outcome) {
        link(choice).ifPresent(link -> {
            List<Long> held = heldBy(link);
            if (!held.isEmpty()) {
                long sequence = held.get(which % held.size());
                expectOutcome(sequence, link, OUTCOMES.get(outcome % OUTCOMES.size()));
                assertThat(queue.settle(link.consumer, sequence, OUTCOMES.get(outcome % OUTCOMES.size())))
                        .isTrue();
            }
        });
    }

    void settleAll(int choice, int outcome) {
        link(choice).ifPresent(link -> {
            List<Long> held = heldBy(link);
            held.forEach(sequence -> expectOutcome(sequence, link, OUTCOMES.get(outcome % OUTCOMES.size())));
            long[] sequences = held.stream().mapToLong(Long::longValue).toArray();
            assertThat(queue.settleAll(link.consumer, sequences, OUTCOMES.get(outcome % OUTCOMES.size())))
                    .isEqualTo(sequences.length);
        });
    }

    void settleUnknown(int choice, int sequence, int outcome) {
        link(choice).ifPresent(link -> {
            if (!heldBy(link).contains((long) sequence)) {
                assertThat(queue.settle(link.consumer, sequence, OUTCOMES.get(outcome % OUTCOMES.size())))
                        .isFalse();
            }
        });
    }

    /** First the store reads, later the answer arrives, so that there is time for things to change before and after. */
    void stepLoad() {
        if (loadRead.isPresent()) {
            List<LoadedMessage> read = loadRead.orElseThrow();
            loadRead = Optional.empty();
            loadFrom = Optional.empty();
            queue.onLoaded(read);
        } else if (loadFrom.isPresent()) {
            loadRead = Optional.of(messages.tailMap(loadFrom.orElseThrow()).entrySet().stream()
                    .filter(entry -> entry.getValue().durable && !entry.getValue().lost)
                    .limit(LIMITS.maxMessages())
                    .map(entry ->
                            new LoadedMessage(entry.getKey(), new Payload(entry.getKey(), entry.getValue().sizeBytes)))
                    .toList());
        }
    }

    void failLoad() {
        if (loadFrom.isPresent()) {
            loadRead = Optional.empty();
            loadFrom = Optional.empty();
            loadFailed = true;
            queue.onLoadFailed();
        }
    }

    void resumeLoading() {
        loadFailed = false;
        queue.resumeLoading();
    }

    void dropPayloads(int bytes) {
        long expected = 0;
        for (Message message : messages.descendingMap().values()) {
            if (expected < bytes && message.durable && message.resident && message.holder.isEmpty()) {
                message.resident = false;
                expected += message.sizeBytes;
            }
        }
        assertThat(queue.dropPayloads(bytes)).isEqualTo(expected);
    }

    /** The store loses a message, as by corruption. */
    void lose(int choice) {
        List<Message> absent =
                messages.values().stream().filter(it -> !it.resident).toList();
        if (!absent.isEmpty()) {
            absent.get(choice % absent.size()).lost = true;
        }
    }

    void purge() {
        List<Long> waiting = messages.keySet().stream()
                .filter(sequence -> messages.get(sequence).holder.isEmpty())
                .toList();
        for (long sequence : waiting) {
            leave(sequence, messages.get(sequence));
        }
        assertThat(queue.purge()).isEqualTo(waiting.size());
    }

    /** Everything that is left goes to one last consumer, in order, unless the store has lost it. */
    void finish() {
        while (!links.isEmpty()) {
            removeConsumer(0);
            check();
        }
        Link last = new Link(Outcome.RELEASED);
        links.add(last);
        last.limit = Long.MAX_VALUE;
        queue.grant(last.consumer, last.limit);
        resumeLoading();
        int steps = 2 * messages.size() + 4;
        while (loadFrom.isPresent()) {
            assertThat(steps--).as("load steps left").isPositive();
            stepLoad();
            check();
        }
        assertThat(queue.acquired()).isEqualTo(queue.depth());
        settleAll(0, 0);
        check();
        assertThat(queue.depth()).isZero();
    }

    void check() {
        while (continuing) {
            continuing = false;
            queue.goOn();
        }
        queue.waiting().forEach(entry -> messages.get(entry.sequence()).resident = entry.resident());
        assertThat(expectedAcknowledged).isEmpty();
        assertThat(expectedDeadLetters).isEmpty();
        assertThat(expectedUpdates).isEmpty();
        assertThat(queue.depth()).isEqualTo(messages.size());
        assertThat(queue.acquired()).isEqualTo((int)
                messages.values().stream().filter(it -> it.holder.isPresent()).count());
        assertThat(queue.consumers()).isEqualTo(links.size());
        assertThat(queue.residentBytes())
                .isEqualTo(messages.values().stream()
                        .filter(it -> it.resident)
                        .mapToLong(it -> it.sizeBytes)
                        .sum());
        assertThat(queue.enqueuedTotal()).isEqualTo(enqueuedTotal);
        assertThat(queue.acknowledgedTotal()).isEqualTo(acknowledgedTotal);
        for (Link link : links) {
            Optional<Message> next = link.credit() > 0 ? first(link).map(messages::get) : Optional.empty();
            assertThat(next.map(it -> it.resident).orElse(false))
                    .as("a message waits for a consumer with credit")
                    .isFalse();
            assertThat(next.isPresent() && loadFrom.isEmpty() && !loadFailed)
                    .as("nobody loads what a consumer waits for")
                    .isFalse();
            assertThat(link.draining && (next.isEmpty() || loadFailed))
                    .as("drain is not answered")
                    .isFalse();
        }
    }

    @Override
    public void acknowledged(long sequence) {
        assertThat(expectedAcknowledged.remove(sequence)).isTrue();
    }

    @Override
    public void deadLetter(Entry entry, DeadLetterReason reason, String condition, String description) {
        assertThat(expectedDeadLetters.remove(entry.sequence())).isTrue();
        assertThat(entry.resident()).isTrue();
    }

    @Override
    public void deliveryUpdated(Entry entry) {
        Message message =
                Optional.ofNullable(expectedUpdates.remove(entry.sequence())).orElseThrow();
        assertThat(entry.deliveryCount()).isEqualTo(message.deliveryCount);
        assertThat(new String(entry.annotations(), UTF_8)).isEqualTo(message.annotations);
    }

    @Override
    public void wakeAt(long atMillis) {}

    @Override
    public void load(long fromSequence, LoadLimits limits) {
        assertThat(loadFrom).as("load in flight").isEmpty();
        assertThat(loadFailed).isFalse();
        assertThat(links).as("someone has credit").anyMatch(link -> link.credit() > 0);
        loadFrom = Optional.of(fromSequence);
    }

    @Override
    public void continueLater() {
        assertThat(continuing).as("asked once").isFalse();
        continuing = true;
    }

    @Override
    public void missing(long sequence) {
        Message message = Optional.ofNullable(messages.remove(sequence)).orElseThrow();
        assertThat(message.lost).isTrue();
        assertThat(message.resident).isFalse();
    }

    private Optional<Link> link(int choice) {
        return links.isEmpty() ? Optional.empty() : Optional.of(links.get(choice % links.size()));
    }

    private Optional<Long> first(Link link) {
        return messages.keySet().stream()
                .filter(sequence -> messages.get(sequence).holder.isEmpty()
                        && !messages.get(sequence).excluded.contains(link))
                .findFirst();
    }

    private List<Long> heldBy(Link link) {
        return messages.keySet().stream()
                .filter(sequence ->
                        messages.get(sequence).holder.filter(it -> it == link).isPresent())
                .toList();
    }

    private void expectOutcome(long sequence, Link link, Outcome outcome) {
        Message message = messages.get(sequence);
        message.holder = Optional.empty();
        if (outcome instanceof Outcome.Accepted) {
            acknowledgedTotal++;
            leave(sequence, message);
        } else if (outcome instanceof Outcome.Rejected) {
            messages.remove(sequence);
            expectedDeadLetters.add(sequence);
        } else if (outcome instanceof Outcome.Modified modified) {
            message.deliveryCount += modified.deliveryFailed() ? 1 : 0;
            message.annotations += new String(modified.annotations(), UTF_8);
            if (modified.undeliverableHere()) {
                message.excluded.add(link);
            }
            if (message.durable && (modified.deliveryFailed() || modified.annotations().length > 0)) {
                expectedUpdates.put(sequence, message);
            }
        }
    }

    private void leave(long sequence, Message message) {
        messages.remove(sequence);
        if (message.durable) {
            expectedAcknowledged.add(sequence);
        }
    }
}
