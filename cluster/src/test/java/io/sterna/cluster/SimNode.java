package io.sterna.cluster;

import io.sterna.store.LogOperation;
import io.sterna.store.LogRecord;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/** A node: its disks, and one life of its process after the other. */
final class SimNode {
    private static final int TICK_MILLIS = 25;
    private static final int COUNTER_BITS = 40;

    private final SimWorld world;
    private final String id;
    private final List<SimDisk> disks = new ArrayList<>();
    private long diskId;
    private final List<SimLog> logs = new ArrayList<>();
    private final List<Replica> replicas = new ArrayList<>();
    private final Queue<Runnable> deferred = new ArrayDeque<>();
    private PartitionTable table;
    private Coordinator coordinator;
    private int life;
    private boolean up;
    private boolean paused;
    private long clockMillis;
    private long slowMillis;
    private long counter;
    private int ticks;

    SimNode(SimWorld world, String id) {
        this.world = world;
        this.id = id;
        newDisk();
        table = world.table().connect(this);
        coordinator = world.coordinator(id, table);
    }

    /** All that it had is gone. */
    void newDisk() {
        diskId = world.nextNumber();
        disks.clear();
        for (int partition = 0; partition < world.partitions(); partition++) {
            disks.add(new SimDisk());
        }
    }

    long diskId() {
        return diskId;
    }

    Coordinator coordinator() {
        return coordinator;
    }

    SimWorld world() {
        return world;
    }

    String id() {
        return id;
    }

    int life() {
        return life;
    }

    boolean isUp() {
        return up;
    }

    boolean isPaused() {
        return paused;
    }

    SimDisk disk(int partition) {
        return disks.get(partition);
    }

    Replica replica(int partition) {
        return replicas.get(partition);
    }

    SimContent content(int partition) {
        return logs.get(partition).content();
    }

    long nowMillis() {
        return world.time().nowMillis() + clockMillis;
    }

    long forceMillis() {
        return (long) world.time().between(1, 3)
                + (slowMillis > 0 ? world.time().between(0, (int) slowMillis) : 0);
    }

    // ---- What happens to it

    void start() {
        life++;
        up = true;
        paused = false;
        counter = 0;
        replicas.clear();
        logs.clear();
        world.table().onStart(this);
        table = world.table().connect(this);
        coordinator = world.coordinator(id, table);
        for (int partition = 0; partition < disks.size(); partition++) {
            SimLog log = world.bug().log(disks.get(partition), this, partition);
            Replica.Ports ports = new Replica.Ports(log, this::send, table, listener(partition), world::nextAttempt);
            logs.add(log);
            replicas.add(new Replica(
                    partition,
                    new ReplicaContext(
                            id,
                            diskId,
                            ports,
                            world.bug().rules(),
                            world.settings(),
                            SimLog.recover(disks.get(partition)))));
        }
        tickLater(life);
    }

    void crash() {
        if (up) {
            logs.forEach(SimLog::crash);
            up = false;
            deferred.clear();
        }
    }

    void pause() {
        paused = true;
    }

    void resume() {
        paused = false;
        while (up && !paused && !deferred.isEmpty()) {
            deferred.remove().run();
        }
    }

    boolean hasFailed() {
        return up && replicas.stream().anyMatch(replica -> replica.report().failed());
    }

    void failStore(int partition) {
        run(life, () -> logs.get(partition).fail());
    }

    void leapClock(long millis) {
        clockMillis += millis;
    }

    void slowDisk(long millis) {
        slowMillis = millis;
    }

    /** Runs something that happens in a life of this node: not when that is over, and later while it is paused. */
    void run(int itsLife, Runnable task) {
        if (up && itsLife == life) {
            if (paused) {
                deferred.add(() -> run(itsLife, task));
            } else {
                task.run();
                replicas.forEach(replica -> replica.flush(nowMillis()));
                world.afterEvent(this);
            }
        }
    }

    // ---- What it does

    private void tickLater(int itsLife) {
        world.time().after(TICK_MILLIS, () -> {
            if (up && itsLife == life) {
                if (!paused) {
                    run(itsLife, this::tick);
                }
                tickLater(itsLife);
            }
        });
    }

    private void tick() {
        replicas.forEach(replica -> replica.tick(nowMillis()));
        coordinator.onMembers(world.members());
        if (ticks++ % 4 == 0) {
            NodeReport report =
                    coordinator.report(replicas.stream().map(Replica::report).toList(), nowMillis());
            for (SimNode other : world.nodes()) {
                if (other != this) {
                    world.network().send(this, other, node -> node.coordinator.onReport(report, node.nowMillis()));
                }
            }
        }
        if (ticks % 10 == 0) {
            table.refresh(0);
        }
        coordinator.tick(nowMillis());
    }

    void onTable(TableContent content) {
        coordinator.onTable(content, nowMillis());
        replicas.forEach(replica -> replica.onTable(content, nowMillis()));
    }

    private void send(String to, long generation, ReplicaMessage message) {
        world.network()
                .send(this, world.node(to), SimNetwork.bytesOf(message), node -> node.replica(message.partition())
                        .onMessage(id, generation, message, node.nowMillis()));
    }

    /** A part of a message has come. */
    void onOctets(String from) {
        replicas.forEach(replica -> replica.onOctets(from, nowMillis()));
    }

    private ReplicaListener listener(int partition) {
        return new ReplicaListener() {
            @Override
            public void onOpened(long epoch) {
                world.oracle(partition).onOpened(SimNode.this, epoch);
            }

            @Override
            public void onCommitted(LogRecord record) {
                world.oracle(partition).onCommitted(SimNode.this, record);
            }

            @Override
            public void onClosed() {
                world.oracle(partition).onClosed(SimNode.this);
            }
        };
    }

    /** A sequence as owners of partitions give them. */
    long nextSequence(int partition) {
        return replica(partition).view().orElseThrow().epoch() << COUNTER_BITS | ++counter;
    }

    void propose(int partition, LogOperation operation) {
        replica(partition).propose(operation, nowMillis());
    }
}
