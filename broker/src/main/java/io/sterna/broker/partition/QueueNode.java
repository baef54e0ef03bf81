package io.sterna.broker.partition;

import io.sterna.amqp.AmqpError;
import io.sterna.amqp.codec.DecodeException;
import io.sterna.amqp.message.AnnotationMap;
import io.sterna.broker.config.QueuePolicy;
import io.sterna.broker.queue.ConsumerOptions;
import io.sterna.broker.queue.DeadLetterReason;
import io.sterna.broker.queue.Entry;
import io.sterna.broker.queue.LoadLimits;
import io.sterna.broker.queue.MessageTraits;
import io.sterna.broker.queue.Outcome;
import io.sterna.broker.queue.Queue;
import io.sterna.broker.queue.QueueEffects;
import io.sterna.broker.queue.QueueRules;
import io.sterna.store.LogOperation;
import io.sterna.store.RecoveredMessage;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A queue and the shell that carries out what it asks for. Owned by the partition's loop. Commands do nothing once the
 * partition has stopped.
 */
public final class QueueNode implements Node, QueueEffects {
    private static final Logger log = LoggerFactory.getLogger(QueueNode.class);
    private static final LoadLimits LOAD_LIMITS = new LoadLimits(500, 1024 * 1024);

    private final Partition partition;
    private final Loop loop;
    private final NodeSpec spec;
    private final long id;
    private final String address;
    private final Queue queue;
    private final PayloadLoader loader;
    private final Departures departures;
    private final QueuePolicy policy;
    private final Intake intake;
    private final Fullness fullness;
    private final Alarms.Alarm alarm;
    private final IdleWatch idleWatch;
    private final Set<Subscription> subscriptions = new LinkedHashSet<>();
    private int producers;
    private boolean durable;
    private boolean deleted;

    /** @param durable whether its creation is */
    QueueNode(Partition partition, NodeSpec spec, boolean durable) {
        this.partition = partition;
        this.spec = spec;
        id = spec.id();
        address = spec.address();
        this.durable = durable;
        loop = partition.loop();
        policy = partition.policies().of(address);
        intake = new Intake(policy, loop, id, spec.stored());
        fullness = new Fullness(this, policy.limits());
        queue = new Queue(
                this, QueueNode::merge, LOAD_LIMITS, QueueRules.of(policy), partition::mayTouch, loop::nowMillis);
        alarm = loop.alarms().alarm(() -> command(queue::onTime));
        boolean mayGo = spec.kind() == NodeKind.QUEUE && spec.stored();
        idleWatch = new IdleWatch(
                this, mayGo ? policy.autoDeleteMillis() : 0, () -> partition.guard(this::maybeDeleteIdle));
        loader = new PayloadLoader(this);
        departures = new Departures(this, partition);
        loop.figures().addQueues(1);
    }

    @Override
    public String address() {
        return address;
    }

    @Override
    public NodeKind kind() {
        return spec.kind();
    }

    @Override
    public boolean stored() {
        return spec.stored();
    }

    @Override
    public Optional<NodeOwner> owner() {
        return spec.owner();
    }

    @Override
    public Loop loop() {
        return loop;
    }

    @Override
    public Partition partition() {
        return partition;
    }

    @Override
    public long id() {
        return id;
    }

    /** Whether deliveries that are not settled in time are taken back. Any thread. */
    public boolean takesBack() {
        return policy.lockMillis() != 0;
    }

    QueuePolicy policy() {
        return policy;
    }

    Queue queue() {
        return queue;
    }

    @Override
    public boolean durable() {
        return durable;
    }

    void onDurable() {
        durable = true;
    }

    /** A message that the store has kept; before the partition starts. */
    void restore(RecoveredMessage message) {
        queue.restore(
                message.sequence(),
                message.sizeBytes(),
                message.deliveryCount(),
                TraitsCodec.decode(message.traits()),
                message.annotations());
        loop.figures().addMessages(1);
    }

