package io.sterna.bench.load;

import jakarta.jms.JMSException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Many connections that do nothing but hold a consumer with credit, all on one queue. They are opened frame by frame
 * and not with JMS, whose threads and buffers in this process would cost more than the broker's side.
 */
record IdleConnections(String name) implements Scenario {

    private static final int CONNECTIONS = 1_000;
    private static final int LEAST = 50;
    private static final long KEEP_ALIVE_NANOS = Duration.ofSeconds(5).toNanos();
    private static final Duration SETTLE = Duration.ofSeconds(2);

    @Override
    public String about() {
        return CONNECTIONS + " × scale idle connections with one consumer each: growth of the broker's live heap and"
                + " of its resident memory per connection";
    }

    @Override
    public Measurement prepare(Clients clients, Load load) throws JMSException {
        try {
            // One connection stays open throughout: what the first costs in classes and pools is not a connection's.
            RawConnection first = RawConnection.open(clients.target(), clients.queueName(), "idle-first");
            return () -> {
                try (first) {
                    return measure(clients, load.scaled(CONNECTIONS, LEAST));
                }
            };
        } catch (IOException e) {
            throw (JMSException) new JMSException(String.valueOf(e.getMessage())).initCause(e);
        }
    }

    private static Figures measure(Clients clients, int count) throws InterruptedException, ScenarioFailedException {
        BrokerProbe probe = clients.target().probe();
        List<RawConnection> connections = new ArrayList<>();
        try (Crew idle = new Crew()) {
            OptionalDouble heapBefore = probe.liveHeapKib();
            OptionalDouble rssBefore = probe.rssKib();
            long keptAlive = System.nanoTime();
            for (int i = 0; i < count; i++) {
                connections.add(RawConnection.open(clients.target(), clients.queueName(), "idle-" + i));
                if (System.nanoTime() - keptAlive > KEEP_ALIVE_NANOS) {
                    keepAlive(connections);
                    keptAlive = System.nanoTime();
                }
            }
            keepAlive(connections);
            idle.awaitFailure(SETTLE);
            OptionalDouble rssAfter = probe.rssKib();
            OptionalDouble heapAfter = probe.liveHeapKib();
            return new Figures()
                    .put(Figure.HEAP_KIB_PER_CONNECTION, growth(heapBefore, heapAfter, count))
                    .put(Figure.RSS_KIB_PER_CONNECTION, growth(rssBefore, rssAfter, count))
                    .put(Figure.RSS_MIB, Runner.mib(rssAfter));
        } catch (IOException e) {
            throw new ScenarioFailedException("after " + connections.size() + " connections: " + e.getMessage(), e);
        } finally {
            connections.forEach(RawConnection::close);
        }
    }

    private static void keepAlive(List<RawConnection> connections) throws IOException {
        for (RawConnection connection : connections) {
            connection.keepAlive();
        }
    }

    static OptionalDouble growth(OptionalDouble before, OptionalDouble after, int count) {
        return before.isPresent() && after.isPresent()
                ? OptionalDouble.of((after.getAsDouble() - before.getAsDouble()) / count)
                : OptionalDouble.empty();
    }
}
