package io.sterna.broker.amqp;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sterna.amqp.LoopResources;
import io.sterna.broker.config.BrokerConfig;
import io.sterna.broker.config.ConfigException;
import io.sterna.broker.config.QueuePolicies;
import io.sterna.broker.forward.Routing;
import io.sterna.broker.management.ManagementAnswer;
import io.sterna.broker.management.ManagementRequest;
import io.sterna.broker.management.Manager;
import io.sterna.broker.partition.DiskSpace;
import io.sterna.broker.partition.DiskWatch;
import io.sterna.broker.partition.Loop;
import io.sterna.broker.partition.Partitions;
import io.sterna.store.InMemoryStore;
import io.sterna.store.Store;
import io.sterna.store.StoreException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;

/**
 * A broker on simulated loops: one thread takes their turns, and the store's, in an order that a seed decides. Each
 * queue's place follows from its address as in the real one.
 */
final class Simulation {
    static final long PLENTY_BYTES = 1L << 30;

    /** Of the disk: with less than that, producers are held back. */
    static final long MIN_FREE_BYTES = 100L << 20;

    private static final int LOOPS = 2;

    private final Random random;
    private final long memoryBytes;
    private final String[] settings;
    private final Function<InMemoryStore, Store> wrapping;
    private final List<SimulatedLoop> turns = new ArrayList<>();
    private final ArrayDeque<Runnable> storeTasks;
    private final List<Peer> peers = new ArrayList<>();
    private List<Loop> loops = List.of();
    private List<LoopResources> resources = List.of();
    private InMemoryStore store;
    private BrokerServices services;
    private DiskWatch disk;
    private long freeBytes = Long.MAX_VALUE;
    private Optional<SimulatedLoop> current = Optional.empty();
    private long nowMillis;

    Simulation(long seed, String... settings) {
        this(seed, PLENTY_BYTES, settings);
    }

    Simulation(long seed, long memoryBytes, String... settings) {
        this(seed, memoryBytes, store -> store, settings);
    }

    /** With a store around the store. */
    Simulation(long seed, Function<InMemoryStore, Store> wrapping) {
        this(seed, PLENTY_BYTES, wrapping);
    }

    Simulation(long seed, long memoryBytes, Function<InMemoryStore, Store> wrapping, String... settings) {
        this.wrapping = wrapping;
        random = new Random(seed);
        this.memoryBytes = memoryBytes;
        this.settings = settings;
        storeTasks = new ArrayDeque<>();
        store = new InMemoryStore(storeTasks::add);
        services = start(Start.ALONE);
    }

    /** Of which all partitions are closed, with a store that others use, too. */
    Simulation(long seed, InMemoryStore shared, ArrayDeque<Runnable> storeTasks) {
        wrapping = same -> same;
        random = new Random(seed);
        memoryBytes = PLENTY_BYTES;
        settings = new String[0];
        this.storeTasks = storeTasks;
        store = shared;
        services = start(Start.CLOSED);
    }

    private enum Start {
        ALONE,
        CLOSED
    }

    private Partitions partitions(Start start, BrokerConfig config, LinkRegistry links) throws StoreException {
        QueuePolicies policies = config.queues().policies();
        if (start == Start.CLOSED) {
            return Partitions.closed(store, loops, policies, new RestoredLinks(links), "it is not open");
        }
        return Partitions.recover(wrapping.apply(store), loops, policies, new RestoredLinks(links));
    }

