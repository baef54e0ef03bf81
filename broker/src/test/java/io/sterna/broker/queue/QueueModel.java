package io.sterna.broker.queue;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.broker.queue.ModelRules.Message;
import io.sterna.broker.queue.ModelRules.Party;
import io.sterna.broker.queue.RecordingShell.Payload;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A queue and a list that says what it has to do. Each command goes to both; each effect of the queue is checked against
 * the list when it happens, and the two are compared after each command. Any choice is taken modulo what there is.
 */
final class QueueModel implements QueueEffects {
    private static final List<Outcome> OUTCOMES = List.of(
            Outcome.ACCEPTED,
            Outcome.RELEASED,
            Outcome.DELIVERY_FAILED,
            new Outcome.Modified(false, true, new byte[0]),
            new Outcome.Modified(true, true, "x".getBytes(UTF_8)),
            new Outcome.Rejected("condition", "description"));

    /**
     * What occurs in a run.
     *
     * @param passedOverPerTurn how far searches go at once
     */
    record Variety(
            boolean priorities,
            boolean groups,
            boolean filters,
            boolean levels,
            boolean expiring,
            int passedOverPerTurn) {
        boolean plain() {
            return !groups && !filters && !levels && passedOverPerTurn > 100;
        }
    }

    private final class Link extends Party implements Receiver {
        final Consumer consumer;
        final long newest = nextSequence - 1;
        boolean draining;
        Optional<Message> shown = Optional.empty();

        /** What was there when it came and has been all the time: to a browser it has to be shown. */
        final Set<Message> constant = new HashSet<>();

        final Map<Link, Integer> passedOverFor = new HashMap<>();

        Link(ConsumerOptions options, int modulus) {
            super(options, modulus);
            rules.waiting().forEach(constant::add);
            rules.add(this);
            MessageFilter filter = message -> ((Payload) message).sequence() % modulus == 0;
            consumer = queue.addConsumer(this, modulus == 1 ? options : options.withFilter(filter));
        }

        @Override
        public void deliver(Entry entry) {
            assertThat(credit()).as("credit").isPositive();
            Message message = rules.messages.get(entry.sequence());
            assertThat(entry.resident()).isTrue();
            assertThat(((Payload) entry.message()).sequence()).isEqualTo(entry.sequence());
            assertThat(entry.deliveryCount()).isEqualTo(message.deliveryCount);
            assertThat(new String(entry.annotations(), UTF_8)).isEqualTo(message.annotations);
            message.resident = true;
            if (browses()) {
                checkShown(message);
            } else {
                checkTaken(message);
            }
            sent++;
        }

        private void checkTaken(Message message) {
            assertThat(rules.maybeFor(this, message)).as("may have it").isTrue();
            rules.firstFor(this).ifPresent(first -> assertThat(first.comesBefore(message))
                    .as("an earlier one waits")
                    .isFalse());
            for (Link other : links) {
                if (other.options.priority() > options.priority() && other.credit() > 0 && !loadFailed) {
                    assertThat(rules.firstFor(other))
                            .as("for a higher consumer")
                            .isEmpty();
                }
            }
            if (variety.plain()) {
                checkFairness();
            }
            message.holder = Optional.of(this);
            links.forEach(link -> link.constant.remove(message));
            if (!message.traits.groupId().isEmpty()) {
                rules.owners.put(message.traits.groupId(), this);
            }
        }

        private void checkShown(Message message) {
            assertThat(message.waits() && wants(message) && message.sequence <= newest)
                    .isTrue();
            shown.ifPresent(
                    last -> assertThat(last.comesBefore(message)).as("in order").isTrue());
            assertThat(nextToShow().filter(next -> next.comesBefore(message)))
                    .as("left out")
                    .isEmpty();
            shown = Optional.of(message);
        }

        Optional<Message> nextToShow() {
            return rules.waiting().stream()
                    .filter(it -> constant.contains(it) && wants(it))
                    .filter(it -> shown.map(last -> last.comesBefore(it)).orElse(true))
                    .findFirst();
        }

