package io.sterna.bench.load;

import jakarta.jms.JMSException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The mixed load of a soak: the same queues, subscriptions and numbers from the first cycle to the last, with threads
 * and connections of their own in each. Owned by the soak's thread.
 */
final class SoakLoad {

    private static final int BODY_BYTES = 1_024;
    /** Larger, so that the backlog grows fast beside all that goes on. */
    private static final int BACKLOG_BODY_BYTES = 16 << 10;

    private static final int LEAD = 10_000;
    private static final int SUBSCRIBERS = 3;
    private static final Duration END = Duration.ofMinutes(5);

    /** One producer and all who get what it sends. */
    private record Flow(String name, Ledger ledger, SoakProducer producer, List<SoakConsumer> consumers) {}

    private final FailoverClients clients;
    private final int backlogMessages;
    private final List<Flow> flows = new ArrayList<>();
    private final Flow backlog;
    private final Visitors visitors;
    private long deepestBacklogBytes;

    SoakLoad(FailoverClients clients, long backlogBytes) {
        this.clients = clients;
        this.backlogMessages = Math.toIntExact(Math.max(100, backlogBytes / BACKLOG_BODY_BYTES));
        this.visitors = new Visitors(clients, new Bodies(BODY_BYTES));
        flows.add(queue("soak.fast-1", SoakProducer.Kind.ASYNCHRONOUS, BODY_BYTES, LEAD));
        flows.add(queue("soak.fast-2", SoakProducer.Kind.ASYNCHRONOUS, BODY_BYTES, LEAD));
        flows.add(queue("soak.blocking", SoakProducer.Kind.BLOCKING, BODY_BYTES, LEAD));
        flows.add(queue("soak.transacted", SoakProducer.Kind.TRANSACTED, BODY_BYTES, LEAD));
        flows.add(topic("soak.topic"));
        backlog = queue("soak.backlog", SoakProducer.Kind.ASYNCHRONOUS, BACKLOG_BODY_BYTES, Integer.MAX_VALUE / 2);
    }

    /** Creates the durable subscriptions. */
    void prepare() throws JMSException {
        for (Flow flow : flows) {
            for (SoakConsumer consumer : flow.consumers()) {
                consumer.subscribe();
            }
        }
    }

    void awaitRestored(Crew crew) throws InterruptedException, ScenarioFailedException {
        clients.awaitRestored(crew);
    }

    long received() {
        return all().stream()
                .flatMap(flow -> flow.consumers().stream())
                .mapToLong(consumer -> consumer.receipts().received())
                .sum();
    }

    long again() {
        return all().stream()
                .flatMap(flow -> flow.consumers().stream())
                .mapToLong(consumer -> consumer.receipts().again())
                .sum();
    }

    long visitors() {
        return visitors.count();
    }

    long deepestBacklogBytes() {
        return deepestBacklogBytes;
    }

    /** Puts the load on. */
    Cycle begin(Duration building) {
        return new Cycle(building);
    }

    private List<Flow> all() {
        List<Flow> all = new ArrayList<>(flows);
        all.add(backlog);
        return all;
    }

    private Flow queue(String name, SoakProducer.Kind kind, int bodyBytes, int lead) {
        Ledger ledger = new Ledger(clients.outages());
        Receipts receipts = new Receipts(name, ledger, clients.outages(), lead);
        SoakConsumer consumer = new SoakConsumer(
                clients,
                new SoakConsumer.Habit(
                        session -> session.createConsumer(session.createQueue(name)),
                        Optional.empty(),
                        kind == SoakProducer.Kind.TRANSACTED,
                        Duration.ZERO),
                receipts);
        SoakProducer producer = new SoakProducer(
                clients, kind, session -> session.createQueue(name), new Bodies(bodyBytes), ledger, List.of(receipts));
        return new Flow(name, ledger, producer, List.of(consumer));
    }

