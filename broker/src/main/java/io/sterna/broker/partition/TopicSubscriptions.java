package io.sterna.broker.partition;

import io.sterna.broker.config.AddressPattern;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The subscriptions of a topic: how they come, which one a name means, how they go. Owned by the partition's loop. */
final class TopicSubscriptions implements Iterable<TopicSubscription> {
    private final TopicNode topic;
    private final Partition partition;
    private final Optional<AddressPattern> pattern;

    /** In the order in which they were made, and so of their ids. */
    private final Set<TopicSubscription> all = new LinkedHashSet<>();

    private final Map<String, TopicSubscription> named = new HashMap<>();

    /** @param pattern the topics that the topic stands for, if it is one with wildcards */
    TopicSubscriptions(TopicNode topic, Optional<AddressPattern> pattern) {
        this.topic = topic;
        this.pattern = pattern;
        partition = topic.partition();
    }

    @Override
    public Iterator<TopicSubscription> iterator() {
        return all.iterator();
    }

    Stream<TopicSubscription> stream() {
        return all.stream();
    }

    int size() {
        return all.size();
    }

    /** Links on which clients receive from them. */
    int consumers() {
        return all.stream()
                .mapToInt(each -> each.queue().queue().figures().consumers())
                .sum();
    }

    /** Finds or makes a subscription; the answer comes when it is there for good. */
    void open(SubscriptionRequest request, Consumer<Subscribing> answer) {
        Optional<Subscribing> refusal = request.named().flatMap(this::refusal);
        if (refusal.isPresent()) {
            answer.accept(refusal.get());
            return;
        }
        TopicSubscription existing =
                request.named().map(settings -> named.get(settings.id().key())).orElse(null);
        if (existing != null
                && !existing.named().orElseThrow().choosesAs(request.named().get())) {
            remove(existing); // Recreated; what it has gathered was chosen by other rules.
            existing = null;
        }
        TopicSubscription subscription = existing == null ? create(request) : existing;
        subscription.enter();
        partition.afterAppendedOrGone(
                () -> answer.accept(stopped().orElseGet(() -> new Subscribing.Seated(subscription))));
    }

    private Optional<Subscribing> stopped() {
        return partition.problem().map(Subscribing.Stopped::new);
    }

    /** Why a subscription can't be had as it is asked for. */
    private Optional<Subscribing> refusal(SubscriptionSettings asked) {
        TopicSubscription existing = named.get(asked.id().key());
        if (existing == null) {
            return Optional.empty();
        }
        SubscriptionSettings there = existing.named().orElseThrow();
        String name = "the subscription " + asked.id().name();
        if (there.shared() != asked.shared()) {
            return Optional.of(new Subscribing.Unfit(
                    name + " is " + (there.shared() ? "shared" : "not shared") + "; take another name, or delete it"));
        }
        if (existing.inUse() && !there.shared()) {
            return Optional.of(new Subscribing.InUse(name + " has a subscriber, and it is not shared"));
        }
        if (existing.inUse() && !there.choosesAs(asked)) {
            return Optional.of(new Subscribing.InUse(name + " has subscribers, with another selector"));
        }
        return Optional.empty();
    }

    private TopicSubscription create(SubscriptionRequest request) {
        QueueNode queue = partition.nodes().createSubscription(topic, request.named());
        return add(queue, request);
    }

    /** A subscription that the store has kept; before the partition starts. */
    void recover(QueueNode queue, SubscriptionSettings settings) {
        add(queue, SubscriptionRequest.of(settings));
        Partitions partitions = partition.all();
        partitions.subscriptions().recover(settings.id(), topic.address(), queue.id(), partitions.running());
    }

    private TopicSubscription add(QueueNode queue, SubscriptionRequest request) {
        if (topic.settings().changed()) {
            topic.giveSettings(queue);
        }
        if (topic.keptByMessages()) {
            queue.whenEmpty(topic::onSubscriptionEmpty);
        }
        TopicSubscription subscription = new TopicSubscription(topic, queue, request);
        all.add(subscription);
        announce();
        request.named().ifPresent(settings -> named.put(settings.id().key(), subscription));
        return subscription;
    }

    /** Says what topics that the pattern matches have to know. */
    void announce() {
        TopicPatterns patterns = partition.all().patterns();
        if (pattern.isPresent() && all.isEmpty()) {
            patterns.remove(topic.address());
        } else if (pattern.isPresent()) {
            boolean rejecting =
                    all.stream().anyMatch(each -> each.queue().fullness().rejects());
            patterns.put(topic.address(), pattern.get(), rejecting);
        }
    }

    /** The place of a subscriber whose link the store has kept; before the partition starts. */
    Optional<Seat> restoreSeat(QueueNode queue) {
        Optional<TopicSubscription> found = all.stream()
                .filter(subscription -> subscription.queue() == queue)
                .findFirst();
        found.ifPresent(TopicSubscription::enter);
        return found.map(Seat.class::cast);
    }

    void remove(TopicSubscription subscription) {
        if (!all.remove(subscription)) {
            return;
        }
        subscription.named().ifPresent(settings -> {
            named.remove(settings.id().key(), subscription);
            partition
                    .all()
                    .subscriptions()
                    .forget(settings.id(), subscription.queue().id());
        });
        partition.nodes().delete(subscription.queue());
        announce();
        topic.onSubscriptionGone();
    }

    /** Deletes the subscription that has this queue, whoever receives from it. */
    void remove(QueueNode queue) {
        all.stream()
                .filter(subscription -> subscription.queue() == queue)
                .findFirst()
                .ifPresent(this::remove);
    }

    /** The topic goes. */
    void removeAll() {
        List.copyOf(all).forEach(this::remove);
    }

    /** Deletes a subscription, unless somebody receives from it. */
    void delete(SubscriptionId id, Consumer<Unsubscribing> answer) {
        TopicSubscription subscription = named.get(id.key());
        if (subscription == null) {
            answer.accept(new Unsubscribing.Absent());
        } else if (subscription.inUse()) {
            answer.accept(new Unsubscribing.InUse());
        } else {
            remove(subscription);
            partition.afterAppendedOrGone(() -> answer.accept(partition
                    .problem()
                    .<Unsubscribing>map(Unsubscribing.Stopped::new)
                    .orElseGet(Unsubscribing.Deleted::new)));
        }
    }

    /** Deletes a subscription in favour of one of the same name to another topic; the answer is empty, or why not. */
    void evict(SubscriptionSettings other, Consumer<Optional<Subscribing>> answer) {
        TopicSubscription subscription = named.get(other.id().key());
        if (subscription == null) {
            answer.accept(Optional.empty());
        } else if (subscription.inUse()) {
            answer.accept(Optional.of(new Subscribing.InUse(
                    "the subscription " + other.id().name() + " to " + topic.address() + " has a subscriber")));
        } else {
            Optional<Subscribing> refusal = refusal(other);
            if (refusal.isEmpty()) {
                remove(subscription);
            }
            partition.afterAppendedOrGone(() -> answer.accept(stopped().or(() -> refusal)));
        }
    }

    /** What is known of a subscription that lasts. */
    Optional<SubscriptionSettings> settings(SubscriptionId id) {
        return Optional.ofNullable(named.get(id.key())).flatMap(TopicSubscription::named);
    }
}