    @Override
    public void publish(Publication publication) {
        if (deleted) {
            publication.onDeleted();
            return;
        }
        BrokerMessage message = publication.message();
        Optional<AmqpError> refusal =
                publication.mayBeRefused() ? fullness.refusal(message.sizeBytes()) : Optional.empty();
        if (refusal.isPresent()) {
            publication.onRefused(refusal.get());
        } else if (!partition.guard(() -> arrival(message).happen(publication, partition))) {
            publication.onStopped(partition.problem().orElseThrow());
        }
        fullness.maybeHalt(publication.producer());
    }

    @Override
    public int mostUnderWay() {
        return fullness.mostUnderWay();
    }

    /** Gives a message its place. */
    Arrival arrival(BrokerMessage message) {
        if (intake.isCopy(message)) {
            return Arrival.OF_NOTHING;
        }
        boolean storing = message.durable() && spec.stored();
        MessageTraits traits = intake.traits(message);
        long sequence = partition.nextSequence();
        Optional<LogOperation> record = storing
                ? Optional.of(new LogOperation.Enqueued(id, sequence, TraitsCodec.encode(traits), message.stored()))
                : Optional.empty();
        fullness.onComing(message.sizeBytes());
        return new Arrival(intake.take(message, record), !storing, () -> {
            fullness.onCome(message.sizeBytes());
            return enter(sequence, message, traits, storing);
        });
    }

    Intake intake() {
        return intake;
    }

    Fullness fullness() {
        return fullness;
    }

    /** A message that got its place before; one that comes after the queue's end goes with it. */
    boolean enter(long sequence, BrokerMessage message, MessageTraits traits, boolean durableMessage) {
        return deleted || command(() -> queue.enqueue(sequence, message, traits, durableMessage));
    }

    /** Adds a consumer, without credit; empty, and the taker is told, when the partition does not serve. */
    public Optional<Subscription> subscribe(DeliveryTaker taker, ConsumerOptions options) {
        if (!partition.serves()) {
            taker.onStopped(partition.problem().orElseThrow());
            return Optional.empty();
        }
        if (deleted) {
            taker.onQueueDeleted();
            return Optional.empty();
        }
        Subscription subscription =
                new Subscription(this, taker, options.withDefaultOutcome(allowed(options.defaultOutcome())));
        subscriptions.add(subscription);
        idleWatch.look(false);
        return Optional.of(subscription);
    }

    /**
     * Removes a consumer. What it has not settled gets its default outcome.
     *
     * @param unsent deliveries that were handed out and never left: they go back as they were
     * @param held deliveries whose outcome a transaction will decide; they are settled later
     * @param inOrder whether it has left in order, so that no failed attempt is counted
     * @param whenDurable runs once all that was settled so far is durable; at once when the partition does not serve
     */
    public void unsubscribe(
            Subscription subscription, long[] unsent, long[] held, boolean inOrder, Runnable whenDurable) {
        if (subscriptions.remove(subscription)) {
            subscription.end();
            command(() -> queue.removeConsumer(subscription.consumer(), unsent, held, inOrder));
        }
        if (flushDepartures()) {
            loop.store().afterAppended(whenDurable);
        } else {
            whenDurable.run();
        }
    }

    /**
     * Leaves a consumer whose link is gone its place, and what it has not settled.
     *
     * @param unsent deliveries that were handed out and never left: they go back as they were
     * @param keeper hears of the queue's end from now on
     * @param whenDurable gets what is held, once all that was settled so far is durable; nothing, at once, when the
     *     consumer is gone or the partition does not serve
     */
    public void suspend(
            Subscription subscription,
            long[] unsent,
            DeliveryTaker keeper,
            Consumer<Optional<HeldDeliveries>> whenDurable) {
        subscription.handOver(keeper);
        settle(subscription, unsent, Outcome.RELEASED);
        if (flushDepartures() && subscriptions.contains(subscription)) {
            HeldDeliveries held = subscription.held();
            loop.store().afterAppended(() -> whenDurable.accept(Optional.of(held)));
        } else {
            whenDurable.accept(Optional.empty());
        }
    }

