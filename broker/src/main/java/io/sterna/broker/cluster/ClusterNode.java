package io.sterna.broker.cluster;

import io.sterna.broker.StartRefusedException;
import io.sterna.broker.forward.PeerAddress;
import io.sterna.broker.forward.Routing;
import io.sterna.broker.partition.Loop;
import io.sterna.broker.partition.Partitions;
import io.sterna.cluster.Coordinator;
import io.sterna.cluster.Member;
import io.sterna.cluster.NodeReport;
import io.sterna.cluster.PartitionView;
import io.sterna.cluster.Placement;
import io.sterna.cluster.ReplicaMessage;
import io.sterna.cluster.ReplicaReport;
import io.sterna.cluster.TableContent;
import io.sterna.cluster.log.RecoveredReplicas;
import io.sterna.cluster.net.PeerIdentity;
import io.sterna.cluster.net.PeerListener;
import io.sterna.cluster.net.PeerNetwork;
import io.sterna.cluster.table.FoundersChangedException;
import io.sterna.cluster.table.KeeperFile;
import io.sterna.cluster.table.TableMessage;
import io.sterna.store.Store;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node's part in the cluster: whom it knows, what the table says, and which partitions are served here. What it hears
 * comes on the first event loop, which owns it but for what says so; each loop has its {@link LoopReplicas}.
 */
public final class ClusterNode implements PeerListener, LoopReplicas.Moves {
    private static final Logger log = LoggerFactory.getLogger(ClusterNode.class);
    private static final int TICK_MILLIS = 25;

    /** How many ticks there are between two reports to the others. */
    private static final int TICKS_A_REPORT = 4;

    /** A node from which nothing is heard for so long counts as dead, though its connections are open. */
    private static final long SILENCE_MILLIS = 1_500;

    /** This node serves nobody when it has not heard from the table for so long. */
    private static final long TABLE_SILENCE_MILLIS = 4_000;

    /**
     * Nobody is told anything when the table was not heard for so long: others take over from a node a second after they last
     * heard of it, which may be a heartbeat before it was stopped. More than the time between two readings.
     */
    private static final long SURE_MILLIS = 750;

    private final ClusterIdentity identity;
    private final Vertx vertx;
    private final List<Loop> loops;
    private final Loop control;
    private final Store store;
    private final Consumer<Optional<String>> serving;
    private final ClusterRouting routing;
    private final Membership membership;
    private final DrainMark drainMark;
    private final Notes notes = new Notes();
    private final Map<String, PeerAddress> reached = new HashMap<>();
    private final List<LoopReplicas> replicas;
    private @Nullable PeerNetwork network;
    private @Nullable TableKeeping keeping;
    private @Nullable Coordinator coordinator;
    private @Nullable Orders orders;
    private TableContent table = TableContent.NONE;
    private long tableHeardMillis;
    private int ticks;
    private boolean ended;

    // The first loop writes, any thread reads.
    private volatile Optional<String> problem = Optional.of("this node is not connected to its cluster yet");

    /**
     * Prepares it.
     *
     * @param loops the first one owns this
     * @param serving told on the first loop when this node begins to serve clients, with nothing, and when it ceases to, with
     *     the reason
     */
    public ClusterNode(
            ClusterIdentity identity, Vertx vertx, Store store, List<Loop> loops, Consumer<Optional<String>> serving) {
        this.identity = identity;
        this.vertx = vertx;
        this.store = store;
        this.loops = List.copyOf(loops);
        this.serving = serving;
        control = loops.get(0);
        replicas = loops.stream()
                .map(loop -> new LoopReplicas(loop, ClusterNode::nowMillis, store::contents, this))
                .toList();
        routing = new ClusterRouting(identity.node());
        drainMark = new DrainMark(identity.directory());
        membership = new Membership(new Member(identity.node(), identity.witness(), false));
    }

    /** Who serves what. Any thread. */
    public Routing routing() {
        return routing;
    }

    /** Why no client is served here; empty while they are. Any thread. */
    public Optional<String> problem() {
        return problem;
    }

    /**
     * Whether this node may have been replaced without knowing, as it was asleep or is cut off: then clients of the loop must
     * hear nothing of it. To be asked on that loop.
     */
    public BooleanSupplier unsure(int loop) {
        LoopReplicas its = replicas.get(loop);
        return () -> !its.isSure();
    }

    /** What operators want to know. The answer comes on the first loop. Any thread. */
    public void status(Consumer<ClusterStatus> answer) {
        control.post(() -> answer.accept(new StatusReport(identity.node(), table, membership, nowMillis())
                .make(problem, coordinator == null ? List.of() : coordinator.waiting())));
    }

