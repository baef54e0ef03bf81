package io.sterna.broker;

import io.micrometer.core.instrument.MeterRegistry;
import io.sterna.amqp.AmqpError;
import io.sterna.amqp.ErrorCondition;
import io.sterna.amqp.sasl.SaslAuthenticator;
import io.sterna.broker.amqp.Admission;
import io.sterna.broker.amqp.BrokerServices;
import io.sterna.broker.amqp.ContainerIds;
import io.sterna.broker.amqp.LinkRegistry;
import io.sterna.broker.amqp.RestoredLinks;
import io.sterna.broker.amqp.TrafficCounters;
import io.sterna.broker.cluster.ClusterIdentity;
import io.sterna.broker.cluster.ClusterNode;
import io.sterna.broker.config.AuthConfig;
import io.sterna.broker.config.BrokerConfig;
import io.sterna.broker.config.ClusterConfig;
import io.sterna.broker.forward.Peering;
import io.sterna.broker.forward.Routing;
import io.sterna.broker.management.Manager;
import io.sterna.broker.partition.DiskSpace;
import io.sterna.broker.partition.DiskWatch;
import io.sterna.broker.partition.Loop;
import io.sterna.broker.partition.Partitions;
import io.sterna.cluster.log.FormerUse;
import io.sterna.cluster.log.RecoveredReplicas;
import io.sterna.store.Store;
import io.sterna.store.StoreException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Function;

/** The AMQP side of a node. Methods may be called on any thread. */
public final class Broker {
    /** The part of the heap that message payloads may take. */
    private static final double MEMORY_SHARE = 0.4;

    // For 0 each loop's server would take a free port of its own; those that ask Vert.x for the same negative number
    // share a free one.
    private static final int SHARED_FREE_PORT = -1;
    private static final int SHARED_FREE_WEBSOCKET_PORT = -2;

    /** How long a stop waits for outcomes, and then for clients to hang up. */
    private static final long STOP_STEP_MILLIS = 2_000;

    private static final long CROSSING_MILLIS = 500;

    /** How often what is under way between loops may cross them until it has come to rest. */
    private static final int CROSSINGS = 8;

    private final Vertx vertx;
    private final List<BrokerLoop> loops;
    private final BrokerServices services;
    private final Optional<ClusterNode> cluster;
    private final SaslAuthenticator authenticator;
    private final int port;
    private final DiskTimer disk;

    private Broker(
            Vertx vertx,
            List<BrokerLoop> loops,
            BrokerServices services,
            Optional<ClusterNode> cluster,
            SaslAuthenticator authenticator,
            int port,
            DiskTimer disk) {
        this.cluster = cluster;
        this.disk = disk;
        this.vertx = vertx;
        this.loops = loops;
        this.services = services;
        this.authenticator = authenticator;
        this.port = port;
    }

    /**
     * Recovers the store and begins to listen.
     *
     * @param store open and not yet recovered; closed by the caller after {@link #stop}
     * @param space of the disk that the store is on
     * @param meters where the broker registers its meters
     * @return completed when clients can connect; failed with a message for the operator when they never will
     */
    public static Future<Broker> start(
            BrokerConfig config, Vertx vertx, Store store, DiskSpace space, MeterRegistry meters) {
        return start(config, vertx, store, space, meters, memoryBytes(), Optional.empty());
    }

    /**
     * As above, beside other nodes.
     *
     * @param peering who they are
     */
    public static Future<Broker> start(
            BrokerConfig config, Vertx vertx, Store store, DiskSpace space, MeterRegistry meters, Peering peering) {
        return start(config, vertx, store, space, meters, memoryBytes(), Optional.of(peering));
    }

    private static long memoryBytes() {
        return (long) (Runtime.getRuntime().maxMemory() * MEMORY_SHARE);
    }

