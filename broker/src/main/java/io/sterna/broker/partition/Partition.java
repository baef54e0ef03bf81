package io.sterna.broker.partition;

import io.sterna.store.LogOperation;
import io.sterna.store.LogRecord;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A partition that this node owns: its nodes, its log's position and its message sequence. Owned by its loop; until
 * {@link #start} by the thread that recovers it.
 */
public final class Partition {
    private static final Logger log = LoggerFactory.getLogger(Partition.class);

    /** Traits of a message, or settings of a node, that have none. */
    static final byte[] NONE = {};

    /** A sequence is the epoch above a counter of so many bits, so that no two owners ever give the same. */
    private static final int COUNTER_BITS = 40;

    private final int id;
    private final Loop loop;
    private final Map<String, Node> nodes = new HashMap<>();
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

    Node recoverNode(LogOperation.NodeCreated node) {
        Node recovered = make(NodeKind.of(node.kind()), node.nodeId(), node.address(), true);
        nodes.put(node.address(), recovered);
        return recovered;
    }

    private Node make(NodeKind kind, long nodeId, String address, boolean durable) {
        return switch (kind) {
            case QUEUE, SUBSCRIPTION -> new QueueNode(this, kind, nodeId, address, durable);
            case TOPIC -> new TopicNode(this, nodeId, address, durable);
        };
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
        log.error("partition {} stops, with its nodes {}, because of a defect", id, nodes.keySet(), defect);
        problem = reason;
        tellStopped(reason);
    }

    void tellStopped(String reason) {
        for (Node node : nodes.values()) {
            if (node instanceof QueueNode queue) {
                queue.onStopped(reason);
            }
        }
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
     * Finds a node, or creates it where that is allowed. On the loop.
     *
     * @param rule asked only where there is nothing
     */
    public Lookup find(String address, CreationRule rule) {
        if (!serves()) {
            return new Lookup.Stopped(problem().orElseThrow());
        }
        Node node = nodes.get(address);
        if (node == null) {
            node = rule.kindAt(address).map(kind -> create(kind, address)).orElse(null);
        }
        return node == null ? new Lookup.Absent() : new Lookup.Found(node);
    }

    /** As {@link #find}; the answer comes when the node is there for good. On the loop. */
    public void open(String address, CreationRule rule, Consumer<Lookup> answer) {
        Lookup found = find(address, rule);
        if (found instanceof Lookup.Found created && !created.node().durable()) {
            loop.store().afterAppended(() -> answer.accept(found));
        } else {
            answer.accept(found);
        }
    }

    private Node create(NodeKind kind, String address) {
        long nodeId = nextNodeId();
        append(new LogOperation.NodeCreated(nodeId, kind.number(), address, NONE));
        Node node = make(kind, nodeId, address, false);
        nodes.put(address, node);
        loop.store().afterAppended(() -> onDurable(node));
        log.info("{} {} created", kind, address);
        return node;
    }

    private static void onDurable(Node node) {
        if (node instanceof QueueNode queue) {
            queue.onDurable();
        } else {
            ((TopicNode) node).onDurable();
        }
    }

    /** Dead letters are always in a queue: no topic is given such an address. */
    private QueueNode deadLetterQueue(String address) {
        Node known = nodes.get(address);
        return (QueueNode) (known == null ? create(NodeKind.QUEUE, address) : known);
    }

    void moveToDeadLetters(QueueNode source, long sequence, BrokerMessage message, boolean durable) {
        String address = source.address() + Addresses.DEAD_LETTER_SUFFIX;
        QueueNode target = deadLetterQueue(address);
        long moved = nextSequence();
        if (durable) {
            append(new LogOperation.Atomic(List.of(
                    new LogOperation.Acknowledged(source.id(), new long[] {sequence}),
                    new LogOperation.Enqueued(target.id(), moved, NONE, message.stored()))));
        }
        loop.store().afterAppended(() -> target.enter(moved, message, durable));
    }
}
