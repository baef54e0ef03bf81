package io.sterna.broker.partition;

import io.sterna.broker.config.QueuePolicies;
import io.sterna.cluster.log.FormerUse;
import io.sterna.store.Store;
import io.sterna.store.StoreException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * All partitions as this node knows them, spread over its loops: open, or closed while another node has them. Any thread may
 * look into the table.
 */
public final class Partitions {
    /** How many there are; part of the format of the data directory. */
    static final int ID_BITS = 6;

    /** How many there are. */
    public static final int COUNT = 1 << ID_BITS;

    private final List<Loop> loops;
    private final QueuePolicies policies;
    private final LinkRestorer restorer;

    // The loop of each writes, any thread reads.
    private final AtomicReferenceArray<Partition> partitions = new AtomicReferenceArray<>(COUNT);

    private final TopicPatterns patterns = new TopicPatterns();
    private final SubscriptionNames names;
    private volatile boolean running;
    private volatile Decisions elsewhere = Decisions.NONE;

    private Partitions(List<Loop> loops, QueuePolicies policies, LinkRestorer restorer) {
        this.loops = List.copyOf(loops);
        this.policies = policies;
        this.restorer = restorer;
        names = new SubscriptionNames(loops, this::of);
        for (int id = 0; id < COUNT; id++) {
            partitions.set(id, make(id, new ClosedLog(0)));
            int its = id;
            loopOf(id).onProblem(reason -> partitions.get(its).tellStopped(reason));
        }
    }

    /**
     * Reads what the store has and opens it for writing, all of it: the node is alone. Blocks; loops must not have been
     * given anything to do yet.
     *
     * @param policies how queues treat their messages
     * @param restorer takes the links that the store has kept
     * @throws StoreException when it can't be read, or is that of a node of a cluster (decision 0034)
     */
    public static Partitions recover(Store store, List<Loop> loops, QueuePolicies policies, LinkRestorer restorer)
            throws StoreException {
        Partitions result = new Partitions(loops, policies, restorer);
        result.all().forEach(each -> each.recover(result.loneLog(each.id(), 0, 0)));
        PartitionRecovery recovery = new PartitionRecovery(result.all(), restorer) {
            @Override
            public void onPartition(int id, long epoch, long index) {
                result.partitions.get(id).recover(result.loneLog(id, epoch, index));
            }
        };
        FormerUse use = new FormerUse(recovery);
        store.recover(use);
        Optional<String> objection = use.objectionOfLoneBroker();
        if (objection.isPresent()) {
            throw new StoreException(objection.get());
        }
        recovery.onRecovered();
        result.loops.forEach(loop -> loop.open(store));
        result.running = true;
        result.all().forEach(each -> each.loop().post(() -> each.nodes().onOpened()));
        recovery.finish();
        return result;
    }

    /**
     * Those of a node of a cluster: they are closed until {@link #opening}. Loops must not have been given anything to do
     * yet.
     *
     * @param store has been recovered
     * @param reason for clients that come before a partition is open
     */
    public static Partitions closed(
            Store store, List<Loop> loops, QueuePolicies policies, LinkRestorer restorer, String reason) {
        Partitions result = new Partitions(loops, policies, restorer);
        result.all().forEach(each -> each.close(reason));
        result.loops.forEach(loop -> loop.open(store));
        result.running = true;
        return result;
    }

    private PartitionLog loneLog(int id, long lastEpoch, long lastIndex) {
        return new LoneLog(id, loopOf(id).store(), lastEpoch, lastIndex);
    }

    private Partition make(int id, PartitionLog records) {
        return new Partition(id, loopOf(id), records, this);
    }

    /** Begins to open a partition that is closed. On its loop. */
    public PartitionOpening opening(int id, PartitionLog records) {
        return new PartitionOpening(make(id, records), restorer, this);
    }

    /** It takes the place of the one that was closed. On its loop. */
    void opened(Partition partition) {
        partitions.set(partition.id(), partition);
    }

    /** As it is now. Any thread. */
    public Partition get(int id) {
        return partitions.get(id);
    }

    /** The number of the partition that an address is in. Any thread. */
    public static int numberOf(String address) {
        return Addresses.partition(address, COUNT);
    }

    /** The loop of a partition, whoever owns it. Any thread. */
    public Loop loopOf(int id) {
        return loops.get(id % loops.size());
    }

    /** Whether loops have begun, so that each keeps to what it owns. Any thread. */
    boolean running() {
        return running;
    }

    /** From now on, questions for partitions that are not served here go there. Any thread. */
    public void askElsewhere(Decisions decisions) {
        elsewhere = decisions;
    }

    /** Whether partitions of other nodes can be asked, so that a commit may span nodes. Any thread. */
    public boolean asksElsewhere() {
        return elsewhere != Decisions.NONE;
    }

    /** Asks a partition, wherever it is served. Any thread. */
    void ask(Decisions.Request request) {
        if (partitions.get(request.asked()).serves()) {
            answer(request, this::onAnswer);
        } else {
            elsewhere.ask(request);
        }
    }

    /**
     * Answers a question of a partition that may be served by another node; passed over when the one that is asked is not
     * served here. Any thread.
     *
     * @param reply gets the answer on a loop, now or later, or never; only hands over and returns
     */
    public void answer(Decisions.Request request, Consumer<Decisions.Answer> reply) {
        onLoop(request.asked(), pending -> pending.onRequest(request, reply));
    }

    /** A partition that may be served here gets an answer. Any thread. */
    public void onAnswer(Decisions.Answer answer) {
        onLoop(answer.request().asking(), pending -> pending.onAnswer(answer));
    }

    private void onLoop(int id, Consumer<PendingTransactions> task) {
        loopOf(id).post(() -> {
            Partition now = partitions.get(id);
            now.guard(() -> task.accept(now.transactions().pending()));
        });
    }

    /** How queues treat their messages. Any thread. */
    QueuePolicies policies() {
        return policies;
    }

    /** Where an address lives. */
    public Partition of(String address) {
        return partitions.get(numberOf(address));
    }

    /** All of them, by their numbers. Any thread. */
    public List<Partition> all() {
        return IntStream.range(0, COUNT).mapToObj(partitions::get).toList();
    }

    /** Subscriptions that have a name. Any thread. */
    public SubscriptionNames subscriptions() {
        return names;
    }

    TopicPatterns patterns() {
        return patterns;
    }

    /** Why some addresses are not served any more; empty while all is well. Any thread. */
    public Optional<String> problem() {
        return all().stream().map(Partition::defect).flatMap(Optional::stream).findFirst();
    }

    /** What all queues hold. Any thread. */
    public PartitionTotals totals() {
        return loops.stream().map(loop -> loop.figures().totals()).reduce(PartitionTotals.NONE, PartitionTotals::plus);
    }
}
