package io.sterna.cluster.table;

import io.sterna.cluster.PartitionView;
import io.sterna.cluster.SimTime;
import io.sterna.cluster.TableContent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Nodes that keep, read and change a table on virtual time, with a network that loses, delays and repeats messages, disks
 * that lose what is not written yet or all they have, and processes that are killed. What is checked after each thing that a
 * node is told: nothing told is taken back, and all know of it as soon as an attempt of theirs began after it.
 */
final class SimTables {
    private static final int PARTITIONS = 3;
    private static final long FAULTS_MILLIS = 20_000;
    private static final long CALM_MILLIS = 10_000;
    private static final long CHECKED_MILLIS = 6_000;
    private static final int TICK_MILLIS = 20;

    private final SimTime time;
    private final TableRules rules;
    private final List<String> founders;
    private final List<Node> nodes = new ArrayList<>();
    private final Set<String> cuts = new HashSet<>();
    private final List<Told> told = new ArrayList<>();
    private final Map<String, PartitionView> history = new HashMap<>();
    private boolean calm;
    private int changes;

    private record Told(long atMillis, TableContent content) {}

    /** What was seen. */
    static final class Broken extends RuntimeException {
        private static final long serialVersionUID = 1;

        Broken(String what) {
            super(what);
        }
    }

    private final class Node implements TablePorts {
        private final String id;
        private Optional<KeeperState> disk = Optional.empty();
        private boolean up;
        private boolean losing;
        private int life;
        private KeptTable table;
        private TableContent known = TableContent.NONE;

        Node(String id) {
            this.id = id;
        }

        void start() {
            if (up) {
                return;
            }
            if (losing) {
                disk = Optional.empty();
                losing = false;
            }
            up = true;
            life++;
            known = TableContent.NONE;
            table = new KeptTable(rules, id, founders, this, disk);
            tick(life);
            use(life);
        }

        void kill() {
            up = false;
            life++;
            nodes.stream().filter(other -> other != this && other.up).forEach(other -> {
                int its = other.life;
                time.after(time.between(0, 50), () -> other.run(its, () -> other.table.onGone(id)));
            });
        }

        void run(int whichLife, Runnable action) {
            if (up && life == whichLife) {
                action.run();
            }
        }

        private void tick(int mine) {
            run(mine, () -> {
                table.tick();
                time.after(TICK_MILLIS, () -> tick(mine));
            });
        }

        /** Somebody who wants the table changed, as owners and coordinators do. */
        private void use(int mine) {
            run(mine, () -> {
                if (known.generation() == 0) {
                    table.begin(0, 1 + time.random().nextInt(1_000_000));
                } else if (!calm || time.nowMillis() < FAULTS_MILLIS + CHECKED_MILLIS) {
                    int partition = time.between(0, PARTITIONS - 1);
                    PartitionView now = known.views().get(partition);
                    long epoch = now == null ? 0 : now.epoch();
                    table.compareAndSet(known.generation(), epoch, view(partition, epoch + 1));
                }
                time.after(time.between(1, 300), () -> use(mine));
            });
        }

        private PartitionView view(int partition, long epoch) {
            return new PartitionView(partition, epoch, time.random().nextLong(), id, new TreeMap<>(Map.of(id, 1L)));
        }

        @Override
        public long nowMillis() {
            return time.nowMillis();
        }

        @Override
        public long random() {
            return time.random().nextLong();
        }

        @Override
        public void send(String to, TableMessage message) {
            Node other = node(to);
            if (cuts.contains(id + to) || !other.up || (!calm && time.chance(3))) {
                return;
            }
            deliver(other, message);
            if (!calm && time.chance(3)) {
                deliver(other, message);
            }
        }

        private void deliver(Node other, TableMessage message) {
            int its = other.life;
            long delay = !calm && time.chance(5) ? time.between(5, 500) : time.between(1, 4);
            time.after(delay, () -> other.run(its, () -> other.table.onMessage(id, message)));
        }

        @Override
        public void sendAll(TableMessage message) {
            nodes.stream().filter(other -> other != this).forEach(other -> send(other.id, message));
        }

        /** In the middle of it the process may be killed: then it is on the disk, or it is not. */
        @Override
        public void write(KeeperState state) {
            int mine = life;
            long delay = !calm && time.chance(5) ? time.between(10, 300) : time.between(0, 3);
            long reaches = time.between(0, (int) delay);
            time.after(reaches, () -> {
                if (life == mine || life == mine + 1) {
                    disk = Optional.of(state);
                }
            });
            time.after(delay, () -> run(mine, table::onWritten));
        }

