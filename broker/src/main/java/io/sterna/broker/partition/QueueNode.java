package io.sterna.broker.partition;

import io.sterna.amqp.AmqpError;
import io.sterna.broker.config.QueuePolicy;
import io.sterna.broker.queue.LoadLimits;
import io.sterna.broker.queue.MessageTraits;
import io.sterna.broker.queue.Queue;
import io.sterna.broker.queue.QueueFigures;
import io.sterna.broker.queue.QueueRules;
import io.sterna.store.LogOperation;
import io.sterna.store.RecoveredMessage;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A queue with all that belongs to it. Owned by the partition's loop. Commands do nothing once the partition has
 * stopped.
 */
public final class QueueNode implements Node {
    private static final LoadLimits LOAD_LIMITS = new LoadLimits(500, 1024 * 1024);

    private final Partition partition;
    private final Loop loop;
    private final NodeSpec spec;
    private final long id;
    private final String address;
    private final Queue queue;
    private final NodeSettings settings;
    private final Intake intake;
    private final Fullness fullness;
    private final QueueShell shell;
    private final QueueSpill spill = new QueueSpill(this);
    private final QueueReader reader = new QueueReader(this);
    private final QueueLife life;
    private final QueueSeats seats;
    private final Rates rates = new Rates(this);
    private final KeptLinks links;
    private boolean durable;

    /** What the loop's account has of the payloads in memory: some may be let go for it within a command. */
    private long countedBytes;

    // Loop writes, any thread reads.
    private volatile boolean takesBack;