    /** As above, with so much memory for payloads. */
    static Future<Broker> start(
            BrokerConfig config,
            Vertx vertx,
            Store store,
            DiskSpace space,
            MeterRegistry meters,
            long memoryBytes,
            Optional<Peering> given) {
        int count = config.threads().eventLoops();
        List<BrokerLoop> loops = new ArrayList<>();
        List<Future<String>> deployed = new ArrayList<>();
        for (int number = 0; number < count; number++) {
            BrokerLoop loop = new BrokerLoop(memoryBytes / count);
            loops.add(loop);
            deployed.add(vertx.deployVerticle(loop));
        }
        Admission admission = new Admission();
        return Future.all(deployed).compose(all -> {
            DiskWatch disk = new DiskWatch(space, config.data()::minFreeBytesOn, loops(loops));
            Optional<ClusterNode> cluster = Optional.of(config)
                    .filter(its -> its.cluster().enabled())
                    .map(its -> cluster(its, vertx, store, loops, admission));
            Peering peering = given.or(() -> cluster.map(node -> peering(node, config.cluster())))
                    .orElse(Peering.ALONE);
            RecoveredReplicas replicas = new RecoveredReplicas();
            return vertx.executeBlocking(() -> {
                        BrokerServices services = recover(
                                store,
                                loops,
                                admission,
                                config,
                                new TrafficCounters(meters),
                                peering.routing(),
                                cluster.map(node -> replicas));
                        disk.look(); // Before anybody can get credit.
                        return services;
                    })
                    .compose(services -> {
                        QueueMeters.register(services.partitions()::totals, meters);
                        DiskMeters.register(disk, meters);
                        return listen(vertx, loops, services, peering, cluster, disk);
                    })
                    .compose(broker -> cluster.map(
                                    node -> node.start(broker.services.partitions(), replicas, broker.port))
                            .orElse(Future.succeededFuture())
                            .map(broker));
        });
    }

    private static ClusterNode cluster(
            BrokerConfig config, Vertx vertx, Store store, List<BrokerLoop> loops, Admission admission) {
        admission.hold(Optional.of(notServing("this node is not connected to its cluster yet; try again")));
        ClusterNode node = new ClusterNode(
                new ClusterIdentity(
                        config.cluster(),
                        config.data().directory(),
                        config.amqp().maxMessageBytes()),
                vertx,
                store,
                loops(loops),
                problem -> {
                    Optional<AmqpError> reason = problem.map(Broker::notServing);
                    admission.hold(reason);
                    reason.ifPresent(why -> loops.forEach(loop -> loop.closeConnections(why)));
                });
        for (int number = 0; number < loops.size(); number++) {
            BrokerLoop loop = loops.get(number);
            loop.holdOutputWhile(node.unsure(number));
            node.onSureAgain(number, loop::dropOutputOfEnding);
        }
        return node;
    }

    private static AmqpError notServing(String why) {
        return AmqpError.of(ErrorCondition.CONNECTION_FORCED, why);
    }

    private static Peering peering(ClusterNode node, ClusterConfig config) {
        return Peering.of(node.routing(), config.secret(), config.isLoopback());
    }

    private static List<Loop> loops(List<BrokerLoop> loops) {
        return loops.stream().map(BrokerLoop::loop).toList();
    }

    private static BrokerServices recover(
            Store store,
            List<BrokerLoop> loops,
            Admission admission,
            BrokerConfig config,
            TrafficCounters counters,
            Routing routing,
            Optional<RecoveredReplicas> replicas)
            throws StoreException {
        loops.forEach(loop -> loop.loop().onProblem(reason -> {
            AmqpError error = AmqpError.of(ErrorCondition.INTERNAL_ERROR, reason);
            admission.refuse(error);
            loops.forEach(each -> each.closeConnections(error));
        }));
        List<Loop> all = loops(loops);
        LinkRegistry links = new LinkRegistry(all, config.amqp().suspendedLinks());
        Partitions partitions;
        if (replicas.isPresent()) {
            FormerUse use = new FormerUse(replicas.get());
            store.recoverPartitions(use);
            Optional<String> objection = use.objectionOfCluster();
            if (objection.isPresent()) {
                throw new StoreException(objection.get());
            }
            partitions = Partitions.closed(
                    store, all, config.queues().policies(), new RestoredLinks(links), "it is not open on this node");
        } else {
            partitions = Partitions.recover(store, all, config.queues().policies(), new RestoredLinks(links));
        }
        return new BrokerServices(config, partitions, admission, new ContainerIds(), links, counters, routing);
    }

