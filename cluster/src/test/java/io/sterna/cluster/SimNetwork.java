package io.sterna.cluster;

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
    private final SimTime time;
    private final Map<String, Connection> connections = new TreeMap<>();
    private final Set<String> cuts = new HashSet<>();
    private boolean calm;

    private static final class Connection {
        private long lastMillis;
        private long brokenMillis = Long.MAX_VALUE;
    }

    SimNetwork(SimTime time) {
        this.time = time;
    }

    private static String name(String from, String to) {
        return from + ">" + to;
    }

    void send(SimNode from, SimNode to, Consumer<SimNode> message) {
        if (isCut(from.id(), to.id()) || !to.isUp()) {
            return;
        }
        Connection connection = connections.computeIfAbsent(name(from.id(), to.id()), name -> new Connection());
        long arrives = Math.max(connection.lastMillis, time.nowMillis() + delayMillis());
        connection.lastMillis = arrives;
        int life = to.life();
        time.at(arrives, () -> {
            if (arrives < connection.brokenMillis) {
                to.run(life, () -> message.accept(to));
            }
        });
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
