package io.sterna.bench.load;

import jakarta.jms.BytesMessage;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Session;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;

/** Ten messages far apart in a deep queue, which a consumer finds by a selector, beside one that takes what comes. */
record RareMatch(String name) implements Scenario {

    private static final int MESSAGES = 1_000_000;
    private static final int LEAST = 10_000;
    private static final int LOWEST_RATE = 1_000;
    private static final int MATCHES = 10;
    private static final String KIND = "kind";

    @Override
    public String about() {
        return MESSAGES + " × scale persistent messages, then a consumer whose selector matches " + MATCHES
                + " of them, evenly spread, and one without a selector beside it";
    }

    @Override
    public Measurement prepare(Clients clients, Load load) throws JMSException {
        Session session = clients.session();
        Session choosing = clients.session();
        Crew crew = new Crew();
        int messages = load.scaled(MESSAGES, LEAST) / MATCHES * MATCHES;
        Bodies bodies = new Bodies(load.bodyBytes());
        Meter sent = new Meter(BrokerProbe.NONE);
        AsyncSender sender =
                new AsyncSender(session, clients.queue(session), DeliveryMode.PERSISTENT, bodies, crew, sent::count);
        return () -> {
            try (crew) {
                Duration limit = Duration.ofSeconds(60 + messages / LOWEST_RATE);
                for (int number = 0; number < messages; number++) {
                    BytesMessage message = bodies.message(session, number);
                    boolean rare = number % (messages / MATCHES) == messages / MATCHES - 1;
                    message.setStringProperty(KIND, rare ? "rare" : "common");
                    sender.send(message);
                }
                sender.awaitOutcomes();

                Meter taken = new Meter(clients.target().probe());
                Finds finds = new Finds();
                clients.listen(message -> onTaken(message, taken, finds, crew));
                taken.windowUntil(crew, load.warmUp(), messages);
                finds.start();
                choosing.createConsumer(clients.queue(choosing), KIND + " = 'rare'")
                        .setMessageListener(message -> finds.onFound());
                Window beside = taken.windowUntilEither(crew, limit, messages, finds::complete);
                if (!finds.complete()) {
                    throw new ScenarioFailedException(
                            "not all " + MATCHES + " matches came within " + limit.toSeconds() + " s");
                }
                Figures figures = new Figures()
                        .put(Figure.FIRST_MATCH_MILLIS, finds.millis(1))
                        .put(Figure.ALL_MATCHES_MILLIS, finds.millis(finds.found()))
                        .put(Figure.BESIDE_PER_SECOND, beside.messages() / beside.seconds())
                        .put(Figure.RSS_MIB, Runner.mib(clients.target().probe().rssKib()));
                long rest = (long) messages - finds.found();
                Window alone = taken.windowUntil(crew, limit, rest);
                if (taken.total() < rest) {
                    throw new ScenarioFailedException(taken.total() + " of " + rest + " other messages came");
                }
                return figures.put(Figure.DRAIN_PER_SECOND, alone.messages() / alone.seconds());
            }
        };
    }

    private static void onTaken(Message message, Meter taken, Finds finds, Crew crew) {
        try {
            if ("rare".equals(message.getStringProperty(KIND))) {
                finds.onTakenByOther();
            }
            taken.count(1);
        } catch (JMSException e) {
            crew.fail(e);
        }
    }

    /** When each match was found. Matches come one after the other, on whatever threads. */
    private static final class Finds {

        private final AtomicLongArray nanos = new AtomicLongArray(MATCHES + 1);
        private final AtomicInteger found = new AtomicInteger();
        private final AtomicInteger takenByOther = new AtomicInteger();

        void start() {
            nanos.set(0, System.nanoTime());
        }

        void onFound() {
            int number = found.get() + 1;
            nanos.set(number, System.nanoTime());
            found.set(number);
        }

        /** The other consumer was there first. */
        void onTakenByOther() {
            takenByOther.incrementAndGet();
        }

        boolean complete() {
            return found.get() + takenByOther.get() == MATCHES;
        }

        int found() {
            return found.get();
        }

        /** From the consumer's creation to this match, from 1 on; not a number when there was none. */
        double millis(int number) {
            return 0 < number && number <= found.get() ? (nanos.get(number) - nanos.get(0)) / 1e6 : Double.NaN;
        }
    }
}
