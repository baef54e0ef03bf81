package io.sterna.broker.cluster;

import io.sterna.broker.StartRefusedException;
import io.sterna.broker.forward.Routing;
import io.sterna.broker.partition.Loop;
import io.sterna.broker.partition.Partitions;
import io.sterna.cluster.Member;
import io.sterna.cluster.TableContent;
import io.sterna.cluster.log.RecoveredReplicas;
import io.sterna.cluster.table.FoundersChangedException;
import io.sterna.cluster.table.KeeperFile;
import io.sterna.store.Store;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** This node of a cluster, as the broker sees it. Any thread. */
public final class ClusterNode {
    private static final Logger log = LoggerFactory.getLogger(ClusterNode.class);

    private final ClusterIdentity identity;
    private final Vertx vertx;
    private final Loop control;
    private final Store store;
    private final ClusterRouting routing;
    private final Membership membership;
    private final DrainMark drainMark;
    private final ReplicaLoops replicas;
    private final TableHearing hearing;

    // The first loop's.
    private @Nullable Participation part;

    /**
     * Prepares it.
     *
     * @param loops the cluster is heard of on the first one
     * @param serving told on the first loop when this node begins to serve clients, with nothing, and when it ceases to, with
     *     the reason
     */
    public ClusterNode(
            ClusterIdentity identity, Vertx vertx, Store store, List<Loop> loops, Consumer<Optional<String>> serving) {
        this.identity = identity;
        this.vertx = vertx;
        this.store = store;
        control = loops.get(0);
        routing = new ClusterRouting(identity.node(), identity.announced());
        replicas = new ReplicaLoops(loops, Participation::nowMillis, store::contents, routing);
        hearing = new TableHearing(replicas, serving);
        drainMark = new DrainMark(identity.directory());
        membership = new Membership(new Member(identity.node(), identity.witness(), false));
    }

    /** Who serves what. */
    public Routing routing() {
        return routing;
    }

    /** Why no client is served here; empty while they are. */
    public Optional<String> problem() {
        return hearing.problem();
    }

    /**
     * Whether this node may have been replaced without knowing, as it was asleep or is cut off: then clients of the loop must
     * hear nothing of it. To be asked on that loop.
     */
    public BooleanSupplier unsure(int loop) {
        return replicas.unsure(loop);
    }

    /**
     * Has something done on a loop when it was unsure, and has hung up on clients of what is not served here any more, but has
     * told nobody anything since: what waits for those clients may be wrong.
     */
    public void onSureAgain(int loop, Runnable task) {
        replicas.onSureAgain(loop, task);
    }

    /** What operators want to know. The answer comes on the first loop. */
    public void status(Consumer<ClusterStatus> answer) {
        control.post(() -> answer.accept(part == null ? statusBefore() : part.status()));
    }

    private ClusterStatus statusBefore() {
        return new StatusReport(identity.node(), TableContent.NONE, membership, Participation.nowMillis())
                .make(problem(), List.of());
    }

    /** Does what an operator asks for. The answer, why not if it does not, comes on the first loop. */
    public void order(ClusterOrder order, Consumer<Optional<String>> answer) {
        control.post(() -> answer.accept(part == null ? Optional.of("this node has not begun yet") : part.give(order)));
    }

    /**
     * Begins to take part.
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
        Participation begun = new Participation(
                identity,
                new Participation.Surroundings(vertx, store, replicas, routing, membership, hearing, this::drain),
                partitions,
                clientPort,
                kept.file());
        part = begun;
        return begun.start(partitions, recovered)
                .recover(failure -> Future.failedFuture(new StartRefusedException(
                        "cannot listen for other nodes on " + identity.address() + " (cluster.host, cluster.port): "
                                + failure.getMessage(),
                        false)));
    }

    /** Leaves. */
    public Future<Void> stop() {
        Promise<Void> stopped = Promise.promise();
        control.post(() -> {
            replicas.end();
            (part == null ? Future.<Void>succeededFuture() : part.stop()).onComplete(stopped);
        });
        return stopped.future();
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
}
