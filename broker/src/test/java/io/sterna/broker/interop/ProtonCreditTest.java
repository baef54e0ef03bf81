package io.sterna.broker.interop;

import static io.sterna.broker.interop.ProtonClient.byHand;
import static io.sterna.broker.interop.ProtonClient.receive;
import static io.sterna.broker.interop.ProtonClient.sendNumbered;
import static io.sterna.broker.interop.ProtonClient.uniqueAddress;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sterna.broker.testing.BrokerExtension;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.qpid.protonj2.client.Connection;
import org.apache.qpid.protonj2.client.Receiver;
import org.apache.qpid.protonj2.client.Session;
import org.apache.qpid.protonj2.client.exceptions.ClientException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Link credit (AMQP 1.0 §2.6.7) granted by hand, and drained. */
@Timeout(60)
class ProtonCreditTest {
    @RegisterExtension
    static final BrokerExtension BROKER = BrokerExtension.withSettings();

    @RegisterExtension
    final ProtonClient client = new ProtonClient(BROKER);

    private Connection connection;
    private String address;

    @BeforeEach
    void connect() throws ClientException {
        connection = client.connect();
        address = uniqueAddress();
    }

    /** Drains and waits for the broker to have used up or advanced past the credit. */
    static void drain(Receiver receiver) throws ClientException {
        try {
            receiver.drain().get(ProtonClient.PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError("the drain was not answered", e);
        }
    }

    @Test
    void shouldSendExactlyAsMuchAsCreditAllows() throws ClientException {
        sendNumbered(connection, address, 10);
        Receiver receiver = connection.openReceiver(address, byHand());

        for (int n = 0; n < 9; n += 3) {
            receiver.addCredit(3);
            await().until(() -> receiver.queuedDeliveries() == 3);
            for (int i = 0; i < 3; i++) {
                assertThat(receive(receiver).accept().message().body()).isEqualTo(Integer.toString(n + i));
            }
        }

        // A round trip on the same session: what would have come without credit had come before its answer.
        sendNumbered(connection, uniqueAddress(), 1);
        assertThat(receiver.queuedDeliveries()).isZero();
    }

    @Test
    void shouldEndDrainAtOnceWhenQueueIsEmpty() throws ClientException {
        Receiver receiver = connection.openReceiver(address, byHand());
        receiver.addCredit(100);

        drain(receiver);

        assertThat(receiver.queuedDeliveries()).isZero();
    }

    /** What is there is sent before the rest of the credit is given back. */
    @Test
    void shouldSendWhatIsThereWhenDrained() throws ClientException {
        Receiver receiver = connection.openReceiver(address, byHand());
        sendNumbered(connection, address, 4);
        receiver.addCredit(100);

        drain(receiver);

        for (int n = 0; n < 4; n++) {
            assertThat(receive(receiver).accept().message().body()).isEqualTo(Integer.toString(n));
        }
        sendNumbered(connection, address, 1);
        assertThat(receiver.tryReceive()).isNull();
        receiver.addCredit(1);
        assertThat(receive(receiver).accept().message().body()).isEqualTo("0");
    }

    @Test
    void shouldDrainAgainAndAgainWhenCreditIsGivenBetween() throws ClientException {
        Receiver receiver = connection.openReceiver(address, byHand());
        for (int round = 0; round < 50; round++) {
            receiver.addCredit(1 + round % 7);
            drain(receiver);
            assertThat(receiver.tryReceive()).isNull();
        }
        sendNumbered(connection, address, 1);
        receiver.addCredit(1);
        receive(receiver).accept();
    }

    /** Credit of one link says nothing about another: no message for the link without. */
    @Test
    void shouldDeliverOnlyToLinksWithCreditWhenSeveralCompete() throws ClientException {
        Receiver without = connection.openReceiver(address, byHand());
        Receiver with = connection.openReceiver(address, byHand());
        with.addCredit(5);

        sendNumbered(connection, address, 5);

        for (int n = 0; n < 5; n++) {
            assertThat(receive(with).accept().message().body()).isEqualTo(Integer.toString(n));
        }
        assertThat(without.tryReceive()).isNull();
    }

    /** Many sessions and links on one connection, each with its own credit. */
    @Test
    void shouldServeEachLinkWhenOneConnectionHasManySessionsAndLinks() throws ClientException {
        for (int s = 0; s < 20; s++) {
            try (Session session = connection.openSession()) {
                for (int l = 0; l < 5; l++) {
                    String each = uniqueAddress();
                    Receiver receiver = session.openReceiver(each, byHand());
                    sendNumbered(connection, each, 1);
                    receiver.addCredit(1);
                    receive(receiver).accept();
                }
            }
        }
    }

    /** A detach without close (§2.6.3) gives the queue's messages back like a close. */
    @Test
    void shouldReturnPrefetchedMessagesInOrderWhenReceiverDetaches() throws ClientException {
        sendNumbered(connection, address, 5);
        Receiver first = connection.openReceiver(address, byHand());
        first.addCredit(3);
        await().until(() -> first.queuedDeliveries() == 3);
        first.detach();

        Receiver second = connection.openReceiver(address, byHand());
        second.addCredit(5);
        for (int n = 0; n < 5; n++) {
            assertThat(receive(second).accept().message().body()).isEqualTo(Integer.toString(n));
        }
    }
}
