package io.sterna.broker.partition;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A loop's share of the memory for payloads. Above it, payloads that the store has are let go and read back later. When
 * that does not help, because what is left is not durable, is with consumers, or is in no queue yet, memory is
 * <em>tight</em>: producers of messages that are not durable get no credit, and consumers that hold messages get no more,
 * until there is room again.
 * Owned by the loop.
 */
final class LoopMemory {
    private static final Logger log = LoggerFactory.getLogger(LoopMemory.class);

    private final Loop loop;
    private final long limitBytes;

    /** What is freed beyond the need, so that freeing is rare, and what has to be free again before anybody goes on. */
    private final long marginBytes;

    /** The queues that may have something to let go; the others had nothing and have not changed since. */
    private final Set<QueueNode> candidates = new LinkedHashSet<>();

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
    }

    /** A queue has done something, and holds so many bytes more, or less. */
    void onChange(QueueNode node, long bytes) {
        if (node.residentBytes() > 0) {
            candidates.add(node);
        }
        onChange(bytes);
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
     * Sets memory aside for messages that are in no queue and can't be let go: half of all at most, so that queues go on.
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

    private void keepLimit() {
        if (residentBytes > limitBytes) {
            shrink();
        }
        if (residentBytes > limitBytes) {
            if (!warned) {
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
    }

    /**
     * From the largest queue first: its tail is the farthest from delivery. What a queue shares with others is free when the
     * last one lets it go, so that each may be asked several times.
     */
    private void shrink() {
        List<QueueNode> largestFirst = new ArrayList<>(candidates);
        if (largestFirst.size() > 1) {
            largestFirst.sort(Comparator.comparingLong(QueueNode::residentBytes).reversed());
        }
        long enoughBytes = limitBytes - marginBytes;
        while (residentBytes > enoughBytes && !candidates.isEmpty()) {
            for (QueueNode node : largestFirst) {
                long excess = residentBytes - enoughBytes;
                if (excess <= 0) {
                    break;
                }
                long dropped = node.dropPayloads(excess);
                add(-dropped);
                if (dropped < excess) {
                    candidates.remove(node);
                }
            }
        }
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