    /** Gives a consumer that was suspended another link; empty when its place is gone. */
    public Optional<HeldDeliveries> resume(Subscription subscription, DeliveryTaker taker) {
        if (!partition.serves() || !subscriptions.contains(subscription)) {
            return Optional.empty();
        }
        subscription.handOver(taker);
        return Optional.of(subscription.held());
    }

    /** Says how many messages a consumer may get in all, and whether what is not used now is given up. */
    public void flow(Subscription subscription, long limit, boolean drain) {
        command(() -> subscription.flow(limit, drain));
    }

    /** Settles deliveries of a consumer. Those that are settled already are passed over. */
    public void settle(Subscription subscription, long[] sequences, Outcome outcome) {
        Outcome applied = allowed(outcome);
        command(() -> subscription.onSettled(queue.settleAll(subscription.consumer(), sequences, applied)));
    }

    /** There is nowhere to go for a rejected dead letter: it stays, and this consumer is spared it. */
    private Outcome allowed(Outcome outcome) {
        return outcome instanceof Outcome.Rejected && Addresses.isDeadLetterQueue(address)
                ? new Outcome.Modified(true, true, new byte[0])
                : outcome;
    }

    /** Runs something once all that was settled so far is durable. */
    public void afterSettled(Runnable whenDurable) {
        if (flushDepartures()) {
            loop.store().afterAppended(whenDurable);
        }
    }

    /**
     * Removes all messages that nobody has acquired, scheduled ones too.
     *
     * @param whenDurable takes how many, once they can't come back; not called when the partition does not serve
     */
    public void purge(IntConsumer whenDurable) {
        command(() -> {
            int purged = queue.purge();
            afterSettled(() -> whenDurable.accept(purged));
        });
    }

    /** Describes messages that are held back until their time, in the order in which they came. On the loop. */
    public List<Map<String, Object>> scheduledAbove(long sequence, int count) {
        List<Map<String, Object>> described = new ArrayList<>();
        for (Entry entry : queue.scheduledAbove(sequence, count)) {
            described.add(Map.of(
                    "message", entry.sequence(),
                    "deliverAt", entry.traits().deliverAtMillis(),
                    "bytes", entry.sizeBytes(),
                    "priority", entry.traits().priority()));
        }
        return described;
    }

    /**
     * Removes a message that is held back until its time.
     *
     * @param whenDurable takes whether there was one, once it can't come back; not called when the partition does not
     *     serve
     */
    public void cancelScheduled(long sequence, Consumer<Boolean> whenDurable) {
        command(() -> {
            boolean cancelled = queue.cancelScheduled(sequence);
            afterSettled(() -> whenDurable.accept(cancelled));
        });
    }

    /**
     * Brings dead letters to another queue of the same partition, usually the one they come from, in their order. They
     * begin anew there. On the loop.
     *
     * @param filter which of them
     * @param limit at most so many
     * @param done told on this loop how many were moved, once that can't be lost; not told if the partition stops
     * @throws IllegalArgumentException when this queue is not of dead letters, or the target is in another partition
     */
    public void redrive(QueueNode target, Predicate<BrokerMessage> filter, int limit, IntConsumer done) {
        if (!Addresses.isDeadLetterQueue(address) || target == this || target.partition != partition) {
            throw new IllegalArgumentException("dead letters can be moved to the queues of their own partition, from "
                    + address + " not to " + target.address);
        }
        if (deleted || limit <= 0) {
            done.accept(0);
        } else {
            partition.guard(() -> Redrive.begin(partition, this, target, filter, limit, done));
        }
    }

    /**
     * Gives whoever holds a message the whole lock duration again. On the loop.
     *
     * @return until when, since 1970-01-01T00:00Z; empty when nobody holds it, or for ever
     */
    public OptionalLong renewLock(long sequence) {
        return partition.serves() && !deleted ? queue.renewLock(sequence) : OptionalLong.empty();
    }

    boolean flushDepartures() {
        return partition.guard(departures::flush);
    }