    private BrokerServices start(Start start) {
        turns.clear();
        peers.clear();
        List<Loop> newLoops = new ArrayList<>();
        List<LoopResources> newResources = new ArrayList<>();
        for (int number = 0; number < LOOPS; number++) {
            SimulatedLoop loop = new SimulatedLoop(this);
            turns.add(loop);
            newLoops.add(new Loop(loop, memoryBytes));
            newResources.add(new LoopResources(loop::execute));
        }
        loops = List.copyOf(newLoops);
        resources = List.copyOf(newResources);
        try {
            BrokerConfig config = BrokerConfig.of(settings);
            LinkRegistry links = new LinkRegistry(loops, config.amqp().suspendedLinks());
            Partitions partitions = partitions(start, config, links);
            disk = new DiskWatch(this::lookAtDisk, totalBytes -> MIN_FREE_BYTES, loops);
            disk.look();
            return new BrokerServices(
                    config,
                    partitions,
                    new Admission(),
                    new ContainerIds(),
                    links,
                    new TrafficCounters(new SimpleMeterRegistry()),
                    Routing.ALONE);
        } catch (ConfigException | StoreException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The power goes: what was not durable is lost, and so are all connections. Then the broker starts again. */
    void crashAndRestart() {
        store = store.crash();
        storeTasks.clear();
        services = start(Start.ALONE);
    }

    private DiskSpace.Reading lookAtDisk() throws IOException {
        if (freeBytes < 0) {
            throw new IOException("the disk is not there");
        }
        return new DiskSpace.Reading(freeBytes, Long.MAX_VALUE);
    }

    /** So much of the disk is free from now on, and the broker has seen it; for less than 0 it can't be told. */
    void disk(long newFreeBytes) {
        freeBytes = newFreeBytes;
        disk.look();
        settle();
    }

    DiskWatch disk() {
        return disk;
    }

    InMemoryStore store() {
        return store;
    }

    BrokerServices services() {
        return services;
    }

    Partitions partitions() {
        return services.partitions();
    }

    Loop loop(int number) {
        return loops.get(number);
    }

    Random random() {
        return random;
    }

    long nowMillis() {
        return nowMillis;
    }

    boolean isCurrent(SimulatedLoop loop) {
        return current.filter(now -> now == loop).isPresent();
    }

    /** An address below a name whose queue lives on that loop. */
    String addressOn(int loop, String name) {
        for (int number = 0; ; number++) {
            String address = name + number;
            if (partitions().of(address).loop() == loops.get(loop)) {
                return address;
            }
        }
    }

    /** A client that has connected to that loop, and opened a connection and a session. */
    Peer connect(int loop) {
        Peer peer = connectSilently(loop);
        peer.open("peer-" + peers.size());
        peer.begin();
        return peer;
    }

    Peer connectSilently(int loop) {
        Peer peer = new Peer(this, loops.get(loop), turns.get(loop), resources.get(loop));
        peers.add(peer);
        return peer;
    }

    /** A client of that loop with a link on which it sends to an address. */
    Peer producer(int loop, String address) {
        Peer peer = connect(loop);
        peer.send(address, 0);
        settle();
        return peer;
    }

    /** A client of that loop with a link on which it receives, once it has got what there is for its credit. */
    Peer consumer(int loop, String address, int credit) {
        Peer peer = connect(loop);
        peer.receive(address, 0);
        peer.flow(0, 0, credit, false);
        settle();
        return peer;
    }

    /** What is answered to an operator, once all turns that come of it are taken. */
    ManagementAnswer manage(ManagementRequest request) {
        List<ManagementAnswer> answers = new ArrayList<>();
        new Manager(partitions()).handle(request, answers::add);
        settle();
        if (answers.size() != 1) {
            throw new AssertionError("not one answer: " + answers);
        }
        return answers.get(0);
    }

    /** Takes one turn; false when there is none to take. */
    boolean step() {
        List<SimulatedLoop> able = turns.stream().filter(SimulatedLoop::hasTurn).toList();
        int choices = able.size() + (storeTasks.isEmpty() ? 0 : 1);
        if (choices == 0) {
            return false;
        }
        int choice = random.nextInt(choices);
        if (choice == able.size()) {
            storeTasks.remove().run();
            return true;
        }
        current = Optional.of(able.get(choice));
        able.get(choice).takeTurn();
        current = Optional.empty();
        peers.forEach(Peer::pump);
        return true;
    }

    /** Takes turns until there are none left. */
    void settle() {
        int left = 5_000_000;
        while (step()) {
            if (--left == 0) {
                throw new AssertionError("the loops do not come to rest");
            }
        }
    }

    /** Lets time pass, and takes all turns that come of it. */
    void pass(long millis) {
        nowMillis += millis;
        turns.forEach(loop -> loop.onTime(nowMillis));
        settle();
    }
}
