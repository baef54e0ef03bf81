package io.sterna.cluster;

import io.sterna.cluster.ReplicaMessage.Append;
import io.sterna.cluster.ReplicaMessage.Part;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Connections between nodes, one each way: in order, with delays; when one breaks, what is under way arrives up to some
 * moment, possibly after what the next one carries.
 */
final class SimNetwork {
    private static final int OCTETS_MILLIS = 50;

    private final SimTime time;

    /** In some runs, long messages take long. */
    private final int bytesPerMilli;

    private final Map<String, Connection> connections = new TreeMap<>();
    private final Set<String> cuts = new HashSet<>();
    private boolean calm;

    private static final class Connection {
        private long lastMillis;
        private long brokenMillis = Long.MAX_VALUE;
    }

    SimNetwork(SimTime time) {
        this.time = time;
        bytesPerMilli = time.chance(50) ? Integer.MAX_VALUE : time.between(20, 150);
    }

    private static String name(String from, String to) {
        return from + ">" + to;
    }

    void send(SimNode from, SimNode to, Consumer<SimNode> message) {
        send(from, to, 0, message);
    }

    void send(SimNode from, SimNode to, long bytes, Consumer<SimNode> message) {
        if (isCut(from.id(), to.id()) || !to.isUp()) {
            return;
        }
        Connection connection = connections.computeIfAbsent(name(from.id(), to.id()), name -> new Connection());
        long begins = Math.max(connection.lastMillis, time.nowMillis() + delayMillis());
        long arrives = begins + bytes / bytesPerMilli;
        connection.lastMillis = arrives;
        int life = to.life();
        for (long octets = begins + OCTETS_MILLIS; octets < arrives; octets += OCTETS_MILLIS) {
            long millis = octets;
            time.at(millis, () -> {
                if (millis < connection.brokenMillis) {
                    to.run(life, () -> to.onOctets(from.id()));
                }
            });
        }
        time.at(arrives, () -> {
            if (arrives < connection.brokenMillis) {
                to.run(life, () -> message.accept(to));
            }
        });
    }

    static long bytesOf(ReplicaMessage message) {
        if (message instanceof Append append) {
            return RecordSize.of(append.records());
        } else if (message instanceof Part part) {
            return part.difference().operations().stream()
                    .mapToLong(RecordSize::of)
                    .sum();
        }
        return 0;
    }

    long delayMillis() {
        return !calm && time.chance(2) ? time.between(10, 400) : time.between(1, 4);
    }

    void reset(String from, String to) {
        Connection broken = connections.remove(name(from, to));
        if (broken != null) {
            broken.brokenMillis = time.nowMillis() + time.between(0, 300);
        }
    }

    void cut(String from, String to) {
        cuts.add(name(from, to));
        reset(from, to);
    }

    void heal() {
        cuts.clear();
    }

    /** No delays out of the ordinary any more. */
    void calm() {
        heal();
        calm = true;
    }

    boolean isCut(String from, String to) {
        return cuts.contains(name(from, to));
    }
}
