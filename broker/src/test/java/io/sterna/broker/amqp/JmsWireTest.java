package io.sterna.broker.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.broker.partition.PartitionTotals;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.messaging.Data;
import org.apache.qpid.proton.amqp.messaging.MessageAnnotations;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.TerminusDurability;
import org.apache.qpid.proton.amqp.messaging.TerminusExpiryPolicy;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.Open;
import org.apache.qpid.proton.message.Message;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What JMS clients say on the wire, and rely on, beyond the specification of AMQP. */
class JmsWireTest {
    private final Simulation broker = new Simulation(23);

    /** They look for each of them before they use delays, anonymous links and shared subscriptions. */
    @Test
    void shouldOfferWhatJmsClientsDesireWhenTheyOpenAConnection() {
        Peer peer = broker.connectSilently(0);
        peer.open("client", "sole-connection-for-container", "DELAYED_DELIVERY", "ANONYMOUS-RELAY", "SHARED-SUBS");
        broker.settle();

        assertThat(peer.last(Open.class).getOfferedCapabilities())
                .contains(
                        Symbol.valueOf("sole-connection-for-container"),
                        Symbol.valueOf("DELAYED_DELIVERY"),
                        Symbol.valueOf("ANONYMOUS-RELAY"),
                        Symbol.valueOf("SHARED-SUBS"));
    }

    /** Addresses are the names of destinations as they are, and there is one node. */
    @Test
    void shouldNameNoPrefixesAndNoOtherServersWhenAClientOpensAConnection() {
        Peer peer = broker.connect(0);
        broker.settle();
        Map<?, ?> properties = peer.last(Open.class).getProperties();

        assertThat(Stream.of("queue-prefix", "topic-prefix", "failover-server-list")
                        .filter(name -> properties != null && properties.containsKey(Symbol.valueOf(name))))
                .isEmpty();
    }

    /** On an anonymous link only the annotation says what kind of destination a message is for; 0 to 3 as in the API. */
    @ParameterizedTest
    @CsvSource({"0, 1, 0", "1, 0, 1"})
    void shouldMakeTheKindOfNodeThatTheAnnotationSaysWhenAnAnonymousMessageIsTheFirst(
            byte kind, long queues, long topics) {
        Peer peer = broker.connect(0);
        peer.say(Peer.sender("anonymous", 0, ""));
        broker.settle();
        Message message = Message.Factory.create();
        message.setAddress("destination");
        message.setMessageAnnotations(new MessageAnnotations(Map.of(Symbol.valueOf("x-opt-jms-dest"), kind)));
        message.setBody(
                new Data(new Binary(ByteBuffer.allocate(Integer.BYTES).putInt(1).array())));
        byte[] buffer = new byte[1024];
        peer.transfer(0, 0, Arrays.copyOf(buffer, message.encode(buffer, 0, buffer.length)));
        broker.settle();

        assertThat(peer.accepted()).containsExactly(0);
        PartitionTotals totals = broker.partitions().totals();
        assertThat(totals.queues()).isEqualTo(queues);
        assertThat(totals.topics()).isEqualTo(topics);
    }

    /** A refused attach is answered with a null terminus, and then detached with the reason. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldAnswerTheAttachBeforeTheDetachWhenALinkIsRefused(boolean receiver) {
        Peer peer = broker.connect(0);
        if (receiver) {
            peer.receive("$forbidden", 0);
        } else {
            peer.send("$forbidden", 0);
        }
        broker.settle();

        Attach answer = peer.last(Attach.class);
        assertThat(receiver ? answer.getSource() : answer.getTarget()).isNull();
        assertThat(peer.last(Detach.class).getClosed()).isTrue();
        assertThat(peer.last(Detach.class).getError()).isNotNull();
    }

    /** The part of the name before '|' is the subscription: each client's own, or, with "global", everybody's. */
    @ParameterizedTest
    @CsvSource({
        "s, s|2, shared, one, one, 1",
        "s|global, s|global2, shared global, one, two, 1",
        "s, s, shared, one, two, 2",
        "s|volatile1, s|volatile2, shared, one, one, 1",
        "s|global-volatile1, s|global-volatile2, shared global, one, two, 1"
    })
    void shouldMeanTheSameSubscriptionWhenTheNamesAgreeBeforeTheBar(
            String name, String other, String capabilities, String client, String otherClient, long queues) {
        subscribe(client, name, capabilities);
        subscribe(otherClient, other, capabilities);

        assertThat(broker.partitions().totals().queues()).isEqualTo(queues);
        assertThat(broker.partitions().totals().consumers()).isEqualTo(2);
    }

    private void subscribe(String containerId, String linkName, String capabilities) {
        Peer peer = broker.connectSilently(0);
        peer.open(containerId);
        peer.begin();
        Source source = Peer.source("t");
        source.setCapabilities(Arrays.stream(("topic " + capabilities).split(" "))
                .map(Symbol::valueOf)
                .toArray(Symbol[]::new));
        if (!linkName.contains("volatile")) {
            source.setDurable(TerminusDurability.UNSETTLED_STATE);
            source.setExpiryPolicy(TerminusExpiryPolicy.NEVER);
        }
        peer.say(Peer.receiver(linkName, 0, source));
        broker.settle();
        assertThat(peer.heard(Detach.class)).isEmpty();
    }
}
