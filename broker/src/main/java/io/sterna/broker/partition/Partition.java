package io.sterna.broker.partition;

import io.sterna.store.LogOperation;
import io.sterna.store.LogRecord;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A partition that this node owns: its nodes, its log's position and its message sequence. Owned by its loop; until
 * {@link #start} by the thread that recovers it.
 */
public final class Partition {
    private static final Logger log = LoggerFactory.getLogger(Partition.class);

    /** The numbers that {@link LogOperation.NodeCreated} keeps for kinds of node. */
    static final int QUEUE_KIND = 1;

    /** A sequence is the epoch above a counter of so many bits, so that no two owners ever give the same. */
    private static final int COUNTER_BITS = 40;

    private final int id;
    private final Loop loop;
    private final Map<String, QueueNode> nodes = new HashMap<>();
    private long epoch;
    private long index;
    private long counter;
    private boolean started;
    private boolean epochWritten;

    // Loop writes, any thread reads.
    private volatile @Nullable String problem;

    Partition(int id, Loop loop) {
        this.id = id;
        this.loop = loop;
    }

    public Loop loop() {
        return loop;
    }

    boolean mayTouch() {
        return !started || loop.isCurrent();
    }

    void recover(long lastEpoch, long lastIndex) {
        epoch = lastEpoch;
        index = lastIndex;
    }

    QueueNode recoverNode(LogOperation.NodeCreated node) {
        QueueNode recovered = new QueueNode(this, node.nodeId(), node.address(), true);
        nodes.put(node.address(), recovered);
        return recovered;
    }

    /** Begins the next epoch, of which the log hears with the first record. */
    void start() {
        epoch++;
        started = true;
    }

    /** Why it does not serve; empty while it does. Any thread. */
    Optional<String> problem() {
        return Optional.ofNullable(problem).or(loop::problem);
    }

    boolean serves() {
        return problem == null && loop.serves();
    }

    /** A defect has broken what is held to be true here: nothing is served any more rather than served wrongly. */
    private void stop(Throwable defect) {
        if (problem != null) {
            return;
        }
        String reason = "partition " + id + " has stopped because of a defect; see the broker's log, and restart it";
        log.error("partition {} stops, with its queues {}, because of a defect", id, nodes.keySet(), defect);
        problem = reason;
        tellStopped(reason);
    }

    void tellStopped(String reason) {
        nodes.values().forEach(node -> node.onStopped(reason));
    }

    /** Runs what touches the partition; a defect in it stops the partition. Returns whether all went well. */
    boolean guard(Runnable task) {
        if (!serves()) {
            return false;
        }
        try {
            task.run();
            return true;
        } catch (RuntimeException | AssertionError defect) {
            stop(defect);
            return false;
        }
    }

    long nextSequence() {
        return epoch << COUNTER_BITS | counter++;
    }

    /** A sequence with the partition below it: never given twice on this node. */
    private long nextNodeId() {
        return nextSequence() << Partitions.ID_BITS | id;
    }

    void append(LogOperation operation) {
        if (!epochWritten) {
            epochWritten = true;
            loop.store().append(new LogRecord(id, epoch, ++index, new LogOperation.EpochStarted()));
        }
        loop.store().append(new LogRecord(id, epoch, ++index, operation));
    }

    /**
     * Finds a queue, or creates it where that is allowed. On the loop.
     *
     * @param mayCreate asked only where there is nothing
     */
    public Lookup find(String address, Predicate<String> mayCreate) {
        if (!serves()) {
            return new Lookup.Stopped(problem().orElseThrow());
        }
        QueueNode node = nodes.get(address);
        if (node == null && mayCreate.test(address)) {
            node = create(address);
        }
        return node == null ? new Lookup.Absent() : new Lookup.Found(node);
    }

    /** As {@link #find}; the answer comes when the queue is there for good. On the loop. */
    public void open(String address, Predicate<String> mayCreate, Consumer<Lookup> answer) {
        Lookup found = find(address, mayCreate);
        if (found instanceof Lookup.Found created && !created.node().durable()) {
            loop.store().afterAppended(() -> answer.accept(found));
        } else {
            answer.accept(found);
        }
    }

    private QueueNode create(String address) {
        QueueNode node = new QueueNode(this, nextNodeId(), address, false);
        append(new LogOperation.NodeCreated(node.id(), QUEUE_KIND, address));
        nodes.put(address, node);
        loop.store().afterAppended(node::onDurable);
        log.info("queue {} created", address);
        return node;
    }

    void moveToDeadLetters(QueueNode source, long sequence, BrokerMessage message, boolean durable) {
        String address = source.address() + Addresses.DEAD_LETTER_SUFFIX;
        QueueNode known = nodes.get(address);
        QueueNode target = known == null ? create(address) : known;
        long moved = nextSequence();
        if (durable) {
            append(new LogOperation.Atomic(List.of(
                    new LogOperation.Acknowledged(source.id(), new long[] {sequence}),
                    new LogOperation.Enqueued(target.id(), moved, message.stored()))));
        }
        loop.store().afterAppended(() -> target.enter(moved, message, durable));
    }
}