    /** The first subscriber is away at times, the others come back at once. */
    private Flow topic(String name) {
        Ledger ledger = new Ledger(clients.outages());
        List<SoakConsumer> subscribers = IntStream.rangeClosed(1, SUBSCRIBERS)
                .mapToObj(number -> new SoakConsumer(
                        clients,
                        new SoakConsumer.Habit(
                                session -> session.createDurableConsumer(session.createTopic(name), "kept"),
                                Optional.of("subscriber-" + number),
                                false,
                                number == 1 ? Duration.ofSeconds(2) : Duration.ZERO),
                        new Receipts(name + " to subscriber " + number, ledger, clients.outages(), LEAD)))
                .toList();
        SoakProducer producer = new SoakProducer(
                clients,
                SoakProducer.Kind.ASYNCHRONOUS,
                session -> session.createTopic(name),
                new Bodies(BODY_BYTES),
                ledger,
                subscribers.stream().map(SoakConsumer::receipts).toList());
        return new Flow(name, ledger, producer, subscribers);
    }

    /** The load of one cycle. Made and asked by the soak's thread. */
    final class Cycle {

        private final Crew crew = new Crew();
        private final long begun = System.nanoTime();
        private final long sentBefore = backlog.ledger().sent();
        private final long receivedBefore = backlogReceived();
        private final Duration building;
        private final Map<SoakConsumer, Long> before;
        private final CountDownLatch drained = new CountDownLatch(1);
        private volatile boolean sending = true;

        private Cycle(Duration building) {
            this.building = building;
            this.before = flows.stream()
                    .flatMap(flow -> flow.consumers().stream())
                    .collect(Collectors.toMap(consumer -> consumer, consumer -> consumer.receipts()
                            .received()));
            flows.forEach(this::start);
            crew.start("soak.backlog", () -> {
                backlog.producer().run(crew, this::isGrowing);
                backlog.consumers().get(0).run(crew, () -> true);
                drained.countDown();
            });
            crew.start("visitors", () -> visitors.run(crew, () -> sending));
        }

        Crew crew() {
            return crew;
        }

        /** Whether every queue and subscription has given something. */
        boolean isUnderWay() {
            return flows.stream()
                    .flatMap(flow -> flow.consumers().stream())
                    .allMatch(consumer -> consumer.receipts().received() > before.getOrDefault(consumer, 0L));
        }

        boolean isHalfBuilt() {
            return backlogSent() >= backlogMessages / 2 || time().compareTo(building.dividedBy(2)) >= 0;
        }

        boolean isHalfDrained() {
            return !isGrowing() && backlogReceived() - receivedBefore >= backlogSent() / 2;
        }

        boolean isBacklogDrained() {
            return drained.getCount() == 0;
        }

        long backlogBytes() {
            return backlogSent() * BACKLOG_BODY_BYTES;
        }

        /** Stops producers, waits until all is received, and judges. */
        void end() throws InterruptedException, ScenarioFailedException {
            deepestBacklogBytes = Math.max(deepestBacklogBytes, backlogBytes());
            sending = false;
            crew.awaitEnd(END);
            List<String> problems = new ArrayList<>();
            clients.unexplained().ifPresent(problems::add);
            all().stream()
                    .flatMap(flow -> flow.consumers().stream())
                    .forEach(consumer -> problems.addAll(consumer.receipts().problems()));
            if (!problems.isEmpty()) {
                throw new ScenarioFailedException(String.join("; ", problems));
            }
        }

        private void start(Flow flow) {
            CountDownLatch sent = new CountDownLatch(1);
            crew.start(flow.name() + " producer", () -> {
                flow.producer().run(crew, () -> sending);
                sent.countDown();
            });
            for (SoakConsumer consumer : flow.consumers()) {
                crew.start(flow.name() + " consumer", () -> consumer.run(crew, () -> sent.getCount() == 0));
            }
        }

        private boolean isGrowing() {
            return backlogSent() < backlogMessages && time().compareTo(building) < 0;
        }

        private long backlogSent() {
            return backlog.ledger().sent() - sentBefore;
        }

        private Duration time() {
            return Duration.ofNanos(System.nanoTime() - begun);
        }
    }

    private long backlogReceived() {
        return backlog.consumers().get(0).receipts().received();
    }
}
