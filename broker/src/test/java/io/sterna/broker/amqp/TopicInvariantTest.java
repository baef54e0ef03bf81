package io.sterna.broker.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.amqp.messaging.TerminusDurability;
import org.apache.qpid.proton.amqp.messaging.TerminusExpiryPolicy;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random publishers and durable subscriptions, to topics and to patterns, over crashes. What holds whatever happens: a
 * durable message that was accepted after a subscription was there is in it until that subscription accepts it, in order,
 * and never comes again after that.
 */
class TopicInvariantTest {
    private static final int STEPS = 120;
    private static final List<String> TOPICS = List.of("a.x", "a.y", "b.x");
    private static final List<String> SUBSCRIBED = List.of("a.x", "a.*", "*.x", "#", "b.x");

    /** What the test knows of a subscription: what it must have, what it may have, and what it must not see again. */
    private static final class Model {
        final String topic;
        final TreeSet<Integer> due = new TreeSet<>();
        final TreeSet<Integer> possible = new TreeSet<>();
        final TreeSet<Integer> settled = new TreeSet<>();

        Model(String topic) {
            this.topic = topic;
        }

        boolean wants(String published) {
            return switch (topic) {
                case "#" -> true;
                case "a.*" -> published.startsWith("a.");
                case "*.x" -> published.endsWith(".x");
                default -> topic.equals(published);
            };
        }
    }

    private final Map<String, Model> models = new LinkedHashMap<>();
    private final Map<Integer, String> topics = new LinkedHashMap<>();
    private Simulation broker = new Simulation(0);
    private Random random = new Random(0);
    private Peer publisher = broker.connect(0);
    private int number;
    private int deliveryId;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
    void shouldKeepWhatWasAcceptedWhenTheBrokerCrashes(long seed) {
        run(seed);
    }

    @Tag("long")
    @ParameterizedTest
    @ValueSource(longs = {1_000, 2_000, 3_000, 4_000})
    void shouldKeepWhatWasAcceptedWhenTheBrokerCrashesOverAndOver(long from) {
        for (long seed = from; seed < from + 250; seed++) {
            models.clear();
            run(seed);
        }
    }

    private void run(long seed) {
        broker = new Simulation(seed);
        random = new Random(seed);
        connectPublisher();
        for (int step = 0; step < STEPS; step++) {
            switch (random.nextInt(12)) {
                case 0 -> subscribe();
                case 1 -> unsubscribe();
                case 2, 3 -> receive(random.nextInt(5));
                case 4 -> crash();
                default -> publish(1 + random.nextInt(4));
            }
        }
        crash();
        while (!models.isEmpty()) {
            receive(Integer.MAX_VALUE);
        }
        broker.settle();
        assertThat(broker.partitions().totals().messages()).isZero();
    }

    private void connectPublisher() {
        publisher = broker.connect(random.nextInt(2));
        for (int handle = 0; handle < TOPICS.size(); handle++) {
            Attach attach = Peer.sender("to-" + handle, handle, TOPICS.get(handle));
            ((Target) attach.getTarget()).setCapabilities(Symbol.valueOf("topic"));
            publisher.say(attach);
        }
        broker.settle();
        deliveryId = 0;
    }

    private Peer attach(String name, String topic) {
        Peer peer = broker.connectSilently(random.nextInt(2));
        peer.open("client");
        peer.begin();
        Source source = Peer.source(topic);
        source.setCapabilities(Symbol.valueOf("topic"));
        source.setDurable(TerminusDurability.UNSETTLED_STATE);
        source.setExpiryPolicy(TerminusExpiryPolicy.NEVER);
        peer.say(Peer.receiver(name, 0, source));
        broker.settle();
        assertThat(peer.last(Attach.class).getSource())
                .as("the source of %s", name)
                .isNotNull();
        return peer;
    }

    /** New, or to another topic than before, which is a new one too. */
    private void subscribe() {
        String name = "s" + random.nextInt(4);
        String topic = SUBSCRIBED.get(random.nextInt(SUBSCRIBED.size()));
        attach(name, topic).cut();
        broker.settle();
        Model former = models.get(name);
        if (former == null || !former.topic.equals(topic)) {
            models.put(name, new Model(topic));
        }
    }

    private void unsubscribe() {
        if (models.isEmpty()) {
            return;
        }
        String name = models.keySet().iterator().next();
        Peer peer = attach(name, models.remove(name).topic);
        peer.detach(0, true);
        broker.settle();
    }

    /** Some of them while others are still on their way. */
    private void publish(int count) {
        Map<Integer, Integer> numberById = new LinkedHashMap<>();
        for (int n = 0; n < count; n++) {
            int handle = random.nextInt(TOPICS.size());
            topics.put(++number, TOPICS.get(handle));
            numberById.put(deliveryId, number);
            publisher.transfer(handle, deliveryId++, TestMessages.durable(number));
        }
        if (random.nextInt(4) == 0) {
            for (int turns = random.nextInt(30); turns > 0; turns--) {
                broker.step();
            }
        } else {
            broker.settle();
        }
        List<Integer> accepted = publisher.accepted();
        numberById.forEach((id, sent) -> models.values().stream()
                .filter(model -> model.wants(topics.get(sent)))
                .forEach(model -> (accepted.contains(id) ? model.due : model.possible).add(sent)));
        if (numberById.keySet().stream().anyMatch(id -> !accepted.contains(id))) {
            crash();
        }
    }

    private void crash() {
        broker.crashAndRestart();
        connectPublisher();
    }

    /** Takes all that a subscription has, and settles as many. */
    private void receive(int settling) {
        if (models.isEmpty()) {
            return;
        }
        List<String> names = new ArrayList<>(models.keySet());
        String name = names.get(random.nextInt(names.size()));
        Model model = models.get(name);
        Peer peer = attach(name, model.topic);
        peer.flow(0, 0, 10_000, false);
        broker.settle();
        List<Integer> came = peer.numbers();
        assertThat(came).as("none twice").doesNotHaveDuplicates().noneMatch(model.settled::contains);
        assertThat(new TreeSet<>(came).containsAll(model.due))
                .as("nothing is lost")
                .isTrue();
        assertThat(came)
                .as("what was sent")
                .allMatch(each -> model.due.contains(each) || model.possible.contains(each));
        for (String topic : TOPICS) {
            assertThat(came.stream().filter(each -> topic.equals(topics.get(each))))
                    .as("order within a topic")
                    .isSorted();
        }
        int count = Math.min(settling, came.size());
        if (count > 0) {
            peer.dispose(0, count - 1, true, Accepted.getInstance());
        }
        if (settling == Integer.MAX_VALUE) {
            models.remove(name);
            peer.detach(0, true);
        } else {
            peer.detach(0, false);
        }
        broker.settle();
        model.settled.addAll(came.subList(0, count));
        came.subList(0, count).forEach(each -> {
            model.due.remove(each);
            model.possible.remove(each);
        });
    }
}
