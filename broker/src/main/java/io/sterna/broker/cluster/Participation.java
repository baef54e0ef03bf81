package io.sterna.broker.cluster;

import io.sterna.broker.forward.PeerAddress;
import io.sterna.broker.partition.Partitions;
import io.sterna.cluster.Coordinator;
import io.sterna.cluster.NodeReport;
import io.sterna.cluster.PartitionView;
import io.sterna.cluster.Placement;
import io.sterna.cluster.ReplicaMessage;
import io.sterna.cluster.TableContent;
import io.sterna.cluster.log.RecoveredReplicas;
import io.sterna.cluster.net.PeerIdentity;
import io.sterna.cluster.net.PeerListener;
import io.sterna.cluster.net.PeerNetwork;
import io.sterna.cluster.table.KeeperFile;
import io.sterna.cluster.table.TableMessage;
import io.sterna.store.Store;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** This node's part in the cluster from its beginning to its end: whom it knows, and what it does when. Owned by the first loop. */
final class Participation implements PeerListener {
    private static final int TICK_MILLIS = 25;

    /** How many ticks there are between two reports to the others. */
    private static final int TICKS_A_REPORT = 4;

    /** A node from which nothing is heard for so long counts as dead, though its connections are open. */
    private static final long SILENCE_MILLIS = 1_500;

    private final ClusterIdentity identity;
    private final Surroundings surroundings;
    private final ReplicaLoops replicas;
    private final PeerNetwork network;
    private final TableKeeping keeping;
    private final Coordinator coordinator;
    private final Orders orders;
    private final Notes notes = new Notes();
    private final Map<String, PeerAddress> reached = new HashMap<>();
    private int ticks;
    private boolean ended;

    /**
     * What is there before it, and after.
     *
     * @param drain has it written down whether this node is drained
     */
    record Surroundings(
            Vertx vertx,
            Store store,
            ReplicaLoops replicas,
            ClusterRouting routing,
            Membership membership,
            TableHearing hearing,
            Consumer<Boolean> drain) {}

    /**
     * Does nothing yet.
     *
     * @param clientPort where other nodes reach this one over AMQP
     * @param file what is on the disk of the partition table; closed by {@link #stop}
     */
    Participation(
            ClusterIdentity identity,
            Surroundings surroundings,
            Partitions partitions,
            int clientPort,
            KeeperFile file) {
        this.identity = identity;
        this.surroundings = surroundings;
        replicas = surroundings.replicas();
        network = new PeerNetwork(
                surroundings.vertx(),
                identity.peers(clientPort),
                identity.node(),
                surroundings.store().diskId(),
                this,
                Participation::nowMillis);
        DecisionNotes decisions = new DecisionNotes(network, partitions, surroundings.routing()::ownerOf);
        decisions.register(notes);
        partitions.askElsewhere(decisions);
        keeping = new TableKeeping(identity, replicas.first(), Participation::nowMillis, network, file, this::onTable);
        coordinator = new Coordinator(
                identity.node(), identity.coordination(SILENCE_MILLIS), keeping, new SecureRandom()::nextLong);
        orders = new Orders(
                identity.node(),
                surroundings.membership(),
                coordinator,
                new Orders.Ports(
                        network::note, surroundings.drain(), identity.leastHolders(), Participation::nowMillis));
        orders.register(notes);
    }

    /** Begins; the future fails when it can't be listened for other nodes. */
    Future<Void> start(Partitions partitions, RecoveredReplicas recovered) {
        ReplicaMaker maker = new ReplicaMaker(
                identity.node(),
                surroundings.store(),
                partitions,
                recovered,
                network,
                keeping,
                identity.replicas(),
                Participation::nowMillis);
        replicas.start(maker::fill);
        tick();
        return network.start().mapEmpty();
    }

    /** Leaves; the future completes when nothing more is written. */
    Future<Void> stop() {
        ended = true;
        return network.stop().compose(silent -> surroundings.vertx().<Void>executeBlocking(() -> {
            keeping.close();
            return null;
        }));
    }

    ClusterStatus status() {
        return new StatusReport(identity.node(), surroundings.hearing().table(), surroundings.membership(), nowMillis())
                .make(surroundings.hearing().problem(), coordinator.waiting());
    }

    /** Returns why not; empty when it is under way. */
    Optional<String> give(ClusterOrder order) {
        return orders.give(order);
    }

    // ---- Time

    static long nowMillis() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }

    private void tick() {
        if (ended) {
            return;
        }
        long now = nowMillis();
        keeping.tick();
        coordinator.onMembers(surroundings.membership().members(now));
        if (ticks++ % TICKS_A_REPORT == 0) {
            network.report(coordinator.report(replicas.reports(), now));
        }
        coordinator.tick(now);
        surroundings.hearing().judge(now, keeping::whyNotHeard);
        replicas.first().after(TICK_MILLIS, this::tick);
    }

    // ---- What others say

    @Override
    public Optional<String> objection(PeerIdentity node) {
        return Optional.empty(); // Whoever knows the secret may join.
    }

    @Override
    public void onPeerUp(PeerIdentity node) {
        reached.put(node.node(), new PeerAddress(node.node(), node.address().host(), node.clientPort()));
        surroundings.routing().nodes(reached);
        surroundings.membership().onUp(node.node(), node.witness());
    }

    @Override
    public void onPeerDown(PeerIdentity node, String reason) {
        reached.remove(node.node());
        surroundings.routing().nodes(reached);
        surroundings.membership().onDown(node.node(), nowMillis());
        coordinator.onGone(node.node());
        keeping.onGone(node.node());
        replicas.forEach(its -> its.onGone(node.node()));
    }

    @Override
    public void onOctets(String node) {
        replicas.forEach(its -> its.onOctets(node));
    }

    @Override
    public void onMessage(String node, long generation, ReplicaMessage message) {
        replicas.onMessage(node, generation, message);
    }

    @Override
    public void onReport(String node, NodeReport report) {
        surroundings.membership().onDraining(node, report.draining());
        coordinator.onReport(report, nowMillis());
    }

    @Override
    public void onTableMessage(String node, TableMessage message) {
        keeping.onMessage(node, message);
    }

    @Override
    public void onNote(String node, byte[] note) {
        notes.onNote(node, note);
    }

    private void onTable(TableContent content) {
        long now = nowMillis();
        content.placement().ifPresent(placement -> surroundings.membership().onPlaced(holders(placement), now));
        coordinator.onTable(content, now);
        for (int partition = 0; partition < Partitions.COUNT; partition++) {
            surroundings
                    .routing()
                    .owner(
                            partition,
                            Optional.ofNullable(content.views().get(partition)).map(PartitionView::owner));
        }
        surroundings.hearing().onTable(content, now);
    }

    private static Set<String> holders(Placement placement) {
        return placement.nodes().stream().flatMap(List::stream).collect(Collectors.toSet());
    }
}
