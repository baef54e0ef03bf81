package io.sterna.broker.partition;

import io.sterna.broker.config.ConfigException;
import io.sterna.broker.config.PolicyChange;
import io.sterna.broker.config.PolicySettings;
import io.sterna.broker.config.QueuePolicies;
import io.sterna.broker.queue.MessageTraits;
import io.sterna.store.LogOperation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A partition that this node owns: its nodes, its log's position and its message sequence. Owned by its loop; until
 * {@link #onRecovered} by the thread that recovers it.
 */
public final class Partition {
    private static final Logger log = LoggerFactory.getLogger(Partition.class);

    /** Traits of a message, or settings of a node, that have none. */
    static final byte[] NONE = {};

    /** A sequence is the epoch above a counter of so many bits, so that no two owners ever give the same. */
    private static final int COUNTER_BITS = 40;

    private final int id;
    private final Loop loop;
    private final Partitions all;
    private final NodeTable nodes = new NodeTable(this);
    private PartitionLog records;
    private long counter;
    private boolean started;
    private final PartitionTransactions transactions = new PartitionTransactions(this);

    /** What {@link #atomically} has gathered so far; null outside of it. */
    private @Nullable List<LogOperation> gathered;

    /** What waits for what is gathered. */
    private final List<Waiting> waitingForGathered = new ArrayList<>();

    private record Waiting(Runnable whenSafe, Runnable orGone) {}

    // Loop writes, any thread reads.
    private volatile @Nullable String problem;
    private volatile boolean closed;

    /**
     * Serves from {@link #onRecovered} until {@link #close}.
     *
     * @param records where its records go
     * @param all this one and its like, to be looked into once they have started
     */
    Partition(int id, Loop loop, PartitionLog records, Partitions all) {
        this.id = id;
        this.loop = loop;
        this.all = all;
        this.records = records;
    }

    QueuePolicies policies() {
        return all.policies();
    }

    public Loop loop() {
        return loop;
    }

    boolean mayTouch() {
        return !started || loop.isCurrent();
    }

    /** Before anything else is recovered, where the log is known only then. */
    void recover(PartitionLog recovered) {
        records = recovered;
    }

    NodeTable nodes() {
        return nodes;
    }

    Partitions all() {
        return all;
    }

    /**
     * All that the store has is known.
     *
     * @param whenNodesAreThere what comes next, before it serves
     */
    void onRecovered(RecoveredLinks links, Runnable whenNodesAreThere) {
        nodes.onRecovered();
        whenNodesAreThere.run();
        links.onRecovered(this);
        started = true;
    }

    /** Why it does not serve; empty while it does. Any thread. */
    Optional<String> problem() {
        return Optional.ofNullable(problem).or(loop::problem);
    }

    /** As {@link #problem}, but not that another node has it. Any thread. */
    Optional<String> defect() {
        return closed ? loop.problem() : problem();
    }

    boolean serves() {
        return problem == null && loop.serves();
    }

    /**
     * Another node has it from now on: what is in memory of it goes, nothing more is appended, and what waits for the log
     * hears that this node does not know any more. On the loop.
     *
     * @param reason for clients that still come
     */
    public void close(String reason) {
        PartitionLog former = records;
        records = new ClosedLog(former.epoch());
        guard(nodes::close);
        if (problem == null) {
            closed = true;
            problem = reason;
        }
        transactions.pending().close(reason);
        former.giveUp();
        records.giveUp();
    }

    /** A defect has broken what is held to be true here: nothing is served any more rather than served wrongly. */
    private void stop(Throwable defect) {
        if (problem != null) {
            return;
        }
        String reason = "partition " + id + " has stopped because of a defect; see the broker's log, and restart it";
        log.error("partition {} stops, with its nodes {}, because of a defect", id, nodes, defect);
        problem = reason;
        tellStopped(reason);
    }

    void tellStopped(String reason) {
        nodes.tellStopped(reason);
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
        return records.epoch() << COUNTER_BITS | counter++;
    }

    /** A sequence with the partition below it: never given twice on this node. */
    long nextNodeId() {
        return nextSequence() << Partitions.ID_BITS | id;
    }

    PartitionTransactions transactions() {
        return transactions;
    }

    int id() {
        return id;
    }

    /**
     * Runs a task whose records become one: all that it appends is durable together or not at all, and what it has wait
     * for durability waits for all of it. After a defect nothing is appended, and what waits never happens.
     */
    void atomically(Runnable task) {
        List<LogOperation> operations = new ArrayList<>();
        gathered = operations;
        try {
            task.run();
        } finally {
            gathered = null;
        }
        List<Waiting> waiting = List.copyOf(waitingForGathered);
        waitingForGathered.clear();
        if (serves()) {
            if (!operations.isEmpty()) {
                append(operations.size() == 1 ? operations.get(0) : new LogOperation.Atomic(operations));
            }
            waiting.forEach(each -> records.afterAppended(each.whenSafe(), each.orGone()));
        }
    }

    void append(LogOperation operation) {
        if (gathered != null) {
            if (operation instanceof LogOperation.Atomic atomic) {
                gathered.addAll(atomic.operations());
            } else {
                gathered.add(operation);
            }
            return;
        }
        records.append(operation);
    }

    /**
     * Runs something once all that was appended so far can't be lost any more, in the order in which it was asked for.
     * What is asked for while a record is gathered waits for that one. It never happens when another node gets the
     * partition before: not for what somebody waits for who is still here then.
     */
    void afterAppended(Runnable whenSafe) {
        afterAppended(whenSafe, () -> {});
    }

    /**
     * As above.
     *
     * @param orGone runs in its place when this node does not know any more what becomes of what was appended, as
     *     another one has the partition; {@link #problem} says so by then
     */
    void afterAppended(Runnable whenSafe, Runnable orGone) {
        if (gathered != null) {
            waitingForGathered.add(new Waiting(whenSafe, orGone));
        } else {
            records.afterAppended(whenSafe, orGone);
        }
    }

    /**
     * As above, for what is to go on in any case, such as somebody who gives up what others wait for. At once when the
     * partition does not serve.
     */
    void afterAppendedOrGone(Runnable then) {
        if (serves()) {
            afterAppended(then, then);
        } else {
            then.run();
        }
    }

    /**
     * Finds a node, or creates it where that is allowed. On the loop.
     *
     * @param rule asked only where there is nothing
     */
    public Lookup find(String address, CreationRule rule) {
        if (!serves()) {
            return stopped();
        }
        return nodes.find(address)
                .or(() -> rule.kindAt(address).map(kind -> nodes.create(kind, address)))
                .<Lookup>map(Lookup.Found::new)
                .orElseGet(Lookup.Absent::new);
    }

    private Lookup stopped() {
        return new Lookup.Stopped(problem().orElseThrow());
    }

    /** As {@link #find}; the answer comes when the node is there for good. On the loop. */
    public void open(String address, CreationRule rule, Consumer<Lookup> answer) {
        Lookup found = find(address, rule);
        if (found instanceof Lookup.Found created && !created.node().durable()) {
            afterAppended(() -> answer.accept(found), () -> answer.accept(stopped()));
        } else {
            answer.accept(found);
        }
    }

    /**
     * Makes a node that lives in memory only, at an address that is not taken. On the loop.
     *
     * @param owner the only one who may receive from it, if there is one
     */
    public Lookup createTemporary(NodeKind kind, String address, Optional<NodeOwner> owner, TemporaryLife life) {
        return serves() ? new Lookup.Found(nodes.createTemporary(kind, address, owner, Optional.of(life))) : stopped();
    }

    /**
     * Makes a queue or topic at an address that is not taken, with settings of its own; the answer comes when it is
     * there for good. On the loop.
     *
     * @param stopped answers with the reason when the partition does not serve any more before that is known
     * @throws ConfigException when the settings contradict those of the configuration
     */
    public void create(
            NodeKind kind, String address, PolicySettings own, Consumer<Node> answer, Consumer<String> stopped)
            throws ConfigException {
        policies().of(address, own);
        Runnable gone = () -> stopped.accept(problem().orElseThrow());
        boolean done = guard(() -> {
            Node node = nodes.create(kind, address, own);
            afterAppended(() -> answer.accept(node), gone);
        });
        if (!done) {
            gone.run();
        }
    }

    /** Gives a queue or topic other settings. The answer comes when that is in force and can't be lost. On the loop. */
    public void change(Node node, PolicyChange change, Consumer<Changing> answer) {
        if (!guard(() -> new NodeChanges(this).change(node, change, answer))) {
            answer.accept(new Changing.Stopped(problem().orElseThrow()));
        }
    }

    /** Whether a change would change nothing; throws when it can't be. On the loop. */
    public static boolean changesNothing(Node node, PolicyChange change) throws ConfigException {
        return NodeChanges.changesNothing(node, change);
    }

    /** The link that a temporary node was made for is gone; the node goes when nothing else keeps it. On the loop. */
    public void creatorLeft(Node node) {
        guard(() -> {
            if (node instanceof QueueNode queue) {
                queue.onCreatorLeft();
            } else {
                ((TopicNode) node).onCreatorLeft();
            }
        });
    }

    /**
     * Deletes a node with all that it holds, a topic with its subscriptions. On the loop.
     *
     * @param then runs once that can't be lost, or when the partition does not serve
     */
    public void delete(Node node, Runnable then) {
        guard(() -> nodes.deleteAny(node));
        afterAppendedOrGone(then);
    }

    /** All nodes, in no order; none when it does not serve. On the loop. */
    public List<Node> nodesNow() {
        return serves() ? nodes.all() : List.of();
    }

    // ---- Subscriptions

    /** Brings a message to the subscriptions that have this pattern for a topic, if there are any left. */
    void publishToPattern(String pattern, Publication publication) {
        nodes.findTopic(pattern).ifPresentOrElse(found -> found.publish(publication), publication::onStored);
    }

    void subscribe(String topic, SubscriptionRequest request, Consumer<Subscribing> answer) {
        boolean done = guard(() -> nodes.findTopic(topic)
                .ifPresentOrElse(
                        found -> found.subscriptions().open(request, answer),
                        () -> answer.accept(new Subscribing.Absent())));
        if (!done) {
            answer.accept(new Subscribing.Stopped(problem().orElseThrow()));
        }
    }

    /** Deletes a subscription in favour of one of the same name to another topic; the answer is empty, or why not. */
    void evict(String topic, SubscriptionSettings other, Consumer<Optional<Subscribing>> answer) {
        boolean done = guard(() -> nodes.findTopic(topic)
                .ifPresentOrElse(
                        found -> found.subscriptions().evict(other, answer), () -> answer.accept(Optional.empty())));
        if (!done) {
            answer.accept(Optional.of(new Subscribing.Stopped(problem().orElseThrow())));
        }
    }

    void unsubscribe(String topic, SubscriptionId subscription, Consumer<Unsubscribing> answer) {
        boolean done = guard(() -> nodes.findTopic(topic)
                .ifPresentOrElse(
                        found -> found.subscriptions().delete(subscription, answer),
                        () -> answer.accept(new Unsubscribing.Absent())));
        if (!done) {
            answer.accept(new Unsubscribing.Stopped(problem().orElseThrow()));
        }
    }

    Optional<SubscriptionSettings> subscription(String topic, SubscriptionId subscription) {
        return nodes.findTopic(topic).flatMap(found -> found.subscriptions().settings(subscription));
    }

    // ---- Dead letters

    void moveToDeadLetters(QueueNode source, long sequence, BrokerMessage message, boolean durable) {
        QueueNode target = nodes.deadLettersOf(source);
        move(source, sequence, target, message, target.intake().traits(message), durable);
    }

    /**
     * Brings a message that is leaving one queue to another, in one record.
     *
     * @param message as it is to be in the other queue
     * @param asked its traits, but for the time of delivery, which is now
     */
    void move(
            QueueNode source,
            long sequence,
            QueueNode target,
            BrokerMessage message,
            MessageTraits asked,
            boolean durable) {
        long moved = nextSequence();
        MessageTraits traits = asked.withDeliverAtMillis(0);
        if (durable) {
            append(source.links()
                    .leaving(
                            new LogOperation.Acknowledged(source.id(), new long[] {sequence}),
                            new LogOperation.Enqueued(
                                    target.id(), moved, TraitsCodec.encode(traits), message.stored())));
        }
        afterAppended(() -> target.enter(moved, message, traits, durable));
    }
}
