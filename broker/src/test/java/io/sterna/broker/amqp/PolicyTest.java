package io.sterna.broker.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.amqp.codec.DecodeException;
import io.sterna.amqp.message.MessageSections;
import io.sterna.broker.management.ManagementAnswer;
import io.sterna.broker.management.ManagementRequest;
import io.sterna.broker.partition.Lookup;
import io.sterna.broker.partition.QueueNode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.ApplicationProperties;
import org.apache.qpid.proton.amqp.messaging.Data;
import org.apache.qpid.proton.amqp.messaging.MessageAnnotations;
import org.apache.qpid.proton.amqp.messaging.Modified;
import org.apache.qpid.proton.amqp.messaging.Rejected;
import org.apache.qpid.proton.amqp.messaging.Released;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.apache.qpid.proton.message.Message;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Delivery times, expiry, failed deliveries and limits, as policies have it, in virtual time. */
class PolicyTest {
    private static final String DEAD_LETTERS = "/$deadletterqueue";

    private Simulation broker = new Simulation(11);
    private String address = "";
    private Peer peer = broker.connect(0);
    private int sent;

    private void start(String policy) {
        broker = new Simulation(11, "queues.policies=[{match=\"#\", " + policy + "}]");
        broker.pass(1_000);
        address = broker.addressOn(0, "q");
        producer();
    }

    private void producer() {
        peer = broker.connect(1);
        peer.send(address, 9);
        broker.settle();
        sent = 0;
    }

    private void send(int number) {
        send(number, message -> {});
    }

    private void send(int number, Consumer<Message> change) {
        Message message = Message.Factory.create();
        message.setDurable(true);
        message.setBody(new Data(
                new Binary(ByteBuffer.allocate(Integer.BYTES).putInt(number).array())));
        change.accept(message);
        byte[] buffer = new byte[4096];
        peer.transfer(9, sent++, Arrays.copyOf(buffer, message.encode(buffer, 0, buffer.length)));
        broker.settle();
    }

    private static Consumer<Message> annotated(String key, Object value) {
        return message -> message.setMessageAnnotations(new MessageAnnotations(Map.of(Symbol.valueOf(key), value)));
    }

    private Peer consume(String from) {
        return consume(from, 100);
    }

    private Peer consume(String from, int credit) {
        return broker.consumer(1, from, credit);
    }

    private void dispose(Peer consumer, int delivery, org.apache.qpid.proton.amqp.transport.DeliveryState state) {
        consumer.dispose(delivery, delivery, true, state);
        broker.settle();
    }

    private static Modified failed(Map<Symbol, Object> annotations) {
        Modified modified = new Modified();
        modified.setDeliveryFailed(true);
        modified.setMessageAnnotations(annotations.isEmpty() ? null : new HashMap<>(annotations));
        return modified;
    }

    private static MessageSections sections(byte[] message) {
        try {
            return MessageSections.scan(message);
        } catch (DecodeException e) {
            throw new AssertionError(e);
        }
    }

    private static String text(byte[] message) {
        return new String(message, StandardCharsets.ISO_8859_1);
    }

    // ---- Delivery times

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldDeliverAtItsTimeAlsoAfterACrash(boolean crash) {
        start("max-deliveries = 10");
        send(0, annotated("x-opt-delivery-time", Date.from(Instant.ofEpochMilli(broker.nowMillis() + 5_000))));
        send(1, annotated("x-opt-delivery-delay", 7_000L));
        send(2);
        if (crash) {
            broker.crashAndRestart();
        }
        Peer consumer = consume(address);
        assertThat(consumer.numbers()).containsExactly(2);
        broker.pass(4_999);
        assertThat(consumer.numbers()).containsExactly(2);
        broker.pass(1);
        broker.pass(1);
        assertThat(consumer.numbers()).containsExactly(2, 0);
        broker.pass(2_000);
        assertThat(consumer.numbers()).containsExactly(2, 0, 1);
    }

