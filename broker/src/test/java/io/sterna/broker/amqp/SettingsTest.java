package io.sterna.broker.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.broker.management.ManagementAnswer;
import io.sterna.broker.management.ManagementRequest;
import io.sterna.broker.management.ManagementRequest.Operation;
import io.sterna.broker.management.Manager;
import io.sterna.broker.partition.NodeKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Modified;
import org.apache.qpid.proton.amqp.messaging.Rejected;
import org.apache.qpid.proton.amqp.messaging.Released;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Settings that are given to nodes by management, while they live and over crashes, in virtual time. */
class SettingsTest {
    private static final String DEAD_LETTERS = "/$deadletterqueue";

    private final Simulation broker = new Simulation(
            5, "queues.policies=[{match=\"limited.#\", max-length=5, overflow=reject}, {match=\"ring.#\", ring=3}]");
    private String queue = "";
    private Peer producer = broker.connect(0);
    private int sent;

    @BeforeEach
    void start() {
        broker.pass(1_000);
        queue = broker.addressOn(0, "queue");
        producerTo(queue);
    }

    private void producerTo(String address) {
        producer = broker.connect(1);
        producer.send(address, 9);
        broker.settle();
        sent = 0;
    }

    private void crash() {
        broker.crashAndRestart();
        producerTo(queue);
    }

    private void send(int number) {
        producer.transfer(9, sent++, TestMessages.durable(number));
        broker.settle();
    }

    private Peer consume(String from, int credit) {
        return broker.consumer(1, from, credit);
    }

    private void dispose(Peer consumer, int delivery, DeliveryState state) {
        consumer.dispose(delivery, delivery, true, state);
        broker.settle();
    }

    // ---- Management

    private ManagementAnswer ask(Operation operation, NodeKind kind, String address, Object... settings) {
        Map<String, Optional<Object>> given = new HashMap<>();
        for (int i = 0; i < settings.length; i += 2) {
            given.put((String) settings[i], Optional.ofNullable(settings[i + 1]));
        }
        return broker.manage(new ManagementRequest(operation, Optional.of(kind), address, Map.of(), given));
    }

    private Map<String, Object> update(String address, Object... settings) {
        ManagementAnswer answer = ask(Operation.UPDATE, NodeKind.QUEUE, address, settings);
        assertThat(answer.status()).as(answer.description()).isEqualTo(200);
        return answer.body();
    }

    private Map<String, Object> read(String address) {
        return ask(Operation.READ, NodeKind.QUEUE, address).body();
    }

    private static Object source(Map<String, Object> body, String key) {
        return ((Map<?, ?>) body.get("settings-from")).get(key);
    }

    // ---- Values and where they come from

    @Test
    void shouldShowEffectiveValuesAndWhereTheyComeFrom() {
        ask(Operation.CREATE, NodeKind.QUEUE, "limited.a", "max-bytes", "1 KiB", "lock-duration", 5);

        Map<String, Object> body = read("limited.a");

        assertThat(body)
                .containsEntry("max-length", 5L)
                .containsEntry("max-bytes", 1024L)
                .containsEntry("overflow", "reject")
                .containsEntry("lock-duration", 5L)
                .containsEntry("max-deliveries", 10);
        assertThat(source(body, "max-length")).isEqualTo("configuration");
        assertThat(source(body, "max-bytes")).isEqualTo("management");
        assertThat(source(body, "max-deliveries")).isEqualTo("default");
    }