    /** Whatever touches the queue: a defect stops the partition, and what has changed is accounted for. */
    boolean command(Runnable command) {
        long bytes = queue.residentBytes();
        int depth = queue.depth();
        int acquired = queue.acquired();
        if (!partition.guard(command)) {
            return false;
        }
        LoopFigures figures = loop.figures();
        figures.addMessages(queue.depth() - depth);
        figures.addUnsettled(queue.acquired() - acquired);
        account(queue.residentBytes() - bytes);
        fullness.maybeGoOn();
        idleWatch.look(idle());
        maybeEndLater();
        return true;
    }

    private void account(long moreBytes) {
        LoopMemory memory = loop.memory();
        long before = memory.residentBytes();
        memory.onChange(this, moreBytes);
        loop.figures().addResidentBytes(memory.residentBytes() - before);
    }

    long residentBytes() {
        return queue.residentBytes();
    }

    long dropPayloads(long bytes) {
        return partition.serves() ? queue.dropPayloads(bytes) : 0;
    }

    /** It is gone from its partition, with its messages; consumers are told. */
    void onDeleted() {
        flushDepartures();
        command(queue::delete);
        alarm.set(Long.MAX_VALUE);
        idleWatch.end();
        fullness.goOn();
        deleted = true;
        loop.memory().forget(this);
        loop.figures().addQueues(-1);
    }

    /** The partition does not serve any more: consumers are told, the queue is not touched. */
    void onStopped(String reason) {
        List.copyOf(subscriptions).forEach(subscription -> subscription.taker().onStopped(reason));
    }

    @Override
    public void addProducers(int more) {
        producers += more;
        idleWatch.look(idle());
        maybeEnd();
    }

    void onCreatorLeft() {
        spec.life().ifPresent(TemporaryLife::onCreatorLeft);
        maybeEnd();
    }

    /** Whether nobody uses it and nothing is in it, or on its way into it. */
    private boolean idle() {
        return producers == 0 && subscriptions.isEmpty() && queue.depth() == 0 && !fullness.pending();
    }

    private void maybeDeleteIdle() {
        if (!deleted && idle()) {
            partition.nodes().delete(this);
        }
    }

    /** All that the store has kept is here. */
    void onRecovered() {
        intake.onRecovered();
        idleWatch.look(idle());
    }

    /** Whoever has given the command may go on with this queue. */
    private void maybeEndLater() {
        if (spec.life().isPresent() && !deleted) {
            loop.post(() -> partition.guard(this::maybeEnd));
        }
    }

    /** A node that was made for a link goes when nothing keeps it any more. */
    private void maybeEnd() {
        if (!deleted
                && spec.life().isPresent()
                && spec.life().get().isOver(producers + subscriptions.size(), queue.depth())) {
            partition.nodes().delete(this);
        }
    }

    // ---- What the queue asks for

    @Override
    public void acknowledged(long sequence) {
        departures.acknowledged(sequence);
    }

    @Override
    public void deadLetter(Entry entry, DeadLetterReason reason, String condition, String description) {
        departures.deadLetter(entry, reason, condition, description);
    }

    @Override
    public void wakeAt(long atMillis) {
        alarm.set(atMillis);
    }

    @Override
    public void deliveryUpdated(Entry entry) {
        partition.append(new LogOperation.DeliveryUpdated(
                id, entry.sequence(), entry.deliveryCount(), TraitsCodec.encode(entry.traits()), entry.annotations()));
    }

    @Override
    public void load(long fromSequence, LoadLimits limits) {
        loader.load(fromSequence, limits);
    }

    @Override
    public void continueLater() {
        loop.post(() -> command(queue::goOn));
    }

    @Override
    public void missing(long sequence) {
        log.error("queue {}: message {} can't be had from the store and is passed over", address, sequence);
    }

    static byte[] merge(byte[] current, byte[] added) {
        return decode(current).mergedWith(decode(added)).encoded().toByteArray();
    }

    static AnnotationMap decode(byte[] annotations) {
        if (annotations.length == 0) {
            return AnnotationMap.EMPTY;
        }
        try {
            return AnnotationMap.decode(annotations);
        } catch (DecodeException ourOwnDefect) {
            throw new IllegalStateException(ourOwnDefect);
        }
    }
}