        @Override
        public void onTable(TableContent content) {
            check(this, content);
            known = content;
        }
    }

    private SimTables(long seed, TableRules rules) {
        time = new SimTime(seed);
        this.rules = rules;
        int keepers = time.chance(70) ? 3 : 5;
        founders = IntStream.rangeClosed(1, keepers).mapToObj(n -> "n" + n).toList();
        founders.forEach(id -> nodes.add(new Node(id)));
        nodes.add(new Node("guest"));
    }

    /** Lets it all happen; how often the table was changed. */
    static int run(long seed, TableRules rules) {
        return new SimTables(seed, rules).run();
    }

    private Node node(String id) {
        return nodes.stream().filter(each -> each.id.equals(id)).findFirst().orElseThrow();
    }

    private int run() {
        nodes.forEach(node -> time.after(time.between(0, 1_000), node::start));
        time.after(time.between(2_000, 4_000), this::fault);
        time.at(FAULTS_MILLIS, this::calmDown);
        while (time.nowMillis() < FAULTS_MILLIS + CALM_MILLIS) {
            time.step();
        }
        TableContent last = nodes.get(0).known;
        for (Node node : nodes) {
            if (!node.known.equals(last)
                    || last.generation() == 0
                    || !node.table.missing().isEmpty()) {
                throw new Broken("in the end " + node.id + " knows of " + node.known + ", and n1 of " + last);
            }
        }
        return changes;
    }

    private void calmDown() {
        calm = true;
        cuts.clear();
        nodes.forEach(Node::start);
    }

    private void fault() {
        if (calm) {
            return;
        }
        Node victim = nodes.get(time.between(0, nodes.size() - 1));
        switch (time.between(0, 3)) {
            case 0 -> kill(victim);
            case 1 -> loseDisk(victim);
            case 2 -> cut(victim);
            default -> cuts.clear();
        }
        time.after(time.between(50, 1_500), this::fault);
    }

    private void kill(Node victim) {
        if (victim.up) {
            victim.kill();
            time.after(time.between(500, 2_000), victim::start);
        }
    }

    /** It is back when messages of its former life have come or never come. */
    private void loseDisk(Node victim) {
        if (victim.up && nodes.stream().allMatch(this::remembers)) {
            victim.kill();
            victim.losing = true;
            time.after(time.between(1_000, 2_000), victim::start);
        }
    }

    /** Or it is no founder. Two lost disks at once are more than the table is promised to survive. */
    private boolean remembers(Node node) {
        return !founders.contains(node.id) || (node.disk.isPresent() && !node.losing);
    }

    private void cut(Node victim) {
        for (Node other : nodes) {
            if (other != victim && time.chance(70)) {
                cuts.add(victim.id + other.id);
                if (time.chance(80)) {
                    cuts.add(other.id + victim.id);
                }
            }
        }
    }

    // ---- What has to be so

    private void check(Node node, TableContent content) {
        if (!isUpTo(node.known, content)) {
            throw new Broken(node.id + " was told " + node.known + ", and now " + content);
        }
        for (Told earlier : told) {
            if (earlier.atMillis < time.nowMillis() - Proposer.PATIENCE_MILLIS && !isUpTo(earlier.content, content)) {
                throw new Broken(node.id + " is told " + content + " after " + earlier);
            }
        }
        told.removeIf(earlier ->
                earlier.atMillis < time.nowMillis() - 2 * Proposer.PATIENCE_MILLIS && isUpTo(earlier.content, content));
        content.views().values().forEach(view -> checkOne(content.generation(), view));
        told.add(new Told(time.nowMillis(), content));
    }

    /** Of all that was ever in the table there is one view for each epoch. */
    private void checkOne(long generation, PartitionView view) {
        PartitionView before = history.putIfAbsent(generation + "/" + view.partition() + "/" + view.epoch(), view);
        if (before == null) {
            changes++;
        } else if (!before.equals(view)) {
            throw new Broken("both " + before + " and " + view);
        }
    }

    private static boolean isUpTo(TableContent before, TableContent now) {
        if (before.generation() == 0) {
            return true;
        }
        return before.generation() == now.generation()
                && before.views().values().stream().allMatch(view -> {
                    PartitionView next = now.views().get(view.partition());
                    return next != null && next.epoch() >= view.epoch();
                });
    }
}
