package io.sterna.broker.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Map;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Data;
import org.apache.qpid.proton.amqp.messaging.MessageAnnotations;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.amqp.messaging.TerminusDurability;
import org.apache.qpid.proton.amqp.messaging.TerminusExpiryPolicy;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.message.Message;
import org.junit.jupiter.api.Test;

/** Copies of a message are told by an id that counts for one topic, also where several topics come together. */
class TopicDeduplicationTest {
    private final Simulation broker =
            new Simulation(9, "queues.policies=[{match=\"a.*\", dedup-window=10 m, dedup-annotation=x-opt-order}]");

    private Peer publisher(String topic) {
        Peer peer = broker.connect(0);
        Attach attach = Peer.sender("publisher", 0, topic);
        ((Target) attach.getTarget()).setCapabilities(Symbol.valueOf("topic"));
        peer.say(attach);
        broker.settle();
        return peer;
    }

    private Peer subscribe() {
        Peer peer = broker.connectSilently(1);
        peer.open("subscriber");
        peer.begin();
        Source source = Peer.source("a.*");
        source.setDurable(TerminusDurability.UNSETTLED_STATE);
        source.setExpiryPolicy(TerminusExpiryPolicy.NEVER);
        source.setCapabilities(Symbol.valueOf("topic"));
        peer.say(Peer.receiver("subscription", 0, source));
        peer.flow(0, 0, 100, false);
        broker.settle();
        return peer;
    }

    private static byte[] message(int number, String order) {
        Message message = Message.Factory.create();
        message.setDurable(true);
        message.setMessageAnnotations(new MessageAnnotations(Map.of(Symbol.valueOf("x-opt-order"), order)));
        message.setBody(new Data(new Binary(new byte[] {0, 0, 0, (byte) number})));
        byte[] buffer = new byte[1024];
        return Arrays.copyOf(buffer, message.encode(buffer, 0, buffer.length));
    }

    private void publish(String topic, int number, String order) {
        Peer peer = publisher(topic);
        peer.transfer(0, 0, message(number, order));
        broker.settle();
        assertThat(peer.accepted()).containsExactly(0);
        peer.close();
        broker.settle();
    }

    @Test
    void shouldTakeTheSameIdOfTwoTopicsForTwoMessagesWhenOneSubscriptionHasBoth() {
        Peer subscriber = subscribe();
        publish("a.created", 1, "4711");
        publish("a.shipped", 2, "4711");
        publish("a.created", 3, "4711");

        assertThat(subscriber.numbers()).containsExactly(1, 2);
        subscriber.close();
        broker.settle();
        broker.crashAndRestart();
        publish("a.shipped", 4, "4711");
        assertThat(subscribe().numbers()).containsExactly(1, 2);
    }

    @Test
    void shouldDoSoInTransactionsToo() {
        Peer subscriber = subscribe();
        Peer peer = publisher("a.created");
        Controller controller = new Controller(broker, peer, 1);
        for (int number = 1; number <= 2; number++) {
            Binary transaction = controller.declare();
            controller.post(transaction, 0, number, message(number, "4711"));
            assertThat(controller.commit(transaction)).isInstanceOf(Accepted.class);
        }
        publish("a.shipped", 3, "4711");
        publish("a.created", 4, "4711");

        assertThat(subscriber.numbers()).containsExactly(1, 3);
    }
}
