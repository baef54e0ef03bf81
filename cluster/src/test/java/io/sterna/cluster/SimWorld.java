package io.sterna.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/** One run: nodes, network and table, faults and clients for some time, then peace until all is well. */
final class SimWorld {
    private static final ReplicaSettings.Times TIMES = new ReplicaSettings.Times(50, 100, 400, 2_000, 200, 1_000, 5);
    private static final int PARTITIONS = 2;
    private static final int FOUNDERS = 3;
    private static final long SILENCE_MILLIS = 500;
    private static final long FAULTS_MILLIS = 10_000;
    private static final long PEACE_MILLIS = 60_000;
    private static final int NOTES = 400;

    private final SimTime time;
    private final SimNetwork network;
    private final SimTable table;
    private final Bug bug;
    private final int backups;
    private final ReplicaSettings settings;
    private final SimOperator operator;
    private final List<String> founders = new ArrayList<>();
    private final Map<String, SimNode> nodes = new TreeMap<>();
    private final List<Oracle> oracles = new ArrayList<>();
    private final List<SimContents> contents = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private List<Member> members = new ArrayList<>();
    private long attempts;
    private int tablesLost;
    private int catchUps;
    private int disksLost;

    /** A hash of all that was noted. */
    private int history;

    private SimWorld(long seed, Bug bug) {
        this.bug = bug;
        time = new SimTime(seed);
        network = new SimNetwork(time);
        table = new SimTable(this);
        backups = time.between(1, 2);
        settings = new ReplicaSettings(TIMES, new ReplicaSettings.Limits(time.between(1, 2), 4_000, 300, 300));
        operator = new SimOperator(this);
        boolean witness = backups == 1 && time.chance(30);
        for (int partition = 0; partition < PARTITIONS; partition++) {
            oracles.add(new Oracle(this, partition));
            contents.add(new SimContents(partition));
        }
        for (int i = 1; i <= FOUNDERS; i++) {
            founders.add("n" + i);
            members.add(new Member("n" + i, witness && i == FOUNDERS, false));
        }
    }

    /** What a run has gone through. */
    record Result(int committed, int epochs, int tablesLost, int catchUps, int disksLost, int forced, int history) {}

    /** Throws when something goes wrong that must not, with what happened before. */
    static Result run(long seed, Bug bug) {
        SimWorld world = new SimWorld(seed, bug);
        try {
            return world.run();
        } catch (AssertionError | RuntimeException e) {
            Violation.Invariant broken =
                    e instanceof Violation violation ? violation.invariant() : Violation.Invariant.NO_DEFECT;
            throw new Violation(
                    broken,
                    "seed " + seed + " at " + world.time.nowMillis() + ": " + e + "\n" + String.join("\n", world.notes),
                    e);
        }
    }

    private Result run() {
        founders.forEach(id -> add(id).start());
        SimClients clients = new SimClients(this);
        SimFaults faults = new SimFaults(this);
        clients.begin();
        faults.begin();
        operator.begin();
        runUntil(FAULTS_MILLIS);
        faults.end();
        operator.bePatient();
        runUntil(FAULTS_MILLIS + 1_000);
        clients.end();
        while (unsettled() != null) {
            if (time.nowMillis() > FAULTS_MILLIS + PEACE_MILLIS) {
                throw new Violation(Violation.Invariant.SETTLES, "not all is well in the end: " + unsettled());
            }
            runUntil(time.nowMillis() + 50);
        }
        return new Result(
                oracles.stream().mapToInt(Oracle::committedCount).sum(),
                oracles.stream().mapToInt(Oracle::epochs).sum(),
                tablesLost,
                catchUps,
                disksLost,
                oracles.stream().mapToInt(oracle -> oracle.lineages() - 1).sum(),
                history);
    }

    private void runUntil(long millis) {
        boolean[] reached = {false};
        time.at(millis, () -> reached[0] = true);
        while (!reached[0]) {
            time.step();
        }
    }

    private String unsettled() {
        return oracles.stream()
                .flatMap(oracle -> oracle.unsettled().stream())
                .findFirst()
                .orElse(null);
    }

    SimNode add(String id) {
        SimNode node = new SimNode(this, id);
        nodes.put(id, node);
        return node;
    }

    /** When those who keep the table are too few it is lost. */
    void maybeLoseTable() {
        if (keepers() <= founders.size() / 2) {
            loseTable();
        }
    }

    void loseTable() {
        note(() -> "the table is lost");
        tablesLost++;
        table.lose();
    }

    void onDiskLost() {
        disksLost++;
    }

    int disksLost() {
        return disksLost;
    }

    boolean wasForced(int partition) {
        return operator.hasForced(partition);
    }

    SimOperator operator() {
        return operator;
    }

    ReplicaSettings settings() {
        return settings;
    }

    int minInSync() {
        return settings.limits().minInSync();
    }

    /** By chance, but for the seed. */
    long nextNumber() {
        return time.random().nextLong();
    }

    private long keepers() {
        return founders.stream().filter(id -> nodes.get(id).isUp()).count();
    }

    /** If this node were gone, too. */
    boolean wouldLoseTable(SimNode node) {
        return founders.contains(node.id()) && keepers() - 1 <= founders.size() / 2;
    }

    void startUnlessUp(SimNode node) {
        if (!node.isUp()) {
            note(() -> node.id() + " starts");
            node.start();
        }
    }

    /** Whether a node and those it is connected to are most of those who keep the table. */
    boolean reachesMajority(SimNode node) {
        if (!isAwake(node)) {
            return false;
        }
        long reached = founders.stream()
                .map(nodes::get)
                .filter(this::isAwake)
                .filter(other -> !network.isCut(node.id(), other.id()) && !network.isCut(other.id(), node.id()))
                .count();
        return 2 * reached > founders.size();
    }

    private boolean isAwake(SimNode node) {
        return node.isUp() && !node.isPaused();
    }

    void afterEvent(SimNode node) {
        for (int partition = 0; partition < PARTITIONS; partition++) {
            Replica replica = node.replica(partition);
            if (replica.accepts(node.nowMillis())) {
                oracles.get(partition).claim(node, replica.view().orElseThrow().epoch());
            }
            oracles.get(partition).checkMembers();
        }
    }

    void note(Supplier<String> what) {
        if (notes.size() == NOTES) {
            notes.remove(0);
        }
        String note = time.nowMillis() + " " + what.get();
        notes.add(note);
        history = 31 * history + note.hashCode();
    }

    Coordinator coordinator(String id, PartitionTable its) {
        return new Coordinator(
                id,
                new Coordinator.Settings(PARTITIONS, backups, founders, SILENCE_MILLIS),
                its,
                this::nextNumber,
                bug.rules());
    }

    void onCatchUp() {
        catchUps++;
    }

    long nextAttempt() {
        return ++attempts;
    }

    SimTime time() {
        return time;
    }

    SimNetwork network() {
        return network;
    }

    SimTable table() {
        return table;
    }

    Bug bug() {
        return bug;
    }

    int partitions() {
        return PARTITIONS;
    }

    Oracle oracle(int partition) {
        return oracles.get(partition);
    }

    SimContents contents(int partition) {
        return contents.get(partition);
    }

    SimNode node(String id) {
        SimNode node = nodes.get(id);
        if (node == null) {
            throw new IllegalArgumentException("no node " + id);
        }
        return node;
    }

    List<SimNode> nodes() {
        return List.copyOf(nodes.values());
    }

    List<Member> members() {
        return List.copyOf(members);
    }

    void members(List<Member> newMembers) {
        members = new ArrayList<>(newMembers);
    }
}
