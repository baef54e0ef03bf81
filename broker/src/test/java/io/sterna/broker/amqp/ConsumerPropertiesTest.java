package io.sterna.broker.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.stream.IntStream;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedByte;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Consumers that go first, or alone, by the properties of their links (AMQP 1.0 §2.7.3) or by options of the address. */
class ConsumerPropertiesTest {
    private final Simulation broker = new Simulation(3);
    private Peer producer;

    @BeforeEach
    void connect() {
        producer = broker.connect(0);
        producer.send("q", 9);
        broker.settle();
    }

    private void publish(int from, int to) {
        IntStream.rangeClosed(from, to).forEach(number -> producer.transfer(9, number, TestMessages.durable(number)));
        broker.settle();
    }

    private Peer consume(String address, Map<Symbol, Object> properties, int credit) {
        Peer peer = broker.connect(1);
        Attach attach = Peer.receiver("link", 0, Peer.source(address));
        attach.setProperties(properties);
        peer.say(attach);
        peer.flow(0, 0, credit, false);
        broker.settle();
        return peer;
    }

    static Object[] priorities() {
        return new Object[] {5, 5L, (short) 5, (byte) 5, UnsignedInteger.valueOf(5), UnsignedByte.valueOf((byte) 5)};
    }

    @ParameterizedTest
    @MethodSource("priorities")
    void shouldServeTheConsumerOfTheHighestPriorityWhileItHasCredit(Object priority) {
        Peer low = consume("q", Map.of(Symbol.valueOf("priority"), -1), 10);
        Peer ordinary = consume("q", Map.of(), 10);
        Peer high = consume("q", Map.of(Symbol.valueOf("priority"), priority), 2);
        publish(1, 13);

        assertThat(high.numbers()).containsExactly(1, 2);
        assertThat(ordinary.numbers()).containsExactly(3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
        assertThat(low.numbers()).containsExactly(13);
    }

    @Test
    void shouldServeTheExclusiveConsumerAloneUntilItLeaves() {
        Peer exclusive = consume("q", Map.of(Symbol.valueOf("exclusive"), true), 1);
        Peer next = consume("q", Map.of(), 10);
        publish(1, 3);
        assertThat(exclusive.numbers()).containsExactly(1);
        assertThat(next.numbers()).isEmpty();

        exclusive.cut();
        broker.settle();

        assertThat(next.numbers()).containsExactly(1, 2, 3);
    }

    /** Its terminus lives on (AMQP 1.0 §3.5.6) with what it has not settled, but nobody is there to receive. */
    @Test
    void shouldServeOthersWhileTheExclusiveConsumerIsDetached() {
        Peer exclusive = consume("q", Map.of(Symbol.valueOf("exclusive"), true), 1);
        Peer next = consume("q", Map.of(), 2);
        publish(1, 2);
        exclusive.detach(0, false);
        broker.settle();
        assertThat(exclusive.numbers()).containsExactly(1);
        assertThat(next.numbers()).containsExactly(2);

        Attach again = Peer.receiver("link", 0, Peer.source("q"));
        exclusive.say(again);
        exclusive.flow(0, 0, 10, false);
        broker.settle();
        publish(3, 4);
        assertThat(exclusive.numbers()).containsExactly(1, 1, 3, 4);
        assertThat(next.numbers()).containsExactly(2);
    }

    // The properties are the protocol's own words, and win over options of the address
    @Test
    void shouldTakeThePropertyWhenTheAddressSaysOtherwise() {
        Peer first = consume(
                "q?consumer-priority=9&consumer.exclusive=true",
                Map.of(Symbol.valueOf("priority"), 0, Symbol.valueOf("exclusive"), false),
                1);
        Peer second = consume("q?consumer.priority=5", Map.of(), 1);
        publish(1, 2);

        assertThat(second.numbers()).containsExactly(1);
        assertThat(first.numbers()).containsExactly(2);
    }

    static Arguments[] wrong() {
        return new Arguments[] {
            Arguments.of("priority", "high", "an integer"),
            Arguments.of("priority", UnsignedInteger.valueOf(-1), "an integer"),
            Arguments.of("priority", 1L << 40, "an integer"),
            Arguments.of("exclusive", "yes", "true or false")
        };
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void shouldRefuseTheLinkWhenAPropertyIsOfNoUse(String name, Object value, String what) {
        Peer peer = consume("q", Map.of(Symbol.valueOf(name), value), 1);

        assertThat(peer.last(Detach.class).getError().getCondition().toString()).isEqualTo("amqp:invalid-field");
        assertThat(peer.last(Detach.class).getError().getDescription()).contains(name, what);
    }
}
