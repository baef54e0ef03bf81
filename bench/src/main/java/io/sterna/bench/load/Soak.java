package io.sterna.bench.load;

import jakarta.jms.JMSException;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Cycles of load, with and without a restart of the broker in them. After each cycle everything is received, and what
 * must not grow is measured. Owned by the thread that runs it.
 */
final class Soak {

    /**
     * How long and how much.
     *
     * @param time all of it; a third is for cycles without a restart
     * @param backlogBytes how deep the backlog gets, where the time suffices
     * @param restarts at least so many cycles with a restart
     * @param steady at least so many cycles in one process
     */
    record Plan(Duration time, long backlogBytes, int restarts, int steady) {

        Plan {
            if (time.isNegative() || time.isZero()) {
                throw new IllegalArgumentException("a soak takes time");
            }
            if (backlogBytes < 1 || backlogBytes > HIGHEST_BACKLOG_BYTES) {
                throw new IllegalArgumentException("a backlog has 1 MiB to 1 TiB");
            }
        }

        /** How long a cycle should take. */
        Duration cycle() {
            return time.dividedBy(restarts + steady);
        }

        /** How long the data directory has to stay as it is until the broker is said to be at rest. */
        Duration rest() {
            return cycle().compareTo(REST) < 0 ? cycle() : REST;
        }
    }

    /** A restart in a cycle: how, and whether while the backlog is drained or while it grows. */
    private record Restart(boolean kill, boolean draining) {}

    static final double MIB = 1 << 20;

    /** What the data directory may hold when all messages have been taken. */
    static final double DRAINED_MIB = 100;

    private static final long HIGHEST_BACKLOG_BYTES = 1L << 40;
    private static final Duration DRAIN = Duration.ofMinutes(30);
    private static final Duration POLL = Duration.ofMillis(50);
    private static final Duration SETTLE = Duration.ofSeconds(60);
    /** The store tidies up when nothing has come for five seconds. */
    private static final Duration REST = Duration.ofSeconds(7);

    private final Plan plan;
    private final SoakBroker broker;
    private final Outages outages = new Outages();
    private final SoakLoad load;
    private final PrintWriter out;
    private final long started = System.nanoTime();
    private final List<Sample> restarted = new ArrayList<>();
    private final List<Sample> steady = new ArrayList<>();
    private int cycles;
    private int killed;

    Soak(Plan plan, SoakBroker broker, PrintWriter out) {
        this.plan = plan;
        this.broker = broker;
        this.load = new SoakLoad(new FailoverClients(broker.port(), outages), plan.backlogBytes());
        this.out = out;
    }

    /** Runs all cycles. What the broker did wrong is in the verdict, and then the soak ended there. */
    SoakVerdict run() throws IOException, InterruptedException {
        Optional<String> failure = Optional.empty();
        try {
            broker.start();
            load.prepare();
            Duration restarting = plan.time().multipliedBy(2).dividedBy(3);
            while (restarted.size() < plan.restarts() || elapsed().compareTo(restarting) < 0) {
                int number = restarted.size();
                restarted.add(cycle(Optional.of(new Restart(number % 2 == 0, number % 4 >= 2))));
            }
            while (steady.size() < plan.steady() || elapsed().compareTo(plan.time()) < 0) {
                steady.add(cycle(Optional.empty()));
            }
        } catch (ScenarioFailedException | JMSException e) {
            failure = Optional.of("cycle " + (cycles + 1) + ": " + e.getMessage());
            out.println(failure.get());
            broker.dumpThreads();
        }
        return new SoakVerdict(
                restarted, steady, killed, load.received(), load.again(), load.deepestBacklogBytes(), failure);
    }

    private Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - started);
    }

    private Sample cycle(Optional<Restart> restart)
            throws IOException, InterruptedException, ScenarioFailedException, JMSException {
        long begun = System.nanoTime();
        long receivedBefore = load.received();
        long againBefore = load.again();
        long visitorsBefore = load.visitors();
        long away = 0;
        SoakLoad.Cycle cycle = load.begin(plan.cycle().multipliedBy(9).dividedBy(20));
        try (Crew crew = cycle.crew()) {
            if (restart.isPresent()) {
                boolean draining = restart.get().draining();
                while (!cycle.isUnderWay() || (draining ? !cycle.isHalfDrained() : !cycle.isHalfBuilt())) {
                    watch(crew);
                }
                away = restart(crew, restart.get().kill());
            }
            long limit = System.nanoTime() + DRAIN.toNanos();
            while (!cycle.isBacklogDrained()) {
                if (System.nanoTime() - limit >= 0) {
                    throw new ScenarioFailedException("the backlog is not drained after " + DRAIN.toMinutes() + " min");
                }
                watch(crew);
            }
            cycle.end();
            long seconds = Duration.ofNanos(System.nanoTime() - begun).toSeconds();
            long received = load.received() - receivedBefore;
            Sample sample = measure(crew);
            cycles++;
            out.printf(
                    "cycle %2d, %-22s %4d s, %,d received, %,d of them per s, %,d again, %,d visitors, backlog %,.0f MiB;"
                            + " then %s%n",
                    cycles,
                    restart.map(how -> (how.kill() ? "SIGKILL" : "SIGTERM")
                                            + (how.draining() ? " draining" : " growing"))
                                    .orElse("no restart")
                            + (restart.isPresent() ? String.format(" %.1f s,", away / 1e9) : ","),
                    seconds,
                    received,
                    received / Math.max(1, seconds),
                    load.again() - againBefore,
                    load.visitors() - visitorsBefore,
                    cycle.backlogBytes() / MIB,
                    sample.toText());
            out.flush();
            return sample;
        }
    }

    private void watch(Crew crew) throws InterruptedException, ScenarioFailedException {
        crew.awaitFailure(POLL);
        broker.checkRunning();
    }

    /** Returns for how many nanoseconds nobody was served. */
    private long restart(Crew crew, boolean kill) throws IOException, InterruptedException, ScenarioFailedException {
        outages.begin();
        long begun = System.nanoTime();
        broker.stop(kill);
        broker.start();
        long away = System.nanoTime() - begun;
        load.awaitRestored(crew);
        outages.end();
        if (kill) {
            killed++;
        }
        return away;
    }

    /** Gives the store time to come to rest, then looks. */
    private Sample measure(Crew crew) throws IOException, InterruptedException, ScenarioFailedException {
        long limit = System.nanoTime() + SETTLE.toNanos();
        long bytes = broker.dataBytes();
        boolean moving = true;
        while (moving && System.nanoTime() - limit < 0) {
            crew.awaitFailure(plan.rest());
            long now = broker.dataBytes();
            moving = now != bytes;
            bytes = now;
        }
        BrokerProcess seen = broker.seen();
        Map<Quantity, Double> values = new EnumMap<>(Quantity.class);
        put(values, Quantity.RSS, Runner.mib(seen.rssKib()));
        put(values, Quantity.THREADS, seen.threads());
        put(values, Quantity.FILES, seen.openFiles());
        put(values, Quantity.DISK, OptionalDouble.of(bytes / MIB));
        // Last, since the collection that it asks for takes a thread and a socket.
        put(values, Quantity.LIVE_HEAP, Runner.mib(seen.liveHeapKib()));
        return new Sample(values);
    }

    private static void put(Map<Quantity, Double> values, Quantity quantity, OptionalDouble value) {
        value.ifPresent(present -> values.put(quantity, present));
    }
}