    @Test
    void shouldTakeBackWhatIsReadAsItWas() {
        ask(Operation.CREATE, NodeKind.QUEUE, "a", "ring", 7, "default-ttl", "3 s", "expired", "drop");
        Map<String, Object> shown = read("a");
        Map<?, ?> sources = (Map<?, ?>) shown.get("settings-from");
        List<Object> given = new ArrayList<>();
        shown.forEach((key, value) -> {
            if (sources.containsKey(key)) {
                given.add(key);
                given.add(value);
            }
        });

        assertThat(ask(Operation.CREATE, NodeKind.QUEUE, "b", given.toArray()).status())
                .isEqualTo(201);
        Map<String, Object> copy = new HashMap<>(read("b"));
        copy.keySet().retainAll(sources.keySet());
        assertThat(shown).containsAllEntriesOf(copy);
        assertThat(copy).containsEntry("max-length", 7L).containsEntry("overflow", "drop-oldest");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldGoBackToTheConfigurationWhenAValueIsRemoved(boolean crash) {
        ask(Operation.CREATE, NodeKind.QUEUE, "ring.a", "max-length", 100, "max-ttl", 9_000);
        if (crash) {
            broker.crashAndRestart();
        }
        assertThat(update("ring.a", "ring", null, "max-ttl", null))
                .containsEntry("max-length", 3L)
                .containsEntry("max-ttl", 0L);
        if (crash) {
            broker.crashAndRestart();
        }
        assertThat(source(read("ring.a"), "max-length")).isEqualTo("configuration");
        assertThat(source(read("ring.a"), "max-ttl")).isEqualTo("default");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "max-lenght    | 5     | settings.max-lenght is not a known key here; known are max-length,",
                "max-length    | -1    | settings.max-length = \"-1\": allowed is a whole number from 0 to",
                "overflow      | drop  | settings.overflow = \"drop\": allowed is one of block, dead-letter, drop-oldest",
                "min-ttl       | 9 s   | settings.min-ttl = 9 s: allowed is at most max-ttl, 8 s",
                "match         | a     | settings.match is not a known key here"
            })
    void shouldRefuseWhatMakesNoSenseAndChangeNothing(String key, String value, String reason) {
        update(queue, "max-ttl", "8 s");
        Map<String, Object> before = read(queue);

        ManagementAnswer answer = ask(Operation.UPDATE, NodeKind.QUEUE, queue, "max-deliveries", 3, key, value);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.description()).startsWith(reason);
        assertThat(read(queue)).isEqualTo(before);
    }

    @Test
    void shouldRefuseValuesOfOtherTypesAndKeysThatANodeHasNoUseFor() {
        assertThat(ask(Operation.UPDATE, NodeKind.QUEUE, queue, "ring", List.of(1))
                        .description())
                .isEqualTo("settings.ring: allowed is a text, a number, or true or false");
        assertThat(ask(Operation.CREATE, NodeKind.TOPIC, "t", "auto-delete", 5).status())
                .isEqualTo(400);
        assertThat(ask(Operation.CREATE, NodeKind.QUEUE, "q" + DEAD_LETTERS, "max-deliveries", 5)
                        .status())
                .isEqualTo(400);
        assertThat(ask(Operation.CREATE, NodeKind.QUEUE, "q" + DEAD_LETTERS, "max-length", 5)
                        .body())
                .containsEntry("max-length", 5L)
                .doesNotContainKey("max-deliveries");
        assertThat(ask(Operation.UPDATE, NodeKind.QUEUE, "q" + DEAD_LETTERS, "overflow", "dead-letter")
                        .status())
                .isEqualTo(400);
    }

    @Test
    void shouldConfirmWhatIsThereOnlyWithTheSameSettings() {
        assertThat(ask(Operation.CREATE, NodeKind.QUEUE, "a", "max-length", 5).status())
                .isEqualTo(201);
        assertThat(ask(Operation.CREATE, NodeKind.QUEUE, "a", "max-length", "5").status())
                .isEqualTo(200);
        assertThat(ask(Operation.CREATE, NodeKind.QUEUE, "a").status()).isEqualTo(200);
        assertThat(ask(Operation.CREATE, NodeKind.QUEUE, "a", "max-length", 6).status())
                .isEqualTo(409);
        assertThat(ask(Operation.UPDATE, NodeKind.QUEUE, "nowhere", "max-length", 6)
                        .status())
                .isEqualTo(404);
        assertThat(ask(Operation.UPDATE, NodeKind.TOPIC, "a", "max-length", 6).status())
                .isEqualTo(404);
        assertThat(ask(Operation.UPDATE, NodeKind.SUBSCRIPTION, "a/subscriptions/b", "max-length", 6)
                        .status())
                .isEqualTo(501);
    }

    /** It is in force, and told of, only when it can't be lost. */
    @Test
    void shouldKeepTheOldSettingsWhenTheChangeWasLost() {
        broker.store().holdBack();
        List<ManagementAnswer> answers = new ArrayList<>();
        new Manager(broker.partitions())
                .handle(
                        new ManagementRequest(
                                Operation.UPDATE,
                                Optional.of(NodeKind.QUEUE),
                                queue,
                                Map.of(),
                                Map.of("max-length", Optional.of(5))),
                        answers::add);
        broker.settle();
        assertThat(answers).isEmpty();
        assertThat(read(queue)).containsEntry("max-length", 0L);
        broker.crashAndRestart();
        assertThat(read(queue)).containsEntry("max-length", 0L);
    }

    @Test
    void shouldAddUpChangesThatAreUnderWayTogether() {
        Manager manager = new Manager(broker.partitions());
        List<ManagementAnswer> answers = new ArrayList<>();
        for (String key : List.of("max-length", "max-bytes", "max-deliveries")) {
            manager.handle(
                    new ManagementRequest(
                            Operation.UPDATE,
                            Optional.of(NodeKind.QUEUE),
                            queue,
                            Map.of(),
                            Map.of(key, Optional.of(50))),
                    answers::add);
        }
        broker.settle();
        assertThat(answers).hasSize(3).allMatch(answer -> answer.status() == 200);
        broker.crashAndRestart();
        assertThat(read(queue))
                .containsEntry("max-length", 50L)
                .containsEntry("max-bytes", 50L)
                .containsEntry("max-deliveries", 50);
    }

    @Test
    void shouldShowHowFastMessagesWentThroughInTheLastInterval() {
        for (int number = 0; number < 30; number++) {
            send(number);
        }
        Peer consumer = consume(queue, 20);
        consumer.dispose(0, 9, true, Accepted.getInstance());
        broker.settle();
        assertThat(read(queue)).containsEntry("enqueued", 30L).containsEntry("enqueuedPerSecond", 0.0);
        broker.pass(10_000);
        assertThat(read(queue))
                .containsEntry("enqueued", 30L)
                .containsEntry("delivered", 20L)
                .containsEntry("acknowledged", 10L)
                .containsEntry("enqueuedPerSecond", 3.0)
                .containsEntry("deliveredPerSecond", 2.0)
                .containsEntry("acknowledgedPerSecond", 1.0);
        broker.pass(10_000);
        assertThat(read(queue)).containsEntry("enqueuedPerSecond", 0.0);
        send(30);
        broker.pass(10_000);
        assertThat(read(queue)).containsEntry("enqueuedPerSecond", 0.1);
    }

    // ---- What they do to a queue that lives

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldRejectWhatComesWhenTheLimitIsLowered(boolean crash) {
        for (int number = 0; number < 4; number++) {
            send(number);
        }
        update(queue, "max-length", 2, "overflow", "reject");
        if (crash) {
            crash();
        }
        send(4);
        assertThat(producer.last(Disposition.class).getState()).isInstanceOf(Rejected.class);
        assertThat(consume(queue, 10).numbers()).containsExactly(0, 1, 2, 3);
    }

    @Test
    void shouldMakeRoomWithTheNextMessageWhenTheLimitIsLowered() {
        for (int number = 0; number < 6; number++) {
            send(number);
        }
        update(queue, "ring", 2);
        assertThat(read(queue)).containsEntry("messages", 6);
        send(6);
        assertThat(consume(queue, 10).numbers()).containsExactly(5, 6);
    }

    @Test
    void shouldLetProducersGoOnWhenTheLimitIsRaised() {
        update(queue, "max-length", 8);
        producerTo(queue);
        for (int number = 0; number < 8; number++) {
            send(number);
        }
        assertThat(credit()).isZero();
        update(queue, "max-length", 80);
        assertThat(credit()).isPositive();
        update(queue, "max-length", 3);
        while (credit() > 0) {
            send(sent); // What was granted stays so.
        }
        assertThat(sent).isLessThan(20);
        update(queue, "overflow", "reject");
        assertThat(credit()).isPositive();
    }

    private int credit() {
        Flow flow = producer.last(Flow.class);
        return flow.getDeliveryCount().intValue() + flow.getLinkCredit().intValue() - sent;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldTakeBackDeliveriesWhenTheQueueGetsALockDuration(boolean crash) {
        send(0);
        send(1);
        Peer before = consume(queue, 1);
        update(queue, "lock-duration", "5 s");
        if (crash) {
            crash();
        }
        Peer after = consume(queue, 1);
        broker.pass(5_001);
        broker.pass(1);
        assertThat(after.last(Disposition.class).getState()).isInstanceOf(Released.class);
        assertThat(before.heard(Disposition.class)).isEmpty();
    }

    @Test
    void shouldRenewTheLockOfTheDeliveryWithThatTag() {
        update(queue, "lock-duration", "5 s");
        send(0);
        Peer consumer = consume(queue, 1);
        broker.pass(4_000);
        byte[] tag = consumer.last(Transfer.class).getDeliveryTag().getArray();
        ManagementAnswer answer = broker.manage(
                new ManagementRequest(Operation.RENEW_LOCK, Optional.empty(), queue, Map.of("message", tag), Map.of()));
        assertThat(answer.body()).containsEntry("lockedUntil", broker.nowMillis() + 5_000);
        broker.pass(4_999);
        assertThat(consumer.heard(Disposition.class)).isEmpty();
        broker.pass(2);
        assertThat(consumer.last(Disposition.class).getState()).isInstanceOf(Released.class);
    }

    @Test
    void shouldCountDeliveriesAsTheQueueSaysNow() {
        send(0);
        send(1);
        update(queue, "max-deliveries", 1, "dead-letter", false);
        Peer consumer = consume(queue, 10);
        Modified failed = new Modified();
        failed.setDeliveryFailed(true);
        dispose(consumer, 0, failed);
        update(queue, "max-deliveries", 5, "dead-letter", true);
        dispose(consumer, 1, failed);
        assertThat(consumer.numbers()).containsExactly(0, 1, 1);
    }

    @Test
    void shouldBoundTheLifeOfWhatComesFromNowOn() {
        send(0);
        update(queue, "max-ttl", "2 s", "expired", "drop");
        send(1);
        broker.pass(2_001);
        broker.pass(1);
        assertThat(consume(queue, 10).numbers()).containsExactly(0);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldKnowCopiesWhenTheQueueGetsAWindowAndThisIsMadeWider(boolean crash) {
        update(queue, "dedup-window", "1 h", "dedup-max-ids", 2);
        for (int number = 0; number < 5; number++) {
            sendWithId(number, number);
        }
        update(queue, "dedup-max-ids", 4);
        for (int number = 5; number < 7; number++) {
            sendWithId(number, number);
        }
        if (crash) {
            crash();
        }
        for (int number = 3; number < 7; number++) {
            sendWithId(100 + number, number);
        }
        sendWithId(102, 2);
        Peer consumer = consume(queue, 8);
        assertThat(consumer.numbers()).containsExactly(0, 1, 2, 3, 4, 5, 6, 102);
        consumer.dispose(0, 7, true, Accepted.getInstance());
        update(queue, "dedup-window", 0);
        sendWithId(200, 102);
        update(queue, "dedup-window", "1 h");
        sendWithId(201, 6);
        if (crash) {
            crash();
        }
        sendWithId(202, 6);
        assertThat(consume(queue, 100).numbers()).containsExactly(200, 201);
    }

    private void sendWithId(int number, int id) {
        org.apache.qpid.proton.message.Message message = org.apache.qpid.proton.message.Message.Factory.create();
        message.setDurable(true);
        message.setMessageId("id-" + id);
        message.setBody(new org.apache.qpid.proton.amqp.messaging.Data(new org.apache.qpid.proton.amqp.Binary(
                java.nio.ByteBuffer.allocate(Integer.BYTES).putInt(number).array())));
        byte[] buffer = new byte[1024];
        producer.transfer(9, sent++, Arrays.copyOf(buffer, message.encode(buffer, 0, buffer.length)));
        broker.settle();
    }

    @Test
    void shouldChangeTheLastValueKeyOnlyWhileThereAreNoMessages() {
        send(0);
        assertThat(ask(Operation.UPDATE, NodeKind.QUEUE, queue, "last-value-key", "symbol")
                        .status())
                .isEqualTo(409);
        dispose(consume(queue, 1), 0, Accepted.getInstance());
        assertThat(update(queue, "last-value-key", "symbol")).containsEntry("last-value-key", "symbol");
    }

    @Test
    void shouldDeleteAnIdleQueueWhenItGetsATimeForThat() {
        producer.detach(9, true);
        broker.settle();
        update(queue, "auto-delete", "10 s");
        broker.pass(9_000);
        update(queue, "auto-delete", "20 s");
        broker.pass(19_000);
        assertThat(ask(Operation.READ, NodeKind.QUEUE, queue).status()).isEqualTo(200);
        broker.pass(1_001);
        broker.pass(1);
        assertThat(ask(Operation.READ, NodeKind.QUEUE, queue).status()).isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldGiveATopicsSettingsToItsSubscriptionsOldAndNew(boolean crash) {
        assertThat(ask(Operation.CREATE, NodeKind.TOPIC, "news").status()).isEqualTo(201);
        Peer first = durableSubscriber("first");
        ManagementAnswer changed =
                ask(Operation.UPDATE, NodeKind.TOPIC, "news", "max-length", 2, "overflow", "drop-oldest");
        assertThat(changed.status()).isEqualTo(200);
        first.detach(0, false);
        broker.settle();
        if (crash) {
            crash();
        }
        Peer second = durableSubscriber("second");
        second.detach(0, false);
        broker.settle();
        producerTo("news");
        for (int number = 0; number < 5; number++) {
            send(number);
        }
        for (String name : List.of("first", "second")) {
            Peer again = durableSubscriber(name);
            again.flow(0, 0, 10, false);
            broker.settle();
            assertThat(again.numbers()).containsExactly(3, 4);
            Map<String, Object> shown = ask(
                            Operation.READ, NodeKind.SUBSCRIPTION, "news/subscriptions/" + name + "|" + name)
                    .body();
            assertThat(shown).containsEntry("max-length", 2L);
            assertThat(source(shown, "max-length")).isEqualTo("management");
        }
    }

    private Peer durableSubscriber(String name) {
        Peer subscriber = broker.connectSilently(1);
        subscriber.open(name);
        subscriber.begin();
        var source = Peer.source("news");
        source.setCapabilities(org.apache.qpid.proton.amqp.Symbol.valueOf("topic"));
        source.setDurable(org.apache.qpid.proton.amqp.messaging.TerminusDurability.UNSETTLED_STATE);
        source.setExpiryPolicy(org.apache.qpid.proton.amqp.messaging.TerminusExpiryPolicy.NEVER);
        subscriber.say(Peer.receiver(name, 0, source));
        broker.settle();
        return subscriber;
    }
}
