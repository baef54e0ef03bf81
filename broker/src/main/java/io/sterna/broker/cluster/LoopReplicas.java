package io.sterna.broker.cluster;

import io.sterna.broker.partition.Loop;
import io.sterna.cluster.ReplicaMessage;
import io.sterna.cluster.ReplicaReport;
import io.sterna.cluster.TableContent;
import io.sterna.store.Contents;
import io.sterna.store.RecoveryVisitor;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** The replicas of the partitions of one event loop. Owned by it, but for what says so. */
final class LoopReplicas implements SharedPartition.Surroundings {
    private static final int TICK_MILLIS = 25;

    private final Loop loop;
    private final LongSupplier clock;
    private final Supplier<Contents> contents;
    private final Moves moves;
    private final Map<Integer, SharedPartition> partitions = new TreeMap<>();
    private final Set<SharedPartition> unflushed = new LinkedHashSet<>();
    private boolean ended;

    /** Until then nobody else serves what is served here. */
    private long sureUntilMillis = Long.MAX_VALUE;

    private Runnable sureAgain = () -> {};

    // The loop writes, any thread reads.
    private volatile List<ReplicaReport> reports = List.of();

    /** Hears where partitions are served. */
    interface Moves {
        /** It is served here from now on. */
        void onOpened(int partition);

        /** It is served here no more: clients that use it are told; {@code then} runs on any thread when they were. */
        void onClosed(int partition, Runnable then);
    }

    /**
     * Has no partitions yet.
     *
     * @param clock milliseconds, as replicas are told
     * @param contents there once the store was recovered
     */
    LoopReplicas(Loop loop, LongSupplier clock, Supplier<Contents> contents, Moves moves) {
        this.loop = loop;
        this.clock = clock;
        this.contents = contents;
        this.moves = moves;
    }

    void add(SharedPartition partition) {
        partitions.put(partition.id(), partition);
    }

    /** Begins to keep time. */
    void start() {
        tick();
    }

    /** What the replicas would have done is not done any more. */
    void end() {
        ended = true;
    }

    private void tick() {
        if (ended) {
            return;
        }
        long now = clock.getAsLong();
        partitions.values().forEach(each -> each.tell(replica -> replica.tick(now)));
        reports = partitions.values().stream()
                .map(each -> each.replica().report())
                .toList();
        loop.after(TICK_MILLIS, this::tick);
    }

    /** Until when nobody else can serve what is served here, as far as this loop is told. */
    void sureUntil(long millis) {
        if (!isSure()) {
            sureAgain.run();
        }
        sureUntilMillis = millis;
    }

    /** What is to be done before this loop goes on after it was not sure. */
    void onSureAgain(Runnable task) {
        sureAgain = task;
    }

    /** Whether nobody else serves what is served here. */
    boolean isSure() {
        return clock.getAsLong() <= sureUntilMillis;
    }

    void onTable(TableContent content) {
        long now = clock.getAsLong();
        partitions.values().forEach(each -> each.tell(replica -> replica.onTable(content, now)));
    }

    void onMessage(String from, long generation, ReplicaMessage message) {
        find(message.partition())
                .ifPresent(
                        each -> each.tell(replica -> replica.onMessage(from, generation, message, clock.getAsLong())));
    }

    /** Something has come from a node, of whatever it says. */
    void onOctets(String from) {
        long now = clock.getAsLong();
        partitions.values().forEach(each -> each.tell(replica -> replica.onOctets(from, now)));
    }

    /** The connection to a node was closed. */
    void onGone(String node) {
        long now = clock.getAsLong();
        partitions.values().forEach(each -> each.tell(replica -> replica.onGone(node, now)));
    }

    /** The lane's records up to here are on this node's disk. */
    void onDurable(long position) {
        long now = clock.getAsLong();
        partitions.values().forEach(each -> each.tell(replica -> replica.onDurable(position, now)));
    }

    @Override
    public LongSupplier clock() {
        return clock;
    }

    @Override
    public void load(int partition, RecoveryVisitor visitor, Consumer<Optional<Exception>> done) {
        contents.get().open(partition, new LoadingVisitor(loop, visitor, done));
    }

    @Override
    public void onOpened(int partition) {
        moves.onOpened(partition);
    }

    @Override
    public void onClosed(int partition, Runnable then) {
        moves.onClosed(partition, () -> loop.post(then));
    }

    @Override
    public void flushLater(SharedPartition partition) {
        if (unflushed.isEmpty()) {
            loop.post(this::flush);
        }
        unflushed.add(partition);
    }

    private void flush() {
        List<SharedPartition> now = List.copyOf(unflushed);
        unflushed.clear();
        now.forEach(each -> each.tell(replica -> replica.flush(clock.getAsLong())));
    }

    Optional<SharedPartition> find(int partition) {
        return Optional.ofNullable(partitions.get(partition));
    }

    Collection<SharedPartition> all() {
        return partitions.values();
    }

    /** What the replicas said of themselves a moment ago. Any thread. */
    List<ReplicaReport> reports() {
        return reports;
    }
}
