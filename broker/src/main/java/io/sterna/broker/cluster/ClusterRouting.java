package io.sterna.broker.cluster;

import io.sterna.broker.forward.PeerAddress;
import io.sterna.broker.forward.Route;
import io.sterna.broker.forward.Routing;
import io.sterna.broker.partition.Partitions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** Which node serves which partition, as this one knows. Any thread. */
final class ClusterRouting implements Routing {
    private static final Listener NOBODY = new Listener() {
        @Override
        public void onMoved() {
            // Nobody has to know.
        }

        @Override
        public void onNodeGone(String node) {
            // Nobody has to know.
        }
    };

    private final String self;
    private final List<String> announced;
    private final AtomicReferenceArray<Place> places = new AtomicReferenceArray<>(Partitions.COUNT);
    private final AtomicReference<Map<String, PeerAddress>> nodes = new AtomicReference<>(Map.of());
    private final Map<String, PeerAddress> known = new ConcurrentSkipListMap<>();
    private final AtomicReference<Listener> listener = new AtomicReference<>(NOBODY);

    /**
     * @param owner as the table says; empty while that is not known
     * @param open whether it is open here
     */
    private record Place(Optional<String> owner, boolean open) {}

    /** @param announced nodes that clients are told of, when all of them are known */
    ClusterRouting(String self, List<String> announced) {
        this.self = self;
        this.announced = announced.stream().filter(node -> !node.equals(self)).toList();
        for (int partition = 0; partition < Partitions.COUNT; partition++) {
            places.set(partition, new Place(Optional.empty(), false));
        }
    }

    @Override
    public String self() {
        return self;
    }

    @Override
    public Route of(String address) {
        int partition = Partitions.numberOf(address);
        Place place = places.get(partition);
        if (place.open()) {
            return Route.Here.INSTANCE;
        }
        if (place.owner().isEmpty()) {
            return new Route.Nowhere("no node is known to own partition " + partition + ", in which the address is");
        }
        String owner = place.owner().get();
        if (owner.equals(self)) {
            return new Route.Nowhere("partition " + partition + ", in which the address is, is being opened here");
        }
        return Optional.ofNullable(nodes.get().get(owner))
                .<Route>map(Route.At::new)
                .orElseGet(() -> new Route.Nowhere(
                        "node " + owner + ", which owns partition " + partition + ", is not connected"));
    }

    @Override
    public List<PeerAddress> owners() {
        return nodes.get().values().stream()
                .filter(node -> !node.node().equals(self))
                .toList();
    }

    /** Those that are down are announced, too: they may be back when somebody looks for them. */
    @Override
    public List<PeerAddress> servers() {
        List<PeerAddress> all = announced.stream()
                .flatMap(node -> Stream.ofNullable(known.get(node)))
                .toList();
        return all.size() == announced.size() ? all : List.of();
    }

    @Override
    public void listen(Listener its) {
        listener.set(its);
    }

    /** Where other nodes are reached. */
    void nodes(Map<String, PeerAddress> reached) {
        known.putAll(reached);
        Map<String, PeerAddress> before = nodes.getAndSet(Map.copyOf(reached));
        if (!before.equals(reached)) {
            listener.get().onMoved();
            before.keySet().stream().filter(node -> !reached.containsKey(node)).forEach(node -> listener.get()
                    .onNodeGone(node));
        }
    }

    /** What the table says of a partition. */
    void owner(int partition, Optional<String> owner) {
        change(partition, place -> new Place(owner, place.open()));
    }

    /** Who owns a partition as the table says. Any thread. */
    Optional<String> ownerOf(int partition) {
        return places.get(partition).owner();
    }

    /** Whether a partition is open here. */
    void open(int partition, boolean open) {
        change(partition, place -> new Place(place.owner(), open));
    }

    private void change(int partition, UnaryOperator<Place> how) {
        Place before = places.getAndUpdate(partition, how);
        if (!before.equals(places.get(partition))) {
            listener.get().onMoved();
        }
    }
}