    /** Does what an operator asks for. The answer, why not if it does not, comes on the first loop. Any thread. */
    public void order(ClusterOrder order, Consumer<Optional<String>> answer) {
        control.post(
                () -> answer.accept(orders == null ? Optional.of("this node has not begun yet") : orders.give(order)));
    }

    /**
     * Begins to take part. Any thread.
     *
     * @param recovered what the store has of replicas
     * @param clientPort where other nodes reach this one over AMQP
     * @return failed when an address can't be had, or what is on the disk is of a cluster with other founders; it does not
     *     wait for the others
     */
    public Future<Void> start(Partitions partitions, RecoveredReplicas recovered, int clientPort) {
        return vertx.executeBlocking(this::read).compose(kept -> {
            Promise<Void> started = Promise.promise();
            control.post(() -> start(partitions, recovered, clientPort, kept).onComplete(started));
            return started.future();
        });
    }

    private Kept read() throws StartRefusedException {
        try {
            return new Kept(KeeperFile.open(identity.directory(), identity.founders()), drainMark.isSet());
        } catch (FoundersChangedException e) {
            throw new StartRefusedException(e.getMessage(), true);
        } catch (IOException e) {
            throw new StartRefusedException(
                    "the partition table in " + identity.directory() + " can't be opened: " + e.getMessage(), false);
        }
    }

    /** What the data directory has of the cluster beside replicas. */
    private record Kept(KeeperFile file, boolean drained) {}

    private Future<Void> start(Partitions partitions, RecoveredReplicas recovered, int clientPort, Kept kept) {
        membership.onDraining(identity.node(), kept.drained());
        PeerNetwork peers = new PeerNetwork(
                vertx, identity.peers(clientPort), identity.node(), store.diskId(), this, ClusterNode::nowMillis);
        network = peers;
        DecisionNotes decisions = new DecisionNotes(peers, partitions, routing::ownerOf);
        decisions.register(notes);
        partitions.askElsewhere(decisions);
        TableKeeping tables =
                new TableKeeping(identity, control, ClusterNode::nowMillis, peers, kept.file(), this::onTable);
        keeping = tables;
        Coordinator coordinating = new Coordinator(
                identity.node(), identity.coordination(SILENCE_MILLIS), tables, new SecureRandom()::nextLong);
        coordinator = coordinating;
        orders = new Orders(
                identity.node(),
                membership,
                coordinating,
                new Orders.Ports(peers::note, this::drain, identity.leastHolders(), ClusterNode::nowMillis));
        orders.register(notes);
        ReplicaMaker maker = new ReplicaMaker(
                identity.node(),
                store,
                partitions,
                recovered,
                peers,
                tables,
                identity.replicas(),
                ClusterNode::nowMillis);
        for (int number = 0; number < loops.size(); number++) {
            Loop loop = loops.get(number);
            LoopReplicas its = replicas.get(number);
            loop.run(() -> {
                maker.fill(its, loop);
                its.start();
            });
        }
        tick();
        return peers.start()
                .recover(failure -> Future.failedFuture(new StartRefusedException(
                        "cannot listen for other nodes on " + identity.address() + " (cluster.host, cluster.port): "
                                + failure.getMessage(),
                        false)))
                .mapEmpty();
    }

    /** Leaves. Any thread. */
    public Future<Void> stop() {
        Promise<Void> stopped = Promise.promise();
        control.post(() -> {
            ended = true;
            replicas.forEach(LoopReplicas::end);
            Future<Void> silent = network == null ? Future.succeededFuture() : network.stop();
            TableKeeping leaving = keeping;
            silent.compose(nothing -> vertx.<Void>executeBlocking(() -> {
                        if (leaving != null) {
                            leaving.close();
                        }
                        return null;
                    }))
                    .onComplete(stopped);
        });
        return stopped.future();
    }

    // ---- Time

