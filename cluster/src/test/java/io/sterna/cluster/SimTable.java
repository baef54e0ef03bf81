package io.sterna.cluster;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * The partition table: linearizable, for those who reach the majority of those who keep it, and lost with them. Nodes find
 * out at different times that another one has taken its place; until then the former one is gone, or lives on.
 */
final class SimTable {
    private static final int MOST_DELAY_MILLIS = 3_000;

    private final SimWorld world;
    private final SimTime time;
    private final List<Register> registers = new ArrayList<>();
    private final Map<Integer, Written> lastViews = new HashMap<>();
    private final Map<String, Register> heard = new HashMap<>();
    private final Set<String> away = new HashSet<>();
    private boolean calm;

    private static final class Register {
        private TableContent content = TableContent.NONE;
    }

    private record Written(long generation, PartitionView view) {}

    SimTable(SimWorld world) {
        this.world = world;
        time = world.time();
        registers.add(new Register());
    }

    private Register newest() {
        return registers.get(registers.size() - 1);
    }

    /** As the newest table says. */
    Optional<PartitionView> view(int partition) {
        return Optional.ofNullable(newest().content.views().get(partition));
    }

    /**
     * The last view in the highest generation that has ever had one: those of lower generations mean nothing from then on,
     * and this one is still what a cold start has to find when its table is gone.
     */
    Optional<PartitionView> lastView(int partition) {
        return Optional.ofNullable(lastViews.get(partition)).map(Written::view);
    }

    Optional<Placement> placement() {
        return newest().content.placement();
    }

    boolean isOneForAll() {
        return registers.size() == 1;
    }

    // ---- What happens to it

    /** Another one takes its place. */
    void lose() {
        Register former = newest();
        if (time.chance(50)) {
            registers.clear();
        }
        registers.add(new Register());
        for (SimNode node : world.nodes()) {
            heard.put(node.id(), former);
            leaveLater(node);
        }
    }

    /** A node that starts finds any of those that there are. */
    void onStart(SimNode node) {
        heard.put(node.id(), registers.get(time.between(0, registers.size() - 1)));
        leaveLater(node);
    }

    private void leaveLater(SimNode node) {
        time.after(calm ? 0 : time.between(0, 2_500), () -> heard.put(node.id(), newest()));
    }

    /** A node does not reach it. */
    void away(SimNode node, boolean isAway) {
        if (isAway) {
            away.add(node.id());
        } else {
            away.remove(node.id());
        }
    }

    /** One table for all, which can be reached. */
    void calm() {
        calm = true;
        away.clear();
        Register last = newest();
        registers.clear();
        registers.add(last);
        world.nodes().forEach(node -> heard.put(node.id(), last));
    }

    private boolean reaches(SimNode node) {
        return !away.contains(node.id()) && world.reachesMajority(node);
    }

    // ---- What it does

    /** A way to the table for one life of a node. */
    PartitionTable connect(SimNode node) {
        return new PartitionTable() {
            @Override
            public void begin(long expectedGeneration, long generation) {
                request(node, now -> now.generation() == expectedGeneration ? TableContent.begun(generation) : now);
            }

            @Override
            public void compareAndSet(long generation, long expectedEpoch, PartitionView view) {
                request(node, now -> {
                    PartitionView before = now.views().get(view.partition());
                    boolean expected = (before == null ? 0 : before.epoch()) == expectedEpoch;
                    if (!expected || now.generation() != generation) {
                        return now;
                    }
                    Map<Integer, PartitionView> views = new TreeMap<>(now.views());
                    views.put(view.partition(), view);
                    world.note(() -> node.id() + " sets " + view + " in " + generation);
                    lastViews.merge(
                            view.partition(),
                            new Written(generation, view),
                            (last, its) -> its.generation() < last.generation() ? last : its);
                    return new TableContent(generation, views, now.placement());
                });
            }

            @Override
            public void compareAndSet(long generation, long expectedVersion, Placement next) {
                request(node, now -> {
                    long version = now.placement().map(Placement::version).orElse(0L);
                    return version == expectedVersion && now.generation() == generation
                            ? new TableContent(generation, now.views(), Optional.of(next))
                            : now;
                });
            }

            @Override
            public void refresh(int partition) {
                request(node, now -> now);
            }
        };
    }

    /** What is on its way takes effect, perhaps late, whatever becomes of who has sent it. */
    private void request(SimNode node, UnaryOperator<TableContent> change) {
        Register its = heard.get(node.id());
        if (!registers.contains(its) || !reaches(node)) {
            return;
        }
        int life = node.life();
        boolean late = !calm && time.chance(2);
        time.after(late ? time.between(1, MOST_DELAY_MILLIS) : world.network().delayMillis(), () -> {
            if (registers.contains(its)) {
                TableContent before = its.content;
                its.content = change.apply(before);
                tell(its, node, life);
                if (!its.content.equals(before)) {
                    world.nodes().forEach(each -> tell(its, each, each.life()));
                }
            }
        });
    }

    private void tell(Register register, SimNode node, int life) {
        TableContent content = register.content;
        time.after(world.network().delayMillis(), () -> {
            if (registers.contains(register) && heard.get(node.id()) == register && reaches(node)) {
                node.run(life, () -> node.onTable(content));
            }
        });
    }
}
