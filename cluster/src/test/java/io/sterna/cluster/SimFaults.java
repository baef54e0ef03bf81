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

    /** In some runs disks are lost, and an operator may have to help. */
    private final boolean losesDisks;

    private boolean ended;

    SimFaults(SimWorld world) {
        this.world = world;
        time = world.time();
        mostRestMillis = time.between(150, 2_500);
        sparesTable = time.chance(40);
        losesDisks = time.chance(30);
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
        world.table().calm();
        for (SimNode node : world.nodes()) {
            node.slowDisk(0);
            node.resume();
            if (node.hasFailed()) {
                node.crash();
            }
            world.startUnlessUp(node);
        }
        if (world.minInSync() > 1) {
            world.members(world.members().stream()
                    .map(member -> new Member(member.id(), member.witness(), false))
                    .toList());
        }
    }

    private SimNode anyNode() {
        List<SimNode> nodes = world.nodes();
        return nodes.get(time.between(0, nodes.size() - 1));
    }

    private void strike() {
        SimNode node = anyNode();
        int kind = time.between(0, losesDisks ? 117 : 112);
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
        } else if (kind < 100) {
            world.nodes().forEach(this::kill);
        } else if (kind < 105) {
            loseSightOfTable(node);
        } else if (kind < 109) {
            failStore(node);
        } else if (kind < 113) {
            if (!sparesTable) {
                world.loseTable();
            }
        } else if (kind < 115) {
            kill(node, () -> damage(node));
        } else {
            kill(node, () -> loseDisk(node));
        }
    }

    private void kill(SimNode node) {
        kill(node, () -> {});
    }

    private void kill(SimNode node, Runnable then) {
        if (!node.isUp() || (sparesTable && world.wouldLoseTable(node))) {
            return;
        }
        world.note(() -> node.id() + " is killed");
        node.crash();
        then.run();
        for (SimNode other : world.nodes()) {
            world.network().reset(node.id(), other.id());
        }
        world.maybeLoseTable();
        time.after(time.between(20, 3_000), () -> world.startUnlessUp(node));
    }

    private void loseDisk(SimNode node) {
        world.note(() -> node.id() + " loses its disk");
        world.onDiskLost();
        node.newDisk();
    }

    private void damage(SimNode node) {
        int partition = time.between(0, world.partitions() - 1);
        world.note(() -> node.id() + " can't read all of " + partition);
        world.onDiskLost();
        node.disk(partition).damage();
    }

    private void failStore(SimNode node) {
        if (!node.isUp() || node.isPaused()) {
            return;
        }
        int partition = time.between(0, world.partitions() - 1);
        world.note(() -> "the store of " + node.id() + " fails for " + partition);
        node.failStore(partition);
        int life = node.life();
        time.after(time.between(1_000, 5_000), () -> {
            if (node.life() == life) {
                kill(node);
            }
        });
    }

    private void loseSightOfTable(SimNode node) {
        List<SimNode> who = time.chance(30) ? world.nodes() : List.of(node);
        who.forEach(each -> {
            world.note(() -> each.id() + " does not reach the table");
            world.table().away(each, true);
        });
        time.after(
                time.between(200, 4_000),
                () -> who.forEach(each -> world.table().away(each, false)));
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
