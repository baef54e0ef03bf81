package io.sterna.broker.partition;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToLongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A loop's share of the memory for payloads. Above it, payloads that are on disk, too, are let go and read back later,
 * of those queues that have most in memory: each may keep as much as any other. What is not durable is spilled to disk
 * for that. When this does not help, because what is left is with consumers, is in no queue yet, or can't be written,
 * memory is <em>tight</em>: producers of messages that are not durable get no credit, and consumers that hold messages
 * get no more, until there is room again. Owned by the loop.
 */
final class LoopMemory {
    private static final Logger log = LoggerFactory.getLogger(LoopMemory.class);

    private static final long LEAST_BYTES = 64 * 1024;

    private final Loop loop;
    private final long limitBytes;

    /** What is freed beyond the need, so that freeing is rare, and what has to be free again before anybody goes on. */
    private final long marginBytes;

    /** What a queue lets go at least when it has to, so that a few rounds are enough. */
    private final long leastBytes;

    /** The queues that may have something to let go; the others had nothing and have not changed since. */
    private final Set<QueueNode> candidates = new LinkedHashSet<>();

    /** As before, to be written first. */
    private final Set<QueueNode> unspilled = new LinkedHashSet<>();

    private final Set<Producer> haltedProducers = new LinkedHashSet<>();
    private final Set<Runnable> waitingConsumers = new LinkedHashSet<>();

    /** All that is counted: what queues hold, what is set aside, and what is inbound. */
    private long residentBytes;

    /** Of those, what is set aside: messages of open transactions. */
    private long setAsideBytes;

    private boolean tight;
    private boolean warned;

    LoopMemory(Loop loop, long limitBytes) {
        this.loop = loop;
        this.limitBytes = limitBytes;
        marginBytes = limitBytes / 8;
        leastBytes = Math.min(LEAST_BYTES, marginBytes);
    }

    /** A queue has done something, and holds so many bytes more, or less. */
    void onChange(QueueNode node, long bytes) {
        if (node.residentBytes() > 0) {
            candidates.add(node);
            unspilled.add(node);
        }
        add(bytes);
        keepOwnLimit(node);
        keepLimit();
    }

    /** Of what a queue says to hold more, or less, in the same command, so many bytes are held by others too. */
    void onShared(long bytes) {
        add(bytes);
    }

    private void add(long bytes) {
        residentBytes += bytes;
        loop.figures().addResidentBytes(bytes);
    }

    /**
     * Sets memory aside for messages that are in no queue and can't be let go: half of all at most, so that queues go
     * on.
     */
    boolean setAside(long bytes) {
        if (setAsideBytes + bytes > limitBytes / 2) {
            return false;
        }
        setAsideBytes += bytes;
        onChange(bytes);
        return true;
    }

    void giveBack(long bytes) {
        setAsideBytes -= bytes;
        assert setAsideBytes >= 0;
        onChange(-bytes);
    }

    /** What is on its way into queues has become more, or less. */
    void onInbound(long bytes) {
        residentBytes += bytes;
        keepLimit();
    }

    private void onChange(long bytes) {
        add(bytes);
        keepLimit();
    }

    /** What a queue has beyond its own limit it lets go first, and some more, so that this is rare. */
    private void keepOwnLimit(QueueNode node) {
        long most = node.maxResidentBytes();
        if (node.unspilledBytes() > most) {
            add(-node.dropPayloads(node.unspilledBytes() - most + most / 8));
            boolean more = true;
            while (more && node.unspilledBytes() > most && loop.spill().takesMore()) {
                more = node.spill(node.unspilledBytes() - most + most / 8) > 0;
            }
        }
    }

    private void keepLimit() {
        if (residentBytes > limitBytes - marginBytes) {
            shrink();
            spill();
        }
        if (residentBytes > limitBytes) {
            if (!warned && loop.spill().pendingBytes() == 0) {
                warned = true;
                log.warn("messages that can't be let go take more than {} bytes; producers wait for room", limitBytes);
            }
            tight = true;
        } else if (tight && residentBytes <= limitBytes - marginBytes) {
            tight = false;
            goOn();
        }
    }

    /** A queue is gone. */
    void forget(QueueNode node) {
        candidates.remove(node);
        unspilled.remove(node);
    }