        Optional<Message> next() {
            return browses() ? nextToShow() : rules.firstFor(this);
        }

        /** Whoever could be served as well is passed over for the same consumer at most once. */
        private void checkFairness() {
            for (Link other : links) {
                boolean served = other.credit() > 0
                        && rules.firstFor(other).map(it -> it.resident).orElse(false);
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
            assertThat(credit() == 0 || loadFailed || next().isEmpty()).isTrue();
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

    private final Variety variety;
    private final LoadLimits limits;
    private final Queue queue;
    private final ModelRules rules = new ModelRules();
    private final List<Link> links = new ArrayList<>();
    private final Set<Long> expectedAcknowledged = new HashSet<>();
    private final Set<Long> expectedUnneeded = new HashSet<>();
    private final ArrayDeque<List<Entry>> spilling = new ArrayDeque<>();
    private final Set<Long> expectedDeadLetters = new HashSet<>();
    private final Map<Long, Message> expectedUpdates = new HashMap<>();
    private Optional<Long> loadFrom = Optional.empty();
    private Optional<List<LoadedMessage>> loadRead = Optional.empty();
    private boolean loadFailed;
    private boolean continuing;
    private long nowMillis = 1_000;
    private long wakeAtMillis = Long.MAX_VALUE;
    private long nextSequence = 1;
    private long enqueuedTotal;
    private long acknowledgedTotal;

    QueueModel(Variety variety) {
        this.variety = variety;
        limits = new LoadLimits(3, 500, variety.passedOverPerTurn());
        queue = new Queue(
                this,
                (a, b) -> (new String(a, UTF_8) + new String(b, UTF_8)).getBytes(UTF_8),
                limits,
                QueueRules.NONE,
                () -> true,
                () -> nowMillis);
    }

    private MessageTraits traits(int choice) {
        int priority = variety.priorities() ? 3 + choice % 3 : 4;
        String group = variety.groups() && choice % 4 != 0 ? "g" + choice % 7 % 3 : "";
        long expiresAtMillis = variety.expiring() && choice % 3 != 0 ? nowMillis + choice % 5 * 10L : 0;
        return new MessageTraits(priority, expiresAtMillis, 0, group);
    }

    void passTime(int millis) {
        nowMillis += millis;
    }

    private void wake() {
        while (wakeAtMillis <= nowMillis) {
            wakeAtMillis = Long.MAX_VALUE;
            queue.onTime();
        }
    }

    void enqueue(int count, int choice, boolean durable) {
        for (int i = 0; i <= count % 4; i++) {
            long sequence = nextSequence++;
            Payload payload = new Payload(sequence, 1 + (count * 37) % 300);
            MessageTraits traits = traits(choice + 5 * i);
            rules.messages.put(sequence, new Message(sequence, durable, payload.sizeBytes(), traits, true));
            enqueuedTotal++;
            queue.enqueue(sequence, payload, traits, durable);
        }
    }

    void restore(int count, int choice) {
        long sequence = nextSequence++;
        Message message = new Message(sequence, true, 1 + (count * 37) % 300, traits(choice), false);
        message.deliveryCount = count % 3;
        rules.messages.put(sequence, message);
        queue.restore(sequence, message.sizeBytes, message.deliveryCount, message.traits, new byte[0]);
    }

    void addConsumer(int outcome, int kind, int level) {
        if (links.size() < 6) {
            ConsumerOptions options = ConsumerOptions.of(OUTCOMES.get(outcome % OUTCOMES.size()));
            if (variety.levels()) {
                options = options.withPriority(level % 3);
                options = kind % 11 == 1 ? options.asExclusive() : options;
            }
            options = variety.filters() && kind % 5 == 0 ? options.asBrowser() : options;
            links.add(new Link(options, variety.filters() ? 1 + kind % 3 : 1));
        }
    }

    void removeConsumer(int choice, boolean inOrder) {
        link(choice).ifPresent(link -> {
            links.remove(link);
            rules.remove(link);
            Outcome outcome = link.options.defaultOutcome();
            heldBy(link)
                    .forEach(sequence ->
                            expectOutcome(sequence, link, inOrder ? Outcome.uncounted(outcome) : outcome, false));
            assertThat(queue.removeConsumer(link.consumer, List.of(), inOrder)).isTrue();
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
                expectOutcome(sequence, link, OUTCOMES.get(outcome % OUTCOMES.size()), true);
                assertThat(queue.settle(link.consumer, sequence, OUTCOMES.get(outcome % OUTCOMES.size())))
                        .isTrue();
            }
        });
    }

    void settleAll(int choice, int outcome) {
        link(choice).ifPresent(link -> {
            List<Long> held = heldBy(link);
            held.forEach(sequence -> expectOutcome(sequence, link, OUTCOMES.get(outcome % OUTCOMES.size()), true));
            List<Acquisition> acquisitions = queue.holdings().of(link.consumer).stream()
                    .map(Entry::acquisition)
                    .toList();
            assertThat(queue.settleAll(link.consumer, acquisitions, OUTCOMES.get(outcome % OUTCOMES.size())))
                    .isEqualTo(held.size());
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
            long from = loadFrom.orElseThrow();
            long later = firstSpilledSince(from, read);
            if (later > from) {
                loadFrom = Optional.empty();
                queue.loading()
                        .onLoaded(read.stream()
                                .filter(it -> it.sequence() < later)
                                .toList());
            }
        } else if (loadFrom.isPresent()) {
            loadRead = Optional.of(rules.messages.tailMap(loadFrom.orElseThrow()).values().stream()
                    .filter(message -> message.backed() && !message.lost)
                    .limit(limits.maxMessages())
                    .map(it -> new LoadedMessage(it.sequence, new Payload(it.sequence, it.sizeBytes)))
                    .toList());
        }
    }

    /** What was spilled after it was read is in no answer, and must not be taken for missing. */
    private long firstSpilledSince(long from, List<LoadedMessage> read) {
        long last = read.isEmpty() ? from : read.get(read.size() - 1).sequence();
        Set<Long> found = new HashSet<>();
        read.forEach(message -> found.add(message.sequence()));
        return rules.messages.subMap(from, true, last, true).values().stream()
                .filter(it -> it.spilled && !it.lost && !found.contains(it.sequence))
                .mapToLong(it -> it.sequence)
                .findFirst()
                .orElse(Long.MAX_VALUE);
    }

    void spill(int bytes) {
        List<Message> waiting = new ArrayList<>(rules.waiting());
        waiting.sort(ModelRules.ORDER.reversed());
        List<Long> expected = new ArrayList<>();
        long sum = 0;
        for (Message message : waiting) {
            if (sum < bytes && expected.size() < 3 && message.resident && !message.backed() && !message.coming) {
                message.coming = true;
                sum += message.sizeBytes;
                expected.add(message.sequence);
            }
        }
        List<Entry> chosen = queue.spilling().choose(3, bytes);
        assertThat(chosen.stream().map(Entry::sequence)).containsExactlyElementsOf(expected);
        if (!chosen.isEmpty()) {
            spilling.add(chosen);
        }
    }

    void stepSpill(boolean written) {
        if (spilling.isEmpty()) {
            return;
        }
        List<Entry> chosen = spilling.remove();
        List<Long> here = new ArrayList<>();
        for (Entry entry : chosen) {
            Message message = rules.messages.get(entry.sequence());
            if (message != null) {
                here.add(message.sequence);
                message.coming = false;
                message.spilled = written;
                message.resident &= !written || !message.waits();
            }
        }
        if (written) {
            assertThat(queue.spilling().onWritten(chosen).stream().map(Entry::sequence))
                    .containsExactlyElementsOf(here);
        } else {
            queue.spilling().onFailed(chosen);
        }
    }

    /** All that was spilled from a message on, as far as nobody has it. */
    void takeBack(int choice) {
        List<Message> spilled = rules.messages.values().stream()
                .filter(it -> it.spilled && !it.lost)
                .skip(choice % 5)
                .limit(4)
                .toList();
        List<Message> free = spilled.stream().filter(Message::waits).toList();
        free.forEach(message -> {
            message.spilled = false;
            message.resident = true;
        });
        assertThat(queue.spilling()
                        .takeBack(spilled.stream()
                                .map(it -> new LoadedMessage(it.sequence, new Payload(it.sequence, it.sizeBytes)))
                                .toList()))
                .containsExactlyElementsOf(free.stream().map(it -> it.sequence).toList());
    }

    void failLoad() {
        if (loadFrom.isPresent()) {
            loadRead = Optional.empty();
            loadFrom = Optional.empty();
            loadFailed = true;
            queue.loading().onFailed();
        }
    }

    void resumeLoading() {
        loadFailed = false;
        queue.loading().resume();
    }

    void goOn() {
        if (continuing) {
            continuing = false;
            queue.goOn();
        }
    }

    void dropPayloads(int bytes) {
        long expected = 0;
        List<Message> waiting = new ArrayList<>(rules.waiting());
        waiting.sort(ModelRules.ORDER.reversed());
        for (Message message : waiting) {
            if (expected < bytes && message.backed() && message.resident) {
                message.resident = false;
                expected += message.sizeBytes;
            }
        }
        assertThat(queue.loading().drop(bytes)).isEqualTo(expected);
    }

    /** The store loses a message, as by corruption. */
    void lose(int choice) {
        List<Message> absent =
                rules.messages.values().stream().filter(it -> !it.resident).toList();
        if (!absent.isEmpty()) {
            absent.get(choice % absent.size()).lost = true;
        }
    }

    void purge() {
        List<Message> waiting = rules.waiting();
        waiting.forEach(this::leave);
        assertThat(queue.purge()).isEqualTo(waiting.size());
    }

    /** Everything that is left goes to one last consumer, in order, unless the store has lost it. */
    void finish() {
        while (!spilling.isEmpty()) {
            stepSpill(true);
        }
        while (!links.isEmpty()) {
            removeConsumer(0, true);
            check();
        }
        Link last = new Link(ConsumerOptions.of(Outcome.RELEASED), 1);
        links.add(last);
        last.limit = Long.MAX_VALUE;
        queue.grant(last.consumer, last.limit);
        resumeLoading();
        int steps = 20 * rules.messages.size() + 20;
        while (loadFrom.isPresent() || continuing) {
            assertThat(steps--).as("steps left").isPositive();
            goOn();
            stepLoad();
            check();
        }
        while (queue.figures().depth() > 0) {
            assertThat(steps--).as("steps left").isPositive();
            settleAll(0, 0);
            goOn();
            stepLoad();
            check();
        }
    }

    void check() {
        wake();
        assertThat(rules.waiting()).noneMatch(message -> message.traits.expired(nowMillis));
        queue.waiting().forEach(entry -> rules.messages.get(entry.sequence()).resident = entry.resident());
        rules.afterCommand();
        assertThat(expectedAcknowledged).isEmpty();
        assertThat(expectedUnneeded).isEmpty();
        assertThat(expectedDeadLetters).isEmpty();
        assertThat(expectedUpdates).isEmpty();
        assertThat(queue.figures().depth()).isEqualTo(rules.messages.size());
        assertThat(queue.figures().acquired())
                .isEqualTo(rules.messages.size() - rules.waiting().size());
        assertThat(queue.waiting().stream().map(Entry::sequence))
                .containsExactlyElementsOf(
                        rules.waiting().stream().map(it -> it.sequence).toList());
        assertThat(queue.figures().consumers()).isEqualTo(links.size());
        assertThat(queue.figures().residentBytes())
                .isEqualTo(rules.messages.values().stream()
                        .filter(it -> it.resident)
                        .mapToLong(it -> it.sizeBytes)
                        .sum());
        assertThat(queue.figures().enqueuedTotal()).isEqualTo(enqueuedTotal);
        assertThat(queue.figures().acknowledgedTotal()).isEqualTo(acknowledgedTotal);
        if (!continuing) {
            links.forEach(this::checkServed);
        }
    }

    private void checkServed(Link link) {
        boolean readingAbove = links.stream()
                .anyMatch(it -> it.options.priority() > link.options.priority()
                        && it.credit() > 0
                        && rules.takesPart(it)
                        && rules.waiting().stream().anyMatch(message -> rules.mustRead(it, message)));
        Optional<Message> next = link.credit() > 0 ? link.next() : Optional.empty();
        boolean reading = loadFrom.isPresent();
        if (next.isPresent() && (!readingAbove || link.browses())) {
            boolean mustReadBefore =
                    rules.waiting().stream().anyMatch(it -> it.comesBefore(next.get()) && rules.mustRead(link, it));
            assertThat(next.get().resident && !(mustReadBefore && (reading || loadFailed)))
                    .as("a message waits for a consumer with credit")
                    .isFalse();
            assertThat(reading || loadFailed)
                    .as("nobody loads what a consumer waits for")
                    .isTrue();
        }
        if (link.draining) {
            boolean none = rules.waiting().stream()
                    .noneMatch(it -> link.browses()
                            ? rules.mustRead(link, it) || link.next().isPresent()
                            : rules.maybeFor(link, it) || rules.mustRead(link, it));
            assertThat(loadFailed || none || link.credit() == 0)
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
        if (reason == DeadLetterReason.EXPIRED) {
            Message message =
                    Optional.ofNullable(rules.messages.remove(entry.sequence())).orElseThrow();
            assertThat(message.waits() && message.traits.expired(nowMillis)).isTrue();
            assertThat(entry.traits()).isEqualTo(message.traits);
        } else {
            assertThat(expectedDeadLetters.remove(entry.sequence())).isTrue();
            assertThat(entry.resident()).isTrue();
        }
    }

    @Override
    public void deliveryUpdated(Entry entry) {
        Message message =
                Optional.ofNullable(expectedUpdates.remove(entry.sequence())).orElseThrow();
        assertThat(entry.deliveryCount()).isEqualTo(message.deliveryCount);
        assertThat(new String(entry.annotations(), UTF_8)).isEqualTo(message.annotations);
    }

    @Override
    public boolean takesDeadLetters() {
        return true;
    }

    @Override
    public void wakeAt(long atMillis) {
        wakeAtMillis = atMillis;
    }

    @Override
    public void load(long fromSequence, LoadLimits loadLimits) {
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
    public void spillUnneeded(long sequence) {
        assertThat(expectedUnneeded.remove(sequence)).isTrue();
    }

    @Override
    public void missing(Entry entry) {
        Message message =
                Optional.ofNullable(rules.messages.remove(entry.sequence())).orElseThrow();
        assertThat(message.lost).isTrue();
        assertThat(message.resident).isFalse();
    }

    private Optional<Link> link(int choice) {
        return links.isEmpty() ? Optional.empty() : Optional.of(links.get(choice % links.size()));
    }

    private List<Long> heldBy(Link link) {
        return rules.messages.values().stream()
                .filter(it -> it.holder.filter(holder -> holder == link).isPresent())
                .map(it -> it.sequence)
                .toList();
    }

    private void expectOutcome(long sequence, Link link, Outcome outcome, boolean attached) {
        Message message = rules.messages.get(sequence);
        message.holder = Optional.empty();
        if (outcome instanceof Outcome.Accepted) {
            acknowledgedTotal++;
            leave(message);
        } else if (outcome instanceof Outcome.Rejected) {
            rules.messages.remove(sequence);
            expectedDeadLetters.add(sequence);
        } else if (outcome instanceof Outcome.Modified modified) {
            message.deliveryCount += modified.deliveryFailed() ? 1 : 0;
            message.annotations += new String(modified.annotations(), UTF_8);
            if (modified.undeliverableHere() && attached) {
                message.excluded.add(link);
                link.special = true;
            }
            if (message.durable && (modified.deliveryFailed() || modified.annotations().length > 0)) {
                expectedUpdates.put(sequence, message);
            }
        }
    }

    private void leave(Message message) {
        rules.messages.remove(message.sequence);
        if (message.durable) {
            expectedAcknowledged.add(message.sequence);
        } else if (message.spilled) {
            expectedUnneeded.add(message.sequence);
        }
    }
}