    private static Future<Broker> listen(
            Vertx vertx,
            List<BrokerLoop> loops,
            BrokerServices services,
            Peering peering,
            Optional<ClusterNode> cluster,
            DiskWatch disk) {
        BrokerConfig config = services.config();
        SaslAuthenticator users = authenticator(config.auth(), vertx);
        SaslAuthenticator authenticator = peering.secret()
                .map(secret -> secret.beside(users, new SecureRandom()))
                .orElse(users);
        peering.secret().ifPresent(secret -> loops.forEach(loop -> loop.peers(secret, config)));
        services.routing().listen(new Routing.Listener() {
            @Override
            public void onMoved() {
                loops.forEach(BrokerLoop::routesChanged);
            }

            @Override
            public void onNodeGone(String node) {
                loops.forEach(loop -> loop.nodeGone(node));
            }
        });
        int port = config.amqp().port() == 0 ? SHARED_FREE_PORT : config.amqp().port();
        return onePort(loops, loop -> loop.listen(services, authenticator, port))
                .map(inUse -> new Broker(vertx, loops, services, cluster, authenticator, inUse, new DiskTimer(disk)));
    }

    /** Listens on all loops; the future has the port in use. */
    private static Future<Integer> onePort(List<BrokerLoop> loops, Function<BrokerLoop, Future<Integer>> listener) {
        List<Future<Integer>> listening = loops.stream().map(listener).toList();
        return Future.all(listening).map(all -> listening.get(0).result());
    }

    /**
     * Begins to listen for AMQP over WebSocket, too.
     *
     * @param webSocketPort 0 picks a free one
     * @return the port in use; failed when it can't be had
     */
    public Future<Integer> listenWebSocket(int webSocketPort) {
        int asked = webSocketPort == 0 ? SHARED_FREE_WEBSOCKET_PORT : webSocketPort;
        return onePort(loops, loop -> loop.listenWebSocket(services, authenticator, asked));
    }

    /** Those who may manage over HTTP; empty when there are no users. */
    public static Optional<SaslAuthenticator> managers(AuthConfig auth, Vertx vertx) {
        return auth.users().isEmpty()
                ? Optional.empty()
                : Optional.of(authenticator(new AuthConfig(false, auth.users()), vertx));
    }

    private static SaslAuthenticator authenticator(AuthConfig auth, Vertx vertx) {
        Executor workers = task -> {
            Future<Boolean> unused = vertx.executeBlocking(
                    () -> {
                        task.run();
                        return true;
                    },
                    false);
        };
        return auth.authenticator(workers, new SecureRandom());
    }

    /** Does what operators ask for. */
    public Manager manager() {
        return new Manager(partitions());
    }

    Partitions partitions() {
        return services.partitions();
    }

    /** The port that clients connect to. */
    public int amqpPort() {
        return port;
    }

    /** Why clients, or some of them, are not served: the store has failed, or a defect was met; empty while they are. */
    public Optional<String> problem() {
        return services.partitions().problem().or(() -> cluster.flatMap(ClusterNode::problem));
    }

    /** This node's part in its cluster; empty when it is alone. */
    public Optional<ClusterNode> cluster() {
        return cluster;
    }

    /**
     * Stops. What has been sent to the store gets its outcome, then connected clients are told {@code
     * amqp:connection:forced}, and what they held goes back to its queues. Completes when nothing is on its way to the
     * store any more, or after some seconds.
     */
    public Future<Void> stop() {
        AmqpError reason =
                AmqpError.of(ErrorCondition.CONNECTION_FORCED, "the broker is shutting down; connect again later");
        services.admission().refuse(reason);
        disk.close();
        return inTime(all(BrokerLoop::appended))
                .compose(done -> inTime(all(loop -> loop.stop(reason, STOP_STEP_MILLIS))))
                .compose(done -> cross(CROSSINGS))
                .compose(done -> inTime(all(BrokerLoop::appended)))
                .compose(done -> cluster.map(ClusterNode::stop).orElse(Future.succeededFuture()));
    }

    private Future<Void> cross(int times) {
        return times == 0 ? Future.succeededFuture() : all(BrokerLoop::turn).compose(done -> cross(times - 1));
    }

    private Future<Void> all(Function<BrokerLoop, Future<Void>> step) {
        return Future.all(loops.stream().map(step).toList()).mapEmpty();
    }

    /** Goes on when a step takes too long: a store that has failed, or a client that does not hang up. */
    private Future<Void> inTime(Future<Void> step) {
        Promise<Void> done = Promise.promise();
        long timer = vertx.setTimer(STOP_STEP_MILLIS + CROSSING_MILLIS, id -> done.tryComplete());
        step.onComplete(result -> {
            vertx.cancelTimer(timer);
            done.tryComplete();
        });
        return done.future();
    }
}
