package io.sterna.broker.interop;

import static io.sterna.broker.interop.ProtonClient.byHand;
import static io.sterna.broker.interop.ProtonClient.receive;
import static io.sterna.broker.interop.ProtonClient.sendNumbered;
import static io.sterna.broker.interop.ProtonClient.uniqueAddress;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sterna.broker.testing.BrokerExtension;
import java.util.concurrent.TimeUnit;
import org.apache.qpid.protonj2.client.Connection;
import org.apache.qpid.protonj2.client.Delivery;
import org.apache.qpid.protonj2.client.Message;
import org.apache.qpid.protonj2.client.Receiver;
import org.apache.qpid.protonj2.client.Sender;
import org.apache.qpid.protonj2.client.Session;
import org.apache.qpid.protonj2.client.Tracker;
import org.apache.qpid.protonj2.client.exceptions.ClientException;
import org.apache.qpid.protonj2.client.exceptions.ClientIllegalStateException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Transactions with a client that is not a JMS one (AMQP 1.0 part 4). */
@Timeout(60)
class ProtonTransactionTest {
    @RegisterExtension
    static final BrokerExtension BROKER = BrokerExtension.shared();

    @RegisterExtension
    final ProtonClient client = new ProtonClient(BROKER);

    private Connection connection;
    private Session session;
    private String address;

    @BeforeEach
    void connect() throws ClientException {
        connection = client.connect();
        session = connection.openSession();
        address = uniqueAddress();
    }

    private int left() throws ClientException {
        int count = 0;
        try (Receiver receiver = client.connect().openReceiver(address, byHand())) {
            receiver.addCredit(1000);
            receiver.drain().get();
            for (Delivery next = receiver.tryReceive(); next != null; next = receiver.tryReceive()) {
                count++;
            }
        } catch (InterruptedException | java.util.concurrent.ExecutionException failed) {
            throw new AssertionError(failed);
        }
        return count;
    }

    @Test
    void shouldSendWhenCommitted() throws ClientException {
        Sender sender = session.openSender(address);
        session.beginTransaction();
        for (int n = 0; n < 100; n++) {
            sender.send(Message.create("m" + n).durable(true));
        }
        assertThat(left()).isZero();
        session.commitTransaction();

        assertThat(left()).isEqualTo(100);
    }

    @Test
    void shouldTellTheProvisionalOutcome() throws ClientException {
        Sender sender = session.openSender(address);
        session.beginTransaction();
        Tracker tracker = sender.send(Message.create("m").durable(true));
        tracker.awaitSettlement(ProtonClient.PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertThat(tracker.remoteSettled()).isTrue();
        session.rollbackTransaction();

        assertThat(left()).isZero();
    }

    @Test
    void shouldRetireWhenCommitted() throws ClientException {
        sendNumbered(connection, address, 10);
        Receiver receiver = session.openReceiver(address, byHand().creditWindow(0));
        receiver.addCredit(10);
        session.beginTransaction();
        for (int n = 0; n < 6; n++) {
            receive(receiver).accept();
        }
        session.commitTransaction();
        session.beginTransaction();
        receive(receiver).accept();
        session.rollbackTransaction();
        session.close();

        assertThat(left()).isEqualTo(4);
    }

    @Test
    void shouldRollBackWhenTheSessionCloses() throws Exception {
        Sender sender = session.openSender(address);
        session.beginTransaction();
        sender.send(Message.create("m").durable(true)).awaitSettlement(ProtonClient.PATIENCE_SECONDS, TimeUnit.SECONDS);
        session.closeAsync().get(ProtonClient.PATIENCE_SECONDS, TimeUnit.SECONDS);

        assertThat(left()).isZero();
    }

    @Test
    void shouldRollBackWhenTheConnectionCloses() throws ClientException {
        sendNumbered(connection, address, 2);
        Receiver receiver = session.openReceiver(address, byHand());
        receiver.addCredit(2);
        session.beginTransaction();
        receive(receiver).accept();
        connection.close();

        assertThat(left()).isEqualTo(2);
    }

    @Test
    void shouldRunManyTransactionsOneAfterAnother() throws ClientException {
        Sender sender = session.openSender(address);
        for (int n = 0; n < 50; n++) {
            session.beginTransaction();
            sender.send(Message.create("m" + n).durable(true));
            if (n % 5 == 0) {
                session.rollbackTransaction();
            } else {
                session.commitTransaction();
            }
        }

        assertThat(left()).isEqualTo(40);
    }

    @Test
    void shouldThrowWhenNoTransactionWasBegun() {
        assertThatThrownBy(session::commitTransaction).isInstanceOf(ClientIllegalStateException.class);
    }
}