    /** @param durable whether its creation is */
    QueueNode(Partition partition, NodeSpec spec, NodeSettings settings, boolean durable) {
        this.partition = partition;
        this.spec = spec;
        id = spec.id();
        address = spec.address();
        this.durable = durable;
        loop = partition.loop();
        this.settings = settings;
        QueuePolicy policy = settings.policy();
        takesBack = policy.lockMillis() != 0;
        intake = new Intake(policy, loop, id, spec.stored());
        fullness = new Fullness(this, settings);
        shell = new QueueShell(this);
        queue = new Queue(
                shell, Annotations::merge, LOAD_LIMITS, QueueRules.of(policy), partition::mayTouch, loop::nowMillis);
        life = new QueueLife(this, spec);
        seats = new QueueSeats(this, life);
        links = new KeptLinks(partition, this);
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

    /** Whether deliveries that are not settled in time are taken back, or some may be. Any thread. */
    public boolean takesBack() {
        return takesBack;
    }

    NodeSettings settings() {
        return settings;
    }

    QueuePolicy policy() {
        return settings.policy();
    }

    /** Its settings have changed: they count for what comes from now on. */
    void onPolicyChanged() {
        QueuePolicy policy = settings.policy();
        takesBack |= policy.lockMillis() != 0;
        intake.changed(policy);
        command(() -> queue.rules(QueueRules.of(policy)));
        life.onPolicyChanged();
    }

    /** Whether it holds no message, and none is on its way into it. */
    boolean isEmpty() {
        return queue.figures().depth() == 0 && !fullness.pending();
    }

    /** Has a task run whenever it has become empty. */
    void whenEmpty(Runnable task) {
        life.whenEmpty(task);
    }

    Queue queue() {
        return queue;
    }

    /** Its consumers. On the loop, as all that they do. */
    public QueueSeats seats() {
        return seats;
    }

    int subscriptionCount() {
        return seats.count();
    }

    boolean deleted() {
        return life.deleted();
    }

    @Override
    public boolean durable() {
        return durable;
    }

    void onDurable() {
        durable = true;
    }

    /**
     * A message that the store has kept; before the partition starts.
     *
     * @param holder who has received it and not settled it
     */
    void restore(RecoveredMessage message, Optional<Subscription> holder) {
        MessageTraits traits = TraitsCodec.decode(message.traits());
        int acquired = queue.figures().acquired();
        holder.ifPresentOrElse(
                its -> its.restore(message, traits),
                () -> queue.restore(
                        message.sequence(),
                        message.sizeBytes(),
                        message.deliveryCount(),
                        traits,
                        message.annotations()));
        loop.figures().addMessages(1);
        loop.figures().addUnsettled(queue.figures().acquired() - acquired);
    }

    KeptLinks links() {
        return links;
    }

    @Override
    public void keep(byte[] settings, boolean keepsUnsettled, Consumer<Optional<KeptLink>> whenDurable) {
        links.keep(settings, keepsUnsettled, whenDurable);
    }

    @Override
    public void publish(Publication publication) {
        if (life.deleted()) {
            publication.onDeleted();
            return;
        }
        // A copy of what is here already is not refused: its producer has not heard that it was accepted.
        Optional<AmqpError> refusal = fullness.refusal(publication).filter(full -> !intake.isCopy(publication));
        if (refusal.isPresent()) {
            publication.onRefused(refusal.get());
            return;
        }
        if (!partition.guard(() -> arrival(publication).happen(publication, partition))) {
            publication.onStopped(partition.problem().orElseThrow());
        }
        fullness.maybeHalt(publication);
    }

    @Override
    public int mostUnderWay() {
        return fullness.mostUnderWay();
    }

    /** Gives a message its place. */
    private Arrival arrival(Publication publication) {
        if (intake.isCopy(publication)) {
            return Arrival.OF_NOTHING;
        }
        BrokerMessage message = publication.message();
        boolean storing = message.durable() && spec.stored();
        MessageTraits traits = intake.traits(publication);
        long sequence = partition.nextSequence();
        Optional<LogOperation> record = storing
                ? Optional.of(new LogOperation.Enqueued(id, sequence, TraitsCodec.encode(traits), message.stored()))
                : Optional.empty();
        fullness.onComing(message.sizeBytes());
        return new Arrival(intake.take(publication, record), !storing, () -> {
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
        return life.deleted() || command(() -> queue.enqueue(sequence, message, traits, durableMessage));
    }

    /** Runs something once all that was settled so far is durable. */
    public void afterSettled(Runnable whenDurable) {
        if (flushDepartures()) {
            partition.afterAppended(whenDurable);
        }
    }

    /** What of its messages has been spilled. */
    QueueSpill spill() {
        return spill;
    }

    /** Reads its messages back. */
    QueueReader reader() {
        return reader;
    }

    Rates rates() {
        return rates;
    }

    /** What operators may do with it. On the loop. */
    public QueueOperations operations() {
        return new QueueOperations(this);
    }

    boolean flushDepartures() {
        return shell.flushDepartures();
    }

    /** Whatever touches the queue: a defect stops the partition, and what has changed is accounted for. */
    boolean command(Runnable command) {
        QueueFigures counted = queue.figures();
        int depth = counted.depth();
        int acquired = counted.acquired();
        long acknowledged = counted.acknowledgedTotal();
        if (!partition.guard(command)) {
            return false;
        }
        LoopFigures figures = loop.figures();
        figures.addMessages(counted.depth() - depth);
        figures.addUnsettled(counted.acquired() - acquired);
        long bytes = counted.residentBytes() - countedBytes;
        countedBytes += bytes;
        loop.memory().onChange(this, bytes);
        fullness.maybeGoOn();
        figures.addAcknowledged(counted.acknowledgedTotal() - acknowledged);
        rates.onChange();
        life.onChange();
        return true;
    }

    long residentBytes() {
        return queue.figures().residentBytes();
    }

    /** So many bytes of payloads may be in memory of this queue. */
    long maxResidentBytes() {
        long most = policy().maxMemoryBytes();
        return most == 0 ? Long.MAX_VALUE : most;
    }

    /** Lets payloads go, for the loop's account, which has them no more from now on. */
    long dropPayloads(long bytes) {
        long dropped = partition.serves() ? queue.loading().drop(bytes) : 0;
        countedBytes -= dropped;
        return dropped;
    }

    /**
     * Begins to write payloads to disk that are nowhere but in memory.
     *
     * @return bytes that will be let go; 0 when there are none
     */
    long spill(long bytes) {
        return partition.serves() ? spill.write(bytes) : 0;
    }

    /** Payloads in memory, but for those that will be let go when they are written, bytes. */
    long unspilledBytes() {
        return queue.figures().residentBytes() - spill.pendingBytes();
    }

    /** It is gone from its partition, with its messages; consumers are told. */
    void onDeleted() {
        flushDepartures();
        command(queue::delete);
        spill.releaseAll();
        shell.end();
        fullness.goOn();
        life.onDeleted();
        links.onDeleted();
        loop.memory().forget(this);
        loop.figures().addQueues(-1);
    }

    /** The partition does not serve any more: consumers are told, the queue is not touched. */
    void onStopped(String reason) {
        seats.tellStopped(reason);
    }

    @Override
    public void admit(Producer producer) {
        fullness.maybeHalt(producer, true);
        loop.memory().admit(producer);
    }

    @Override
    public void addProducers(int more) {
        life.addProducers(more);
    }

    void onCreatorLeft() {
        life.onCreatorLeft();
    }

    /** All that the store has kept is here. */
    void onRecovered() {
        intake.onRecovered();
        life.onRecovered();
    }
}
