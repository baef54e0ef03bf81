package io.sterna.cluster;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Opens partitions by force: in some runs when they need not be, and in the end where it has to be. */
final class SimOperator {
    private static final int LOOKS_MILLIS = 400;
    private static final int PATIENCE = 8;

    private final SimWorld world;
    private final SimTime time;

    /** Forces what would come back by itself. */
    private final boolean hasty;

    private final Set<Integer> forced = new HashSet<>();
    private final Map<Waiting, Integer> seen = new HashMap<>();
    private boolean patient;

    SimOperator(SimWorld world) {
        this.world = world;
        time = world.time();
        hasty = time.chance(15);
    }

    void begin() {
        time.after(LOOKS_MILLIS, () -> {
            look();
            begin();
        });
    }

    /** Nothing goes wrong any more: what is waited for now does not come back by itself. */
    void bePatient() {
        patient = true;
        seen.clear();
    }

    boolean hasForced(int partition) {
        return forced.contains(partition);
    }

    private void look() {
        List<SimNode> nodes = world.nodes();
        SimNode node = nodes.get(time.between(0, nodes.size() - 1));
        if (!node.isUp() || node.isPaused()) {
            return;
        }
        for (Waiting waiting : node.coordinator().waiting()) {
            boolean inNeed = patient && mayHelp() && seen.merge(waiting, 1, Integer::sum) > PATIENCE;
            if (inNeed || (hasty && !patient && time.chance(30))) {
                force(waiting);
            }
        }
    }

    /** Without a lost disk, and without an operator who did harm before, everything gets well by itself. */
    private boolean mayHelp() {
        return world.disksLost() > 0 || !forced.isEmpty();
    }

    private void force(Waiting waiting) {
        world.note(() -> "an operator forces " + waiting);
        forced.add(waiting.partition());
        for (SimNode node : world.nodes()) {
            node.run(node.life(), () -> node.coordinator().forceOpen(waiting, node.nowMillis()));
        }
    }
}
