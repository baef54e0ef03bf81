package io.sterna.cluster;

import java.util.ArrayList;
import java.util.List;

/** What goes wrong, for some time. */
final class SimFaults {
    private static final int MOST_NODES = 4;

    private final SimWorld world;
    private final SimTime time;

    /** Some runs have little rest between faults, others time for much to be under way. */
    private final int mostRestMillis;

    /** In some runs the table is never lost. */
    private final boolean sparesTable;

    private boolean ended;

    SimFaults(SimWorld world) {
        this.world = world;
        time = world.time();
        mostRestMillis = time.between(150, 2_500);
        sparesTable = time.chance(40);
    }

    void begin() {
        time.after(time.between(20, mostRestMillis), () -> {
            if (!ended) {
                strike();
                begin();
            }
        });
    }

    /** Nothing goes wrong any more, and what is down comes up. */
    void end() {
        ended = true;
        world.note(() -> "peace");
        world.network().calm();
        for (SimNode node : world.nodes()) {
            node.slowDisk(0);
            node.resume();
            world.startUnlessUp(node);
        }
    }

    private SimNode anyNode() {
        List<SimNode> nodes = world.nodes();
        return nodes.get(time.between(0, nodes.size() - 1));
    }

    private void strike() {
        SimNode node = anyNode();
        int kind = time.between(0, 99);
        if (kind < 22) {
            kill(node);
        } else if (kind < 40) {
            pause(node);
        } else if (kind < 54) {
            split();
        } else if (kind < 62) {
            cutOneWay(node, anyNode());
        } else if (kind < 74) {
            world.network().reset(node.id(), anyNode().id());
        } else if (kind < 82) {
            slow(node);
        } else if (kind < 88) {
            int millis = time.between(-2_000, 8_000);
            world.note(() -> "the clock of " + node.id() + " leaps by " + millis);
            node.leapClock(millis);
        } else if (kind < 92) {
            join();
        } else if (kind < 97) {
            drain(node);
        } else {
            world.nodes().forEach(this::kill);
        }
    }

    private void kill(SimNode node) {
        if (!node.isUp() || (sparesTable && world.wouldLoseTable(node))) {
            return;
        }
        world.note(() -> node.id() + " is killed");
        node.crash();
        for (SimNode other : world.nodes()) {
            world.network().reset(node.id(), other.id());
        }
        world.maybeLoseTable();
        time.after(time.between(20, 3_000), () -> world.startUnlessUp(node));
    }

    private void pause(SimNode node) {
        if (!node.isUp() || node.isPaused()) {
            return;
        }
        int millis = time.between(100, 3_000);
        world.note(() -> node.id() + " sleeps for " + millis);
        node.pause();
        int life = node.life();
        time.after(millis, () -> {
            if (node.life() == life && node.isPaused()) {
                node.resume();
            }
        });
    }

    private void split() {
        int side = time.between(1, (1 << world.nodes().size()) - 2);
        world.note(() -> "split by " + Integer.toBinaryString(side));
        List<SimNode> nodes = world.nodes();
        for (int i = 0; i < nodes.size(); i++) {
            for (int j = 0; j < nodes.size(); j++) {
                if ((side >> i & 1) != (side >> j & 1)) {
                    world.network().cut(nodes.get(i).id(), nodes.get(j).id());
                }
            }
        }
        time.after(time.between(100, 2_500), world.network()::heal);
    }

    private void cutOneWay(SimNode from, SimNode to) {
        world.note(() -> from.id() + " is not heard by " + to.id());
        if (from != to) {
            world.network().cut(from.id(), to.id());
            time.after(time.between(100, 2_500), world.network()::heal);
        }
    }

    private void slow(SimNode node) {
        int millis = time.between(20, 900);
        world.note(() -> "the disk of " + node.id() + " takes up to " + millis);
        node.slowDisk(millis);
        time.after(time.between(200, 2_000), () -> node.slowDisk(0));
    }

    private void join() {
        if (world.nodes().size() < MOST_NODES) {
            String id = "n" + (world.nodes().size() + 1);
            world.note(() -> id + " joins");
            world.add(id).start();
            List<Member> members = new ArrayList<>(world.members());
            members.add(new Member(id, false, false));
            world.members(members);
        }
    }

    /** Begins to drain a node, or ends it; one at least is left. */
    private void drain(SimNode node) {
        List<Member> members = world.members().stream()
                .map(member -> member.id().equals(node.id())
                        ? new Member(member.id(), member.witness(), !member.draining())
                        : member)
                .toList();
        if (members.stream().anyMatch(Member::mayHold)) {
            world.note(() -> node.id() + " is to be drained, or no more");
            world.members(members);
        }
    }
}
