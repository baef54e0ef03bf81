package io.sterna.broker.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.apache.qpid.protonj2.client.Connection;
import org.apache.qpid.protonj2.client.Delivery;
import org.apache.qpid.protonj2.client.DeliveryMode;
import org.apache.qpid.protonj2.client.DeliveryState;
import org.apache.qpid.protonj2.client.Message;
import org.apache.qpid.protonj2.client.Receiver;
import org.apache.qpid.protonj2.client.ReceiverOptions;
import org.apache.qpid.protonj2.client.Sender;
import org.apache.qpid.protonj2.client.SenderOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Outcomes and settle modes through a node that does not own the queue; the client is connected to number 0. */
class ForwardedSettlementTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private TestNodes nodes;
    private Connection connection;

    @BeforeEach
    void start() throws Exception {
        nodes = new TestNodes(2);
        connection = nodes.broker(0).connect();
    }

    @AfterEach
    void stop() throws Exception {
        nodes.close();
    }

    private static ReceiverOptions byHand(int credit) {
        return new ReceiverOptions().autoAccept(false).autoSettle(false).creditWindow(credit);
    }

    private static void send(Sender sender, String text) throws Exception {
        sender.send(Message.create(text).durable(true)).awaitAccepted(20, TimeUnit.SECONDS);
    }

    private static Delivery receive(Receiver receiver) throws Exception {
        Delivery delivery = receiver.receive(20, TimeUnit.SECONDS);
        assertThat(delivery).as("a delivery").isNotNull();
        return delivery;
    }

    @Test
    void shouldBringEachOutcomeToTheOwner() throws Exception {
        Sender sender = connection.openSender("n1.outcomes");
        send(sender, "first");
        Receiver receiver = connection.openReceiver("n1.outcomes", byHand(1));

        receive(receiver).release();
        Delivery released = receive(receiver);
        assertThat(released.message().deliveryCount()).isZero();
        released.modified(true, false);
        Delivery modified = receive(receiver);
        assertThat(modified.message().deliveryCount()).isEqualTo(1);
        modified.reject("test:wrong", "not what was expected");
        send(sender, "second");
        Delivery second = receive(receiver);
        assertThat(second.message().body()).isEqualTo("second");
        second.accept();

        Receiver dead = connection.openReceiver("n1.outcomes/$deadletterqueue", byHand(1));
        Delivery letter = receive(dead);
        assertThat(letter.message().body()).isEqualTo("first");
        letter.accept();
        receiver.close();
        assertThat(connection.openReceiver("n1.outcomes", byHand(1)).receive(100, TimeUnit.MILLISECONDS))
                .isNull();
    }

    @Test
    void shouldBringWhatWasSentSettledBeforeTheLinkWasClosed() throws Exception {
        Sender sender =
                connection.openSender("n1.settled", new SenderOptions().deliveryMode(DeliveryMode.AT_MOST_ONCE));
        for (int n = 0; n < 200; n++) {
            sender.send(Message.create(n));
        }
        sender.close();

        Receiver receiver =
                connection.openReceiver("n1.settled", new ReceiverOptions().deliveryMode(DeliveryMode.AT_MOST_ONCE));
        for (int n = 0; n < 200; n++) {
            assertThat(receive(receiver).message().body()).isEqualTo(n);
        }
    }

    @Test
    void shouldSettleWhenTheOwnerHas() throws Exception {
        Sender sender = connection.openSender("n1.waiting");
        send(sender, "one");
        Receiver receiver = connection.openReceiver("n1.waiting", byHand(1));
        Delivery delivery = receive(receiver);

        delivery.disposition(DeliveryState.accepted(), false);

        await().atMost(PATIENCE).until(delivery::remoteSettled);
        receiver.close();
        assertThat(connection.openReceiver("n1.waiting", byHand(1)).receive(100, TimeUnit.MILLISECONDS))
                .isNull();
    }

    @Test
    void shouldGiveCreditBackWhenDrained() throws Exception {
        Sender sender = connection.openSender("n1.drain");
        Receiver receiver = connection.openReceiver("n1.drain", byHand(0));
        receiver.addCredit(10);
        send(sender, "one");
        Delivery first = receive(receiver);
        first.accept();

        receiver.drain().get(20, TimeUnit.SECONDS);
        send(sender, "two");
        assertThat(receiver.receive(100, TimeUnit.MILLISECONDS)).isNull();
        receiver.addCredit(1);
        assertThat(receive(receiver).message().body()).isEqualTo("two");
    }
}
