package io.sterna.broker.partition;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Where subscriptions are that have a name: a name belongs to one topic at a time, and an unsubscribe does not say
 * which. Each name has a home, the loop that its hash gives, where what is done with it happens one after the other.
 * Any thread.
 */
public final class SubscriptionNames {
    private final Function<String, Partition> partitions;
    private final Map<Loop, Map<String, Name>> namesByHome = new HashMap<>();

    /** A name that is in use, or that somebody is busy with. Owned by its home. */
    private static final class Name {
        private final ArrayDeque<Runnable> waiting = new ArrayDeque<>(1);
        private Optional<Location> location = Optional.empty();
        private boolean busy;
    }

    private record Location(String topic, long nodeId) {}

    /**
     * What is known of a subscription that lasts.
     *
     * @param topic its address
     */
    public record Known(String topic, SubscriptionSettings settings) {}

    SubscriptionNames(Iterable<Loop> loops, Function<String, Partition> partitions) {
        this.partitions = partitions;
        loops.forEach(loop -> namesByHome.put(loop, new HashMap<>()));
    }

    private Loop home(SubscriptionId id) {
        return partitions.apply(id.key()).loop();
    }

    private Map<String, Name> names(Loop home) {
        Map<String, Name> names = namesByHome.get(home);
        if (names == null) {
            throw new IllegalStateException("a loop that is not known");
        }
        return names;
    }

    /**
     * A subscription that the store has kept.
     *
     * @param running whether the loops have begun
     */
    void recover(SubscriptionId id, String topic, long nodeId, boolean running) {
        Loop home = home(id);
        Runnable task = () -> names(home).computeIfAbsent(id.key(), key -> new Name()).location =
                Optional.of(new Location(topic, nodeId));
        if (running) {
            home.run(task);
        } else {
            task.run();
        }
    }

    /** Does something with a name when nobody else is busy with it; {@code end} is to be called on its home. */
    private void use(SubscriptionId id, Task task) {
        Loop home = home(id);
        home.run(() -> {
            Name name = names(home).computeIfAbsent(id.key(), key -> new Name());
            if (name.busy) {
                name.waiting.addLast(() -> start(home, id, name, task));
            } else {
                start(home, id, name, task);
            }
        });
    }

    private interface Task {
        void run(Loop home, Name name, Runnable end);
    }

    private void start(Loop home, SubscriptionId id, Name name, Task task) {
        name.busy = true;
        task.run(home, name, () -> {
            name.busy = false;
            Runnable next = name.waiting.pollFirst();
            if (next != null) {
                next.run();
            } else {
                forgetIfUnused(home, id, name);
            }
        });
    }

    private void forgetIfUnused(Loop home, SubscriptionId id, Name name) {
        if (!name.busy && name.location.isEmpty()) {
            names(home).remove(id.key(), name);
        }
    }

    /** The subscription is gone, if it is still this one that has the name. */
    void forget(SubscriptionId id, long nodeId) {
        Loop home = home(id);
        home.run(() -> {
            Name name = names(home).get(id.key());
            if (name != null
                    && name.location.filter(at -> at.nodeId() == nodeId).isPresent()) {
                name.location = Optional.empty();
                forgetIfUnused(home, id, name);
            }
        });
    }

    /**
     * Finds or makes a subscription to a topic. One of the same name to another topic is deleted, unless it is in use.
     *
     * @param answer called on any loop
     */
    public void open(String topic, SubscriptionRequest request, Consumer<Subscribing> answer) {
        Optional<SubscriptionSettings> named = request.named();
        if (named.isEmpty()) {
            openAt(topic, request, answer);
            return;
        }
        use(named.get().id(), (home, name, end) -> {
            Runnable there = () -> openAt(
                    topic,
                    request,
                    found -> home.run(() -> {
                        if (found instanceof Subscribing.Seated seated) {
                            name.location = Optional.of(
                                    new Location(topic, seated.seat().queue().id()));
                        }
                        answer.accept(found);
                        end.run();
                    }));
            if (name.location.filter(at -> !at.topic().equals(topic)).isEmpty()) {
                there.run();
                return;
            }
            evict(
                    name.location.get().topic(),
                    named.get(),
                    refusal -> home.run(() -> {
                        if (refusal.isPresent()) {
                            answer.accept(refusal.get());
                            end.run();
                        } else {
                            name.location = Optional.empty();
                            there.run();
                        }
                    }));
        });
    }

    private void openAt(String topic, SubscriptionRequest request, Consumer<Subscribing> answer) {
        Partition partition = partitions.apply(topic);
        partition.loop().run(() -> partition.subscribe(topic, request, answer));
    }

    private void evict(String topic, SubscriptionSettings settings, Consumer<Optional<Subscribing>> answer) {
        Partition partition = partitions.apply(topic);
        partition.loop().run(() -> partition.evict(topic, settings, answer));
    }

    /**
     * Finds a subscription that lasts.
     *
     * @param answer called on any loop
     */
    public void find(SubscriptionId id, Consumer<Optional<Known>> answer) {
        use(id, (home, name, end) -> {
            if (name.location.isEmpty()) {
                answer.accept(Optional.empty());
                end.run();
                return;
            }
            String topic = name.location.get().topic();
            Partition partition = partitions.apply(topic);
            partition.loop().run(() -> {
                Optional<Known> known = partition.subscription(topic, id).map(found -> new Known(topic, found));
                home.run(() -> {
                    answer.accept(known);
                    end.run();
                });
            });
        });
    }

    /**
     * Deletes a subscription that lasts, unless somebody receives from it.
     *
     * @param answer called on any loop
     */
    public void delete(SubscriptionId id, Consumer<Unsubscribing> answer) {
        use(id, (home, name, end) -> {
            if (name.location.isEmpty()) {
                answer.accept(new Unsubscribing.Absent());
                end.run();
                return;
            }
            String topic = name.location.get().topic();
            Partition partition = partitions.apply(topic);
            partition
                    .loop()
                    .run(() -> partition.unsubscribe(
                            topic,
                            id,
                            result -> home.run(() -> {
                                if (result instanceof Unsubscribing.Deleted) {
                                    name.location = Optional.empty();
                                }
                                answer.accept(result);
                                end.run();
                            })));
        });
    }
}
