package io.sterna.broker.partition;

import io.sterna.amqp.AmqpError;
import io.sterna.broker.config.AddressPattern;
import io.sterna.broker.queue.MessageTraits;
import io.sterna.store.LogOperation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** A topic: each message goes to every subscription that takes it. Owned by the partition's loop. */
public final class TopicNode implements Node {
    private final Partition partition;
    private final NodeSpec spec;
    private final NodeSettings settings;
    private final Intake intake;
    private final KeptLinks links;
    private final Optional<AddressPattern> pattern;

    private final TopicSubscriptions subscriptions;
    private final TopicCommits commits = new TopicCommits(this);
    private TopicPatterns.Matching matchingPatterns = TopicPatterns.Matching.NONE;
    private long patternsVersion;
    private int producers;
    private boolean durable;
    private boolean deleted;

    /** @param durable whether its creation is */
    TopicNode(Partition partition, NodeSpec spec, NodeSettings settings, boolean durable) {
        this.partition = partition;
        this.spec = spec;
        this.durable = durable;
        pattern = TopicPatterns.patternOf(spec.address());
        this.settings = settings;
        subscriptions = new TopicSubscriptions(this, pattern);
        intake = new Intake(settings.policy(), partition.loop(), spec.id(), spec.stored());
        links = new KeptLinks(partition, this);
        partition.loop().figures().addTopics(1);
    }

    KeptLinks links() {
        return links;
    }

    @Override
    public void keep(byte[] settings, boolean keepsUnsettled, Consumer<Optional<KeptLink>> whenDurable) {
        links.keep(settings, keepsUnsettled, whenDurable);
    }

    @Override
    public String address() {
        return spec.address();
    }

    @Override
    public NodeKind kind() {
        return NodeKind.TOPIC;
    }

    @Override
    public Optional<NodeOwner> owner() {
        return spec.owner();
    }

    @Override
    public Loop loop() {
        return partition.loop();
    }

    @Override
    public boolean durable() {
        return durable;
    }

    void onDurable() {
        durable = true;
    }

    @Override
    public long id() {
        return spec.id();
    }

    @Override
    public Partition partition() {
        return partition;
    }

    @Override
    public boolean stored() {
        return spec.stored();
    }

    @Override
    public void admit(Producer producer) {
        subscriptions.forEach(each -> each.queue().fullness().maybeHalt(producer, true));
        loop().memory().admit(producer);
    }

    @Override
    public void addProducers(int more) {
        producers += more;
        maybeEnd();
    }

    void onCreatorLeft() {
        spec.life().ifPresent(TemporaryLife::onCreatorLeft);
        maybeEnd();
    }

    void onSubscriptionGone() {
        maybeEnd();
    }

    TopicSubscriptions subscriptions() {
        return subscriptions;
    }

    /** Whether messages keep it: it goes when its subscriptions have none any more. */
    boolean keptByMessages() {
        return spec.life().filter(TemporaryLife::keptByMessages).isPresent();
    }

    /** The queue of a subscription has become empty, and whoever did that may go on with it. */
    void onSubscriptionEmpty() {
        loop().post(() -> partition.guard(this::maybeEnd));
    }

    /** A node that was made for a link goes when nothing keeps it any more. */
    private void maybeEnd() {
        if (!deleted
                && spec.life().isPresent()
                && spec.life().get().isOver(producers + subscriptions.size(), isEmpty() ? 0 : 1)) {
            partition.nodes().delete(this);
        }
    }

    // ---- Messages

    @Override
    public int mostUnderWay() {
        return Integer.MAX_VALUE;
    }

    Intake intake() {
        return intake;
    }

    NodeSettings settings() {
        return settings;
    }

    TopicCommits commits() {
        return commits;
    }

    /** Whether it knows copies by their ids. Any thread. */
    boolean tellsCopies() {
        return settings.policy().deduplication().enabled();
    }

    /** Its settings have changed: they count for what comes from now on, here and in its subscriptions. */
    void onPolicyChanged() {
        intake.changed(settings.policy());
        subscriptions.forEach(subscription -> giveSettings(subscription.queue()));
        subscriptions.announce();
    }

    void giveSettings(QueueNode queue) {
        queue.settings().inForceAsOf(settings);
        queue.onPolicyChanged();
    }

    /** Whether none of its subscriptions holds a message. */
    boolean isEmpty() {
        return subscriptions.stream().allMatch(each -> each.queue().isEmpty());
    }

    /** Why a subscription that takes the message has no room for it. */
    private Optional<AmqpError> refusal(Publication publication) {
        BrokerMessage message = publication.message();
        return subscriptions.stream()
                .map(each -> each.queue()
                        .fullness()
                        .refusal(publication)
                        .filter(full ->
                                each.takes(message, publication.producer().containerId())))
                .flatMap(Optional::stream)
                .findFirst()
                .filter(full -> !intake.isCopy(publication));
    }

    @Override
    public void publish(Publication publication) {
        commits.publish(publication);
    }