    /** What could not be written may be tried again, or more of it. */
    void onSpillMayGoOn() {
        keepLimit();
    }

    /**
     * From those queues that have most, down to what they may all keep: what is the farthest from delivery in each.
     * What a queue shares with others is free when the last one lets it go, so that each may be asked several times.
     */
    private void shrink() {
        long enoughBytes = enoughBytes();
        while (residentBytes > enoughBytes && !candidates.isEmpty()) {
            List<QueueNode> largestFirst = largestFirst(candidates, QueueNode::residentBytes);
            long level = level(largestFirst, QueueNode::residentBytes, residentBytes - enoughBytes);
            for (QueueNode node : largestFirst) {
                long above = node.residentBytes() - level;
                if (above <= 0 || residentBytes <= enoughBytes) {
                    break;
                }
                long wanted = Math.max(above, leastBytes);
                long dropped = node.dropPayloads(wanted);
                add(-dropped);
                if (dropped < wanted) {
                    candidates.remove(node);
                }
            }
        }
    }

    /** So much is left after payloads were let go: it is done before it has to be, since to write takes its time. */
    private long enoughBytes() {
        return limitBytes - 2 * marginBytes;
    }

    /** What could not be let go by itself is written, of the same queues down to the same level; it is let go then. */
    private void spill() {
        LoopSpill spill = loop.spill();
        long excess = residentBytes - spill.pendingBytes() - enoughBytes();
        while (excess > 0 && spill.takesMore() && !unspilled.isEmpty()) {
            List<QueueNode> largestFirst = largestFirst(unspilled, QueueNode::unspilledBytes);
            long level = level(largestFirst, QueueNode::unspilledBytes, excess);
            for (QueueNode node : largestFirst) {
                while (node.unspilledBytes() > level && spill.takesMore() && unspilled.contains(node)) {
                    if (node.spill(Math.max(node.unspilledBytes() - level, leastBytes)) == 0) {
                        unspilled.remove(node);
                    }
                }
            }
            excess = residentBytes - spill.pendingBytes() - enoughBytes();
        }
    }

    private static List<QueueNode> largestFirst(Set<QueueNode> nodes, ToLongFunction<QueueNode> bytes) {
        List<QueueNode> largestFirst = new ArrayList<>(nodes);
        if (largestFirst.size() > 1) {
            largestFirst.sort(Comparator.comparingLong(bytes).reversed());
        }
        return largestFirst;
    }

    /**
     * How much each may keep, so that so many bytes are freed; below 0 if there are not so many, and below the largest
     * in any case, so that there is one that has to let something go.
     */
    static <N> long level(List<N> largestFirst, ToLongFunction<N> size, long bytesToFree) {
        long sum = 0;
        int count = 0;
        for (N node : largestFirst) {
            long bytes = size.applyAsLong(node);
            if (sum - count * bytes >= bytesToFree) {
                break; // To come down to this one would be more than is needed.
            }
            sum += bytes;
            count++;
        }
        return Math.floorDiv(sum - bytesToFree, count);
    }

    private void goOn() {
        List<Producer> producers = List.copyOf(haltedProducers);
        haltedProducers.clear();
        producers.forEach(producer -> producer.onRoom(loop));
        List<Runnable> consumers = List.copyOf(waitingConsumers);
        waitingConsumers.clear();
        consumers.forEach(loop::post); // Not from within a command of a queue.
    }

    boolean tight() {
        return tight;
    }

    /** Stops a producer until there is room; called while {@link #tight}. */
    void halt(Producer producer) {
        if (haltedProducers.add(producer)) {
            producer.onTight(loop);
        }
    }

    /**
     * A producer has come, of which nobody knows whether its messages will be durable: it waits only when there is so
     * little room left that others, who come for one message each, would fill it.
     */
    void admit(Producer producer) {
        if (residentBytes > limitBytes + 2 * marginBytes) {
            halt(producer);
        }
    }

    void forget(Producer producer) {
        haltedProducers.remove(producer);
    }

    /** Runs something when there is room; the same {@code consumer} once only. Called while {@link #tight}. */
    void whenRoom(Runnable consumer) {
        waitingConsumers.add(consumer);
    }

    void noLongerWhenRoom(Runnable consumer) {
        waitingConsumers.remove(consumer);
    }

    long residentBytes() {
        return residentBytes;
    }
}
