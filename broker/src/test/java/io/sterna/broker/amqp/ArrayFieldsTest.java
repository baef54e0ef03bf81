package io.sterna.broker.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Date;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnknownDescribedType;
import org.apache.qpid.proton.amqp.UnsignedByte;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.UnsignedLong;
import org.apache.qpid.proton.amqp.UnsignedShort;
import org.apache.qpid.proton.amqp.messaging.Modified;
import org.apache.qpid.proton.amqp.messaging.Rejected;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Close;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.apache.qpid.proton.amqp.transport.ErrorCondition;
import org.apache.qpid.proton.amqp.transport.ReceiverSettleMode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Wherever a peer may say what it likes, it may say an array of any type (AMQP 1.0 §2.8.14, §1.6.24). */
class ArrayFieldsTest {
    private final Simulation broker = new Simulation(23);
    private final String queue = broker.addressOn(0, "q");
    private final Peer client = broker.connect(1);

    @SuppressWarnings("JavaUtilDate") // Proton-J's timestamps.
    private static Map<Symbol, Object> arrays() {
        Map<Symbol, Object> arrays = new LinkedHashMap<>();
        List.<Object>of(
                        new Boolean[] {true, false},
                        new Byte[] {1, -1},
                        new Short[] {1, -1},
                        new Integer[] {1, 300},
                        new Long[] {1L, -1L},
                        new Float[] {1f},
                        new Double[] {1d},
                        new Character[] {'a'},
                        new UnsignedByte[] {UnsignedByte.valueOf((byte) 1)},
                        new UnsignedShort[] {UnsignedShort.valueOf((short) 1)},
                        new UnsignedInteger[] {UnsignedInteger.ONE},
                        new UnsignedLong[] {UnsignedLong.valueOf(1)},
                        new Date[] {new Date(1)},
                        new UUID[] {new UUID(1, 2)},
                        new String[] {"a", "b"},
                        new Symbol[] {Symbol.valueOf("a")},
                        new Binary[] {new Binary(new byte[] {1})},
                        new Integer[0],
                        new String[0],
                        new Object[] {new Integer[] {1}, new Integer[] {2}},
                        new Object[] {List.of(1), List.of()},
                        new Object[] {Map.of("a", 1)},
                        new Object[] {new UnknownDescribedType(Symbol.valueOf("d"), "x")})
                .forEach(array -> arrays.put(Symbol.valueOf("x-opt-" + arrays.size()), array));
        return arrays;
    }

    @BeforeEach
    void publish() {
        client.send(queue, 9);
        broker.settle();
        client.transfer(9, 0, TestMessages.durable(1));
        broker.settle();
    }

    @AfterEach
    void shouldHaveLeftTheConnectionOpen() {
        assertThat(client.heard(Close.class)).isEmpty();
        assertThat(client.heard(Detach.class)).isEmpty();
    }

    private void receive() {
        Attach attach = Peer.receiver("receiver", 0, Peer.source(queue));
        attach.setRcvSettleMode(ReceiverSettleMode.SECOND);
        client.say(attach);
        client.flow(0, 0, 10, false);
        broker.settle();
    }

    private static Modified modified() {
        Modified modified = new Modified();
        modified.setMessageAnnotations(new HashMap<>(arrays()));
        return modified;
    }

    private static Rejected rejected() {
        ErrorCondition error = new ErrorCondition(Symbol.valueOf("app:bad"), "why");
        error.setInfo(arrays());
        Rejected rejected = new Rejected();
        rejected.setError(error);
        return rejected;
    }

    /** Those of simple types come back as they were, and the rest as lists. */
    private static void assertComeBack(Map<?, ?> actual) {
        assertThat(actual).hasSize(arrays().size());
        assertThat(actual.get(Symbol.valueOf("x-opt-0"))).isEqualTo(new boolean[] {true, false});
        assertThat(actual.get(Symbol.valueOf("x-opt-3"))).isEqualTo(new int[] {1, 300});
        assertThat(actual.get(Symbol.valueOf("x-opt-15"))).isEqualTo(new Symbol[] {Symbol.valueOf("a")});
        assertThat(actual.get(Symbol.valueOf("x-opt-17"))).isEqualTo(List.of());
        assertThat(actual.get(Symbol.valueOf("x-opt-20"))).isEqualTo(List.of(List.of(1), List.of()));
    }

    // §3.4.5, message-annotations
    @Test
    void shouldTakeArraysWhenAMessageIsModified() {
        receive();
        client.dispose(0, 0, false, modified());
        broker.settle();

        assertComeBack(((Modified) client.last(Disposition.class).getState()).getMessageAnnotations());
        assertThat(client.messages()).hasSize(2);
    }

    // §3.4.4: error; §2.8.14: info
    @Test
    void shouldTakeArraysWhenAMessageIsRejected() {
        receive();
        client.dispose(0, 0, false, rejected());
        broker.settle();

        assertComeBack(((Rejected) client.last(Disposition.class).getState())
                .getError()
                .getInfo());
    }

    // §3.5.3, filter: a sender's own source comes back to it
    @Test
    void shouldTakeArraysWhenASendersSourceHasThem() {
        Attach attach = Peer.sender("sender", 0, queue);
        Source source = new Source();
        source.setFilter(arrays());
        attach.setSource(source);
        client.say(attach);
        broker.settle();

        assertComeBack(((Source) client.last(Attach.class).getSource()).getFilter());
    }

    // §3.5.3, default-outcome
    @Test
    void shouldTakeArraysWhenTheDefaultOutcomeHasThem() {
        Source source = Peer.source(queue);
        source.setDefaultOutcome(modified());
        client.say(Peer.receiver("receiver", 0, source));
        client.flow(0, 0, 10, false);
        broker.settle();

        Modified actual = (Modified) ((Source) client.last(Attach.class).getSource()).getDefaultOutcome();
        assertComeBack(actual.getMessageAnnotations());
        client.dispose(0, 0, true, null);
        broker.settle();
        assertThat(client.messages()).hasSize(2);
    }

    // §3.5.9
    @Test
    void shouldTakeArraysWhenADynamicNodeIsToHaveThem() {
        Attach attach = Peer.sender("sender", 0, "");
        ((Target) attach.getTarget()).setDynamic(true);
        ((Target) attach.getTarget()).setDynamicNodeProperties(arrays());
        client.say(attach);
        broker.settle();

        assertThat(client.last(Attach.class).getTarget().getAddress()).isNotNull();
    }
}