    /**
     * Publishes a message that does not have to wait for others. A copy is none for those either who get it from here.
     */
    void publishNow(Publication publication) {
        if (deleted) {
            publication.onDeleted();
            return;
        }
        Optional<AmqpError> refusal = refusal(publication);
        if (refusal.isPresent()) {
            publication.onRefused(refusal.get());
            return;
        }
        List<String> others =
                intake.isCopy(publication) ? List.of() : matchingPatterns().addresses();
        if (others.isEmpty()) {
            enterHere(publication, publication);
        } else if (commits.wants(publication)) {
            commits.commit(publication, others);
        } else {
            publishJointly(publication, others);
        }
    }

    /** The publisher hears of it when it is in all of them. */
    private void publishJointly(Publication publication, List<String> others) {
        AtomicInteger pending = new AtomicInteger(1 + others.size());
        Runnable whenStored = () -> {
            if (pending.decrementAndGet() == 0) {
                publication.onStored();
            }
        };
        if (enterHere(publication, new SharedPublication(publication, Optional.empty(), whenStored))) {
            Publication forwarded = new SharedPublication(publication, Optional.of(address()), whenStored);
            for (String other : others) {
                Partition there = partition.all().of(other);
                there.loop().run(() -> there.publishToPattern(other, forwarded));
            }
        }
    }

    private boolean enterHere(Publication publication, Publication its) {
        if (!partition.guard(() -> arrival(its).happen(its, partition))) {
            publication.onStopped(partition.problem().orElseThrow());
            return false;
        }
        subscriptions.forEach(each -> each.queue().fullness().maybeHalt(publication));
        return true;
    }

    /** The queues of the subscriptions that take a message; none for a copy. */
    List<QueueNode> takers(Publication publication) {
        if (intake.isCopy(publication)) {
            return List.of();
        }
        String containerId = publication.producer().containerId();
        return subscriptions.stream()
                .filter(each -> each.takes(publication.message(), containerId))
                .map(TopicSubscription::queue)
                .toList();
    }

    /** Takes a message for this topic's own subscriptions; those with wildcards are for the caller to find. */
    void publishHere(Publication publication) {
        if (!deleted) {
            partition.guard(() -> arrival(publication).happen(publication, partition));
            subscriptions.forEach(each -> each.queue().fullness().maybeHalt(publication.producer(), true));
        }
    }

    /** The topics with wildcards that this one falls under, and that have subscriptions. */
    TopicPatterns.Matching matchingPatterns() {
        if (isPattern() || Addresses.isTemporary(address())) {
            return TopicPatterns.Matching.NONE;
        }
        TopicPatterns patterns = partition.all().patterns();
        long version = patterns.version();
        if (version != patternsVersion) {
            matchingPatterns = patterns.matching(address());
            patternsVersion = version;
        }
        return matchingPatterns;
    }

    /** Whether it stands for all topics that match it; nothing is sent to it then, it is only subscribed to. */
    public boolean isPattern() {
        return pattern.isPresent();
    }

    /** Gives a message its place in the subscriptions that take it. */
    private Arrival arrival(Publication publication) {
        if (intake.isCopy(publication)) {
            return Arrival.OF_NOTHING;
        }
        BrokerMessage message = publication.message();
        String containerId = publication.producer().containerId();
        List<TopicSubscription> takers = new ArrayList<>();
        long[] storing = new long[subscriptions.size()];
        int storingCount = 0;
        for (TopicSubscription subscription : subscriptions) {
            if (subscription.takes(message, containerId)) {
                takers.add(subscription);
                if (message.durable() && subscription.lasting()) {
                    storing[storingCount++] = subscription.queue().id();
                }
            }
        }
        MessageTraits traits = intake.traits(publication);
        long sequence = partition.nextSequence();
        takers.forEach(taker -> taker.queue().fullness().onComing(message.sizeBytes()));
        Optional<LogOperation> record = storingCount == 0
                ? Optional.empty()
                : Optional.of(new LogOperation.Published(
                        id(),
                        sequence,
                        Arrays.copyOf(storing, storingCount),
                        TraitsCodec.encode(traits),
                        message.stored()));
        return new Arrival(
                intake.take(publication, record),
                storingCount < takers.size(),
                () -> enter(sequence, message, traits, takers));
    }

    private boolean enter(
            long sequence, BrokerMessage published, MessageTraits traits, List<TopicSubscription> takers) {
        BrokerMessage message = takers.size() > 1 ? published.sharedIn(loop().memory()) : published;
        for (TopicSubscription taker : takers) {
            taker.queue().fullness().onCome(message.sizeBytes());
            if (!taker.queue().enter(sequence, message, traits, message.durable() && taker.lasting())) {
                return false;
            }
        }
        return true;
    }

    /** The topic goes, with its subscriptions. */
    void onDeleted() {
        deleted = true;
        links.onDeleted();
        subscriptions.removeAll();
        partition.loop().figures().addTopics(-1);
    }
}
