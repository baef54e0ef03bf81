package io.sterna.cluster;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The partition table: linearizable, for those who reach the majority of those who keep it, and lost with them. */
final class SimTable {
    private final SimWorld world;
    private final Map<Integer, PartitionView> views = new TreeMap<>();
    private Optional<Placement> placement = Optional.empty();
    private int generation;

    SimTable(SimWorld world) {
        this.world = world;
    }

    Map<Integer, PartitionView> views() {
        return views;
    }

    Optional<Placement> placement() {
        return placement;
    }

    void lose() {
        generation++;
        views.clear();
        placement = Optional.empty();
    }

    /** A way to the table for one life of a node. */
    PartitionTable connect(SimNode node) {
        int life = node.life();
        return new PartitionTable() {
            @Override
            public void compareAndSet(long expectedEpoch, PartitionView view) {
                request(node, life, () -> {
                    PartitionView now = views.get(view.partition());
                    if ((now == null ? 0 : now.epoch()) == expectedEpoch) {
                        views.put(view.partition(), view);
                        world.note(() -> node.id() + " sets " + view);
                        tellAll();
                    }
                });
            }

            @Override
            public void compareAndSet(long expectedVersion, Placement next) {
                request(node, life, () -> {
                    if (placement.map(Placement::version).orElse(0L) == expectedVersion) {
                        placement = Optional.of(next);
                        tellAll();
                    }
                });
            }

            @Override
            public void refresh(int partition) {
                request(node, life, () -> {});
            }
        };
    }

    private void request(SimNode node, int life, Runnable change) {
        int its = generation;
        world.time().after(world.network().delayMillis(), () -> {
            if (generation == its && world.reachesMajority(node)) {
                change.run();
                tell(node, life);
            }
        });
    }

    private void tellAll() {
        for (SimNode node : world.nodes()) {
            tell(node, node.life());
        }
    }

    private void tell(SimNode node, int life) {
        int its = generation;
        TableContent content = new TableContent(views, placement);
        world.time().after(world.network().delayMillis(), () -> {
            if (generation == its && world.reachesMajority(node)) {
                node.run(life, () -> node.onTable(content));
            }
        });
    }
}