    @Test
    void shouldOfferDelayedDelivery() {
        start("max-deliveries = 10");
        Peer other = broker.connectSilently(0);
        other.open("other", "DELAYED_DELIVERY");
        other.begin();
        Attach attach = Peer.sender("sender", 0, address);
        attach.setDesiredCapabilities(new Symbol[] {Symbol.valueOf("DELAYED_DELIVERY")});
        other.say(attach);
        broker.settle();
        assertThat(other.last(org.apache.qpid.proton.amqp.transport.Open.class).getOfferedCapabilities())
                .contains(Symbol.valueOf("DELAYED_DELIVERY"));
        assertThat(other.last(Attach.class).getOfferedCapabilities()).contains(Symbol.valueOf("DELAYED_DELIVERY"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldWaitAfterAFailedDeliveryAlsoAfterACrash(boolean crash) {
        start("redelivery-delay = 2 s");
        send(0);
        Peer consumer = consume(address);
        dispose(consumer, 0, failed(Map.of()));
        if (crash) {
            broker.crashAndRestart();
            consumer = consume(address);
            assertThat(consumer.numbers()).isEmpty();
        } else {
            assertThat(consumer.numbers()).containsExactly(0);
        }
        broker.pass(1_999);
        int before = consumer.numbers().size();
        broker.pass(1);
        broker.pass(1);
        assertThat(consumer.numbers()).hasSize(before + 1);
        assertThat(sections(consumer.messages().get(before)).deliveryCount()).isEqualTo(1);
    }

    @Test
    void shouldWaitUntilTheTimeThatTheConsumerNames() {
        start("max-deliveries = 10");
        send(0);
        Peer consumer = consume(address);
        Date later = Date.from(Instant.ofEpochMilli(broker.nowMillis() + 3_000));
        dispose(consumer, 0, failed(Map.of(Symbol.valueOf("x-opt-delivery-time"), later)));
        broker.pass(2_999);
        assertThat(consumer.numbers()).containsExactly(0);
        broker.pass(2);
        assertThat(consumer.numbers()).containsExactly(0, 0);
    }

    // ---- Expiry

    /** §3.2.1 and §3.2.4; nobody has to ask for it. */
    @Test
    void shouldMoveToTheDeadLettersWhenExpired() {
        start("max-deliveries = 10");
        send(0, message -> message.setTtl(1_000));
        send(1, message -> message.setExpiryTime(broker.nowMillis() + 2_000));
        send(2);
        broker.pass(1_000);
        broker.pass(1);
        Peer deadLetters = consume(address + DEAD_LETTERS);
        assertThat(deadLetters.numbers()).containsExactly(0);
        assertThat(text(deadLetters.messages().get(0)))
                .contains("x-opt-deadletter-reason", "expired", "x-opt-deadletter-source", address);
        broker.pass(1_000);
        assertThat(deadLetters.numbers()).containsExactly(0, 1);
        assertThat(consume(address).numbers()).containsExactly(2);
        broker.pass(1_000_000);
        assertThat(deadLetters.numbers()).containsExactly(0, 1);
    }

    @Test
    void shouldDropExpiredOnesForGoodWhenThePolicySaysSo() {
        start("default-ttl = 1 s, expired = drop");
        send(0);
        broker.pass(1_001);
        broker.crashAndRestart();
        assertThat(consume(address).numbers()).isEmpty();
        assertThat(consume(address + DEAD_LETTERS).numbers()).isEmpty();
    }

    @Test
    void shouldMoveExpiredOnesWhosePayloadIsOnDiskOnly() {
        start("max-deliveries = 10");
        for (int number = 0; number < 1_200; number++) {
            send(number, message -> message.setTtl(1_000));
        }
        broker.crashAndRestart();
        broker.pass(1_001);
        broker.pass(1);
        Peer deadLetters = consume(address + DEAD_LETTERS, 2_000);
        assertThat(deadLetters.numbers()).hasSize(1_200).isSorted();
        assertThat(consume(address).numbers()).isEmpty();
        broker.crashAndRestart();
        assertThat(consume(address + DEAD_LETTERS, 2_000).numbers()).hasSize(1_200);
    }

    /** More than are on their way at a time. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldMoveAllThatExpireAtTheSameTime(boolean afterRestart) {
        start("max-deliveries = 10");
        int messages = 12_000;
        for (int number = 0; number < messages; number++) {
            send(number, message -> message.setTtl(100_000));
        }
        assertThat(broker.partitions().totals().messages()).isEqualTo(messages);
        if (afterRestart) {
            broker.crashAndRestart();
        }
        broker.pass(100_001);
        broker.pass(1);

        assertThat(consume(address + DEAD_LETTERS, 20_000).numbers()).hasSize(messages);
        assertThat(consume(address).numbers()).isEmpty();
    }

    /** §3.2.1: so that messages die in the end if they end up in a delivery loop. */
    @Test
    void shouldDeliverWithTheTimeToLiveThatIsLeft() {
        start("max-deliveries = 10");
        send(0, message -> message.setTtl(10_000));
        send(1, message -> message.setExpiryTime(broker.nowMillis() + 10_000));
        broker.pass(4_000);
        List<byte[]> messages = consume(address).messages();
        assertThat(sections(messages.get(0)).ttlMillis()).isEqualTo(OptionalLong.of(6_000));
        assertThat(sections(messages.get(1)).ttlMillis()).isEmpty();
    }

    /** Jakarta Messaging §3.4.12: what an administrator made of it is told, as far as AMQP 1.0 §3.2 lets a header change. */
    @ParameterizedTest
    @CsvSource({
        "default-ttl = 20 s,     0, 16000",
        "default-ttl = 20 s, 10000,  6000",
        "max-ttl = 8 s,          0,  4000",
        "max-ttl = 8 s,      10000,  4000",
        "min-ttl = 30 s,     10000, 26000"
    })
    void shouldDeliverWithWhatThePolicyMadeOfTheTimeToLive(String policy, int asked, long left) {
        start(policy);
        send(0, message -> {
            if (asked > 0) {
                message.setTtl(asked);
            }
        });
        broker.crashAndRestart();
        broker.pass(4_000);
        List<byte[]> messages = consume(address).messages();
        assertThat(sections(messages.get(0)).ttlMillis()).hasValue(left);
    }

    @Test
    void shouldTellInTheHeaderWhatAPolicyMadeOfAnAbsoluteExpiryTime() {
        start("max-ttl = 8 s");
        long asked = broker.nowMillis() + 10_000;
        send(0, message -> message.setExpiryTime(asked));
        send(1, message -> message.setExpiryTime(asked - 5_000));
        broker.pass(1_000);
        List<byte[]> messages = consume(address).messages();
        assertThat(sections(messages.get(0)).ttlMillis()).hasValue(7_000);
        assertThat(sections(messages.get(0)).absoluteExpiryTimeMillis()).hasValue(asked);
        assertThat(sections(messages.get(1)).ttlMillis()).isEmpty();
    }

    // ---- Failed deliveries

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldKeepOrDropWhenDeliveriesHaveFailedAsOftenAsAllowed(boolean kept) {
        start("max-deliveries = 2, dead-letter = " + kept);
        send(0);
        Peer consumer = consume(address);
        dispose(consumer, 0, failed(Map.of()));
        dispose(consumer, 1, failed(Map.of()));
        broker.crashAndRestart();
        assertThat(consume(address).numbers()).isEmpty();
        Peer deadLetters = consume(address + DEAD_LETTERS);
        assertThat(deadLetters.numbers()).hasSize(kept ? 1 : 0);
        if (kept) {
            assertThat(text(deadLetters.messages().get(0))).contains("x-opt-deadletter-reason", "max-deliveries");
            assertThat(sections(deadLetters.messages().get(0)).deliveryCount()).isEqualTo(2);
        }
    }

    @Test
    void shouldTakeADeliveryBackWhenItsLockIsOver() {
        start("lock-duration = 5 s");
        send(0);
        Peer consumer = consume(address, 1);
        broker.pass(5_000);
        broker.pass(1);
        assertThat(consumer.last(Disposition.class).getState()).isInstanceOf(Released.class);
        assertThat(consumer.last(Disposition.class).getSettled()).isTrue();
        dispose(consumer, 0, Accepted.getInstance());
        Peer other = consume(address, 1);
        assertThat(other.numbers()).containsExactly(0);
        assertThat(sections(other.messages().get(0)).deliveryCount()).isEqualTo(0L);
        dispose(other, 0, Accepted.getInstance());
        broker.crashAndRestart();
        assertThat(consume(address).numbers()).isEmpty();
    }

    private QueueNode node(String of) {
        Lookup found = broker.partitions().of(of).find(of, name -> Optional.empty());
        return (QueueNode) ((Lookup.Found) found).node();
    }

    private int redrive(int limit, String selector) {
        ManagementAnswer answer = broker.manage(new ManagementRequest(
                ManagementRequest.Operation.REDRIVE,
                Optional.empty(),
                address,
                Map.of("limit", limit, "selector", selector),
                Map.of()));
        return ((Number) answer.body().get("moved")).intValue();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldRedriveDeadLettersInTheirOrderAsIfTheyWereNew(boolean crash) {
        start("max-deliveries = 1");
        for (int number = 0; number < 250; number++) {
            int ttl = number % 2 == 0 ? 100_000 : 0;
            send(number, message -> message.setTtl(ttl));
        }
        Peer consumer = consume(address, 250);
        consumer.dispose(0, 249, true, failed(Map.of()));
        broker.settle();
        if (crash) {
            broker.crashAndRestart();
        }
        broker.pass(200_000);

        assertThat(redrive(240, "JMSPriority >= 0")).isEqualTo(240);
        if (crash) {
            broker.crashAndRestart();
        }
        assertThat(consume(address + DEAD_LETTERS).numbers())
                .containsExactly(240, 241, 242, 243, 244, 245, 246, 247, 248, 249);
        Peer again = consume(address, 300);
        assertThat(again.numbers()).hasSize(240).isSorted();
        assertThat(again.messages()).allMatch(message -> sections(message).deliveryCount() == 0);
    }

    @Test
    void shouldLeaveWhatTheFilterDoesNotWantWhenRedriving() {
        start("max-deliveries = 1");
        for (int number = 0; number < 10; number++) {
            int length = number + 1;
            send(number, message -> message.setSubject("s".repeat(1_000 * (length % 2))));
        }
        consume(address, 10).dispose(0, 9, true, failed(Map.of()));
        broker.settle();
        assertThat(redrive(100, "JMSType <> ''")).isEqualTo(5);
        assertThat(consume(address).numbers()).containsExactly(0, 2, 4, 6, 8);
        assertThat(consume(address + DEAD_LETTERS).numbers()).containsExactly(1, 3, 5, 7, 9);
        assertThat(redrive(100, "JMSType <> ''")).isZero();
    }

    @Test
    void shouldForgetAScheduledMessageForGoodWhenItIsCancelled() {
        start("max-deliveries = 1");
        send(0, annotated("x-opt-delivery-delay", 5_000L));
        send(1, annotated("x-opt-delivery-delay", 5_000L));
        QueueNode node = node(address);
        List<Boolean> answers = new ArrayList<>();
        long first = (1L << 40) + 1; // After the queue's own creation.
        node.loop().post(() -> {
            for (long sequence = first; sequence < first + 3; sequence++) {
                node.operations().cancelScheduled(sequence, answers::add);
            }
        });
        broker.settle();
        assertThat(answers).containsExactlyInAnyOrder(true, true, false);
        broker.crashAndRestart();
        broker.pass(5_001);
        assertThat(consume(address).numbers()).isEmpty();
    }

    // ---- Limits

    @Test
    void shouldRejectWhenTheQueueIsFull() {
        start("max-length = 2, overflow = reject");
        send(0);
        send(1);
        send(2);
        assertThat(peer.accepted()).containsExactly(0, 1);
        Rejected rejected = (Rejected) peer.last(Disposition.class).getState();
        assertThat(rejected.getError().getCondition().toString()).isEqualTo("amqp:resource-limit-exceeded");
        assertThat(rejected.getError().getDescription()).contains(address);
        dispose(consume(address, 1), 0, Accepted.getInstance());
        send(3);
        assertThat(peer.accepted()).containsExactly(0, 1, 3);
    }

    /** Whoever has not heard that a message was accepted sends it again, and shall hear it then. */
    @Test
    void shouldAcceptACopyOfWhatItHasWhenTheQueueIsFull() {
        start("max-length = 2, overflow = reject, dedup-window = 10 m");
        send(0, message -> message.setMessageId("first"));
        send(1, message -> message.setMessageId("second"));
        send(2, message -> message.setMessageId("first"));
        send(3, message -> message.setMessageId("third"));
        assertThat(peer.accepted()).containsExactly(0, 1, 2);
        assertThat(consume(address).numbers()).containsExactly(0, 1);
    }

    @Test
    void shouldRejectWhenTheQueueHoldsTooManyBytes() {
        start("max-bytes = 100, overflow = reject");
        send(0);
        send(1, message -> message.setSubject("s".repeat(100)));
        send(2);
        assertThat(peer.accepted()).containsExactly(0, 2);
    }

    /** As applications do that open a producer for each message. */
    @Test
    void shouldGiveNoCreditToAProducerThatComesWhenTheQueueIsFull() {
        start("max-length = 2, overflow = block");
        send(0);
        send(1);
        for (int number = 0; number < 5; number++) {
            Peer late = broker.connect(number % 2);
            late.send(address, 0);
            broker.settle();
            assertThat(late.heard(Attach.class)).hasSize(1);
            assertThat(credit(late)).isZero();
            late.close();
            broker.settle();
        }
        Peer late = broker.connect(0);
        late.send(address, 0);
        broker.settle();
        dispose(consume(address, 1), 0, Accepted.getInstance());
        assertThat(credit(late)).isEqualTo(1);
    }

    private static int credit(Peer peer) {
        return peer.heard(Flow.class).stream()
                .filter(flow -> flow.getHandle() != null)
                .reduce((earlier, later) -> later)
                .map(flow -> flow.getLinkCredit().intValue())
                .orElse(0);
    }

    @Test
    void shouldStopProducersWhenTheQueueIsFullAndLetThemGoOnWhenThereIsRoom() {
        start("max-length = 2, overflow = block");
        assertThat(credit()).isEqualTo(1);
        send(0);
        assertThat(credit()).isEqualTo(1);
        send(1);
        assertThat(peer.accepted()).containsExactly(0, 1);
        assertThat(credit()).isZero();
        Peer consumer = consume(address, 1);
        assertThat(credit()).isZero();
        dispose(consumer, 0, Accepted.getInstance());
        assertThat(credit()).isEqualTo(1);
    }

    private int credit() {
        Flow flow = peer.last(Flow.class);
        return flow.getDeliveryCount().intValue() + flow.getLinkCredit().intValue() - sent;
    }

    @Test
    void shouldKeepTheLatestMessagesInARing() {
        start("ring = 3");
        for (int number = 0; number < 10; number++) {
            send(number);
        }
        broker.crashAndRestart();
        assertThat(consume(address).numbers()).containsExactly(7, 8, 9);
        assertThat(consume(address + DEAD_LETTERS).numbers()).isEmpty();
    }

    @Test
    void shouldMoveTheOldestToTheDeadLettersWhenThePolicySaysSo() {
        start("max-length = 2, overflow = dead-letter");
        for (int number = 0; number < 4; number++) {
            send(number);
        }
        assertThat(consume(address).numbers()).containsExactly(2, 3);
        Peer deadLetters = consume(address + DEAD_LETTERS);
        assertThat(deadLetters.numbers()).containsExactly(0, 1);
        assertThat(text(deadLetters.messages().get(0))).contains("x-opt-deadletter-reason", "overflow");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldKeepTheLatestMessageOfEachValueAlsoAfterACrash(boolean crash) {
        start("last-value-key = symbol");
        send(0, annotated("symbol", "A"));
        send(1, message -> message.setApplicationProperties(new ApplicationProperties(Map.of("symbol", "B"))));
        send(2, message -> message.setApplicationProperties(new ApplicationProperties(Map.of("symbol", "A"))));
        send(3);
        if (crash) {
            broker.crashAndRestart();
            producer();
        }
        send(4, annotated("symbol", "B"));
        assertThat(consume(address).numbers()).containsExactly(2, 3, 4);
    }

    @Test
    void shouldDeleteAQueueThatWasEmptyAndUnusedForLongEnough() {
        start("auto-delete = 10 s");
        send(0);
        broker.pass(20_000);
        peer.detach(9, true);
        broker.pass(20_000);
        broker.crashAndRestart();
        broker.pass(20_000);
        Peer consumer = consume(address);
        assertThat(consumer.numbers()).containsExactly(0);
        dispose(consumer, 0, Accepted.getInstance());
        broker.pass(20_000);
        assertThat(there()).isTrue();
        consumer.detach(0, true);
        broker.settle();
        broker.pass(9_000);
        assertThat(there()).isTrue();
        broker.pass(1_001);
        broker.pass(1);
        assertThat(there()).isFalse();
        broker.crashAndRestart();
        assertThat(there()).isFalse();
    }

    private boolean there() {
        return broker.partitions().of(address).find(address, name -> Optional.empty()) instanceof Lookup.Found;
    }

    // ---- Copies

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldAcceptACopyAndNotStoreItAlsoAfterACrash(boolean crash) {
        start("dedup-window = 1 m");
        send(0, message -> message.setMessageId("one"));
        send(1, message -> message.setMessageId("two"));
        send(2);
        send(3);
        if (crash) {
            broker.crashAndRestart();
            producer();
        }
        send(4, message -> message.setMessageId("one"));
        assertThat(peer.accepted()).contains(sent - 1);
        broker.pass(60_000);
        send(5, message -> message.setMessageId("one"));
        send(6, message -> message.setMessageId("one"));
        assertThat(consume(address).numbers()).containsExactly(0, 1, 2, 3, 5);
    }

    @Test
    void shouldTakeTheIdFromAnAnnotationAndForgetTheOldestOfMany() {
        start("dedup-window = 1 h, dedup-max-ids = 2, dedup-annotation = x-opt-id");
        send(0, annotated("x-opt-id", 1L));
        send(1, annotated("x-opt-id", 1L));
        send(2, annotated("x-opt-id", 2L));
        send(3, annotated("x-opt-id", 3L));
        broker.crashAndRestart();
        producer();
        send(4, annotated("x-opt-id", 3L));
        send(5, annotated("x-opt-id", 1L));
        assertThat(consume(address).numbers()).containsExactly(0, 2, 3, 5);
    }

    /** The id is kept in one record with the message: neither is there without the other. */
    @Test
    void shouldTakeTheMessageAgainWhenItWasLostBeforeItWasAccepted() {
        start("dedup-window = 1 h");
        broker.store().holdBack();
        send(0, message -> message.setMessageId("one"));
        send(1, message -> message.setMessageId("one"));
        assertThat(peer.accepted()).isEmpty();
        broker.crashAndRestart();
        producer();
        send(2, message -> message.setMessageId("one"));
        assertThat(peer.accepted()).containsExactly(0);
        assertThat(consume(address).numbers()).containsExactly(2);
    }
}