    private static long nowMillis() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }

    private void tick() {
        if (ended || coordinator == null || network == null || keeping == null) {
            return;
        }
        long now = nowMillis();
        keeping.tick();
        coordinator.onMembers(membership.members(now));
        if (ticks++ % TICKS_A_REPORT == 0) {
            List<ReplicaReport> reports =
                    replicas.stream().flatMap(each -> each.reports().stream()).toList();
            network.report(coordinator.report(reports, now));
        }
        coordinator.tick(now);
        judge(now);
        control.after(TICK_MILLIS, this::tick);
    }

    /** Whether clients are served. */
    private void judge(long now) {
        boolean cutOff = table.generation() == 0 || now - tableHeardMillis > TABLE_SILENCE_MILLIS;
        Optional<String> why = cutOff ? Optional.of(whyCutOff()) : Optional.empty();
        if (!why.isPresent() == problem.isPresent()) {
            problem = why;
            why.ifPresentOrElse(
                    reason -> log.warn("clients are not served: {}", reason), () -> log.info("clients are served"));
            serving.accept(why);
            if (cutOff) {
                forEachLoop(its -> its.sureUntil(Long.MAX_VALUE)); // All have been hung up on by then.
            }
        }
    }

    private String whyCutOff() {
        return Optional.ofNullable(keeping)
                .flatMap(TableKeeping::problem)
                .orElse("this node does not reach the majority of its cluster; connect to another one");
    }

    // ---- What others say

    @Override
    public Optional<String> objection(PeerIdentity node) {
        return Optional.empty(); // Whoever knows the secret may join.
    }

    @Override
    public void onPeerUp(PeerIdentity node) {
        reached.put(node.node(), new PeerAddress(node.node(), node.address().host(), node.clientPort()));
        routing.nodes(reached);
        membership.onUp(node.node(), node.witness());
    }

    @Override
    public void onPeerDown(PeerIdentity node, String reason) {
        reached.remove(node.node());
        routing.nodes(reached);
        membership.onDown(node.node(), nowMillis());
        if (coordinator != null && keeping != null) {
            coordinator.onGone(node.node());
            keeping.onGone(node.node());
        }
        forEachLoop(its -> its.onGone(node.node()));
    }

    @Override
    public void onOctets(String node) {
        forEachLoop(its -> its.onOctets(node));
    }

    private void forEachLoop(Consumer<LoopReplicas> what) {
        for (int number = 0; number < loops.size(); number++) {
            LoopReplicas its = replicas.get(number);
            loops.get(number).post(() -> what.accept(its));
        }
    }

    @Override
    public void onMessage(String node, long generation, ReplicaMessage message) {
        int loop = message.partition() % loops.size();
        loops.get(loop).post(() -> replicas.get(loop).onMessage(node, generation, message));
    }

    @Override
    public void onReport(String node, NodeReport report) {
        membership.onDraining(node, report.draining());
        if (coordinator != null) {
            coordinator.onReport(report, nowMillis());
        }
    }

    @Override
    public void onTableMessage(String node, TableMessage message) {
        if (keeping != null) {
            keeping.onMessage(node, message);
        }
    }

    @Override
    public void onNote(String node, byte[] note) {
        notes.onNote(node, note);
    }

    private void onTable(TableContent content) {
        if (coordinator == null) {
            return;
        }
        table = content;
        tableHeardMillis = nowMillis();
        content.placement().ifPresent(placement -> membership.onPlaced(holders(placement), tableHeardMillis));
        coordinator.onTable(content, tableHeardMillis);
        for (int partition = 0; partition < Partitions.COUNT; partition++) {
            routing.owner(
                    partition,
                    Optional.ofNullable(content.views().get(partition)).map(PartitionView::owner));
        }
        forEachLoop(its -> its.onTable(content));
        sureUntil(tableHeardMillis + SURE_MILLIS);
    }

    /** A loop may go on when all have closed what is not theirs, and it has itself hung up on whoever used that. */
    private void sureUntil(long millis) {
        AtomicInteger left = new AtomicInteger(loops.size());
        forEachLoop(any -> {
            if (left.decrementAndGet() == 0) {
                forEachLoop(its -> its.sureUntil(millis));
            }
        });
    }

    private static Set<String> holders(Placement placement) {
        return placement.nodes().stream().flatMap(List::stream).collect(Collectors.toSet());
    }

    /** This node is to have nothing, or its share again: it tells the others, and after a restart, too. */
    private void drain(boolean draining) {
        vertx.<Void>executeBlocking(() -> {
                    drainMark.set(draining);
                    return null;
                })
                .onSuccess(written -> control.post(() -> {
                    log.info("an operator has said that this node is to have {}", draining ? "nothing" : "its share");
                    membership.onDraining(identity.node(), draining);
                }))
                .onFailure(failure -> log.error("whether this node is drained can't be written", failure));
    }

    // ---- What replicas say, on their loops

    @Override
    public void onOpened(int partition) {
        routing.open(partition, true);
    }

    /** Every loop hears of it, and has hung up on its clients, before what is in memory goes. */
    @Override
    public void onClosed(int partition, Runnable then) {
        routing.open(partition, false);
        AtomicInteger left = new AtomicInteger(loops.size());
        for (Loop loop : loops) {
            loop.post(() -> {
                if (left.decrementAndGet() == 0) {
                    then.run();
                }
            });
        }
    }
}
