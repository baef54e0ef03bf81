package io.sterna.broker.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sterna.broker.testing.BrokerExtension;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionMetaData;
import jakarta.jms.ExceptionListener;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidClientIDException;
import jakarta.jms.InvalidClientIDRuntimeException;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Connections (Jakarta Messaging 3.1 §6.1). */
@Timeout(60)
class JmsConnectionTest {
    @RegisterExtension
    static final BrokerExtension BROKER = BrokerExtension.shared();

    @RegisterExtension
    final Jms jms = new Jms(BROKER);

    private Session session;
    private Queue queue;

    @BeforeEach
    void openSession() throws JMSException {
        session = jms.session(Session.AUTO_ACKNOWLEDGE);
        queue = Jms.uniqueQueue(session);
    }

    /** §6.1.2: set "immediately after creating the Connection … and before any other action". */
    @Test
    void shouldTakeClientIdWhenItIsTheFirstAction() throws JMSException {
        Connection connection = jms.keep(jms.factory().createConnection());
        String clientId = Jms.uniqueName("client");

        connection.setClientID(clientId);

        assertThat(connection.getClientID()).isEqualTo(clientId);
    }

    /** §6.1.2: "After this point, setting the client identifier is a programming error that should throw an IllegalStateException." */
    @Test
    void shouldRefuseClientIdWhenConnectionIsInUse() throws JMSException {
        Connection connection = jms.keep(jms.factory().createConnection());
        connection.createSession();

        assertThatThrownBy(() -> connection.setClientID("late")).isInstanceOf(IllegalStateException.class);
    }

    /** §6.1.2: an administratively set identifier can't be overridden. */
    @Test
    void shouldRefuseClientIdWhenItIsConfigured() throws JMSException {
        Connection connection = jms.connect("jms.clientID=" + Jms.uniqueName("client"));

        assertThatThrownBy(() -> connection.setClientID("another")).isInstanceOf(IllegalStateException.class);
    }

    /** §6.1.2: "A Jakarta Messaging provider must prevent concurrently executing clients from using it." */
    @Test
    void shouldThrowInvalidClientIdWhenItIsInUse() throws JMSException {
        String clientId = Jms.uniqueName("client");
        Connection first = jms.connectAs(clientId);
        Connection second = jms.keep(jms.factory().createConnection());

        assertThatThrownBy(() -> second.setClientID(clientId)).isInstanceOf(InvalidClientIDException.class);

        assertThatCode(first::createSession).doesNotThrowAnyException();
    }

    @Test
    void shouldTakeClientIdAgainWhenItsConnectionIsClosed() throws JMSException {
        String clientId = Jms.uniqueName("client");
        for (int i = 0; i < 5; i++) {
            jms.connectAs(clientId).close();
        }
    }

    /** §10.3, JMSContext.setClientID: the same for the simplified API. */
    @Test
    void shouldThrowInvalidClientIdWhenContextAsksForOneInUse() throws JMSException {
        String clientId = Jms.uniqueName("client");
        jms.connectAs(clientId);
        JMSContext context = jms.context(JMSContext.AUTO_ACKNOWLEDGE);

        assertThatThrownBy(() -> context.setClientID(clientId)).isInstanceOf(InvalidClientIDRuntimeException.class);
    }

    /** §6.1.4: "a connection is in stopped mode" until it is started; sending works. */
    @Test
    void shouldSendWhenConnectionIsNotStarted() throws JMSException {
        Connection stopped = jms.keep(jms.factory().createConnection());
        Jms.send(stopped.createSession(), queue, "sent");

        assertThat(Jms.receiveText(session.createConsumer(queue))).isEqualTo("sent");
    }

    /** §6.1.5: while it is stopped nothing is delivered, and nothing is lost. */
    @Test
    void shouldDeliverAfterRestartWhatCameWhileStopped() throws JMSException {
        Connection connection = jms.connect();
        MessageConsumer consumer = connection.createSession().createConsumer(queue);
        connection.stop();
        Jms.sendNumbered(session, queue, 10);
        Jms.assertNothing(consumer);

        connection.start();

        assertThat(Jms.receiveNumbers(consumer, 10)).hasSize(10).isSorted();
    }

    /** §6.1.5: "starting a connection that has already been started" and stopping a stopped one are ignored. */
    @Test
    void shouldIgnoreStartAndStopWhenAlreadySo() throws JMSException {
        Connection connection = jms.connect();
        connection.start();
        connection.stop();
        connection.stop();
        connection.start();
        MessageConsumer consumer = connection.createSession().createConsumer(queue);

        Jms.send(session, queue, "x");

        assertThat(Jms.receiveText(consumer)).isEqualTo("x");
    }

    /** §6.1.5: "stop must not return until any message listener that is running has returned". */
    @Test
    void shouldWaitForListenerWhenStopped() throws Exception {
        Connection connection = jms.connect();
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        AtomicBoolean finished = new AtomicBoolean();
        connection.createSession().createConsumer(queue).setMessageListener(message -> {
            entered.countDown();
            awaitQuietly(release);
            finished.set(true);
        });
        Jms.send(session, queue, "x");
        assertThat(entered.await(20, TimeUnit.SECONDS)).isTrue();

        CompletableFuture<Boolean> stopped = CompletableFuture.supplyAsync(() -> {
            try {
                connection.stop();
                return finished.get();
            } catch (JMSException e) {
                throw new AssertionError(e);
            }
        });
        release.countDown();

        assertThat(stopped.get(20, TimeUnit.SECONDS)).isTrue();
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** §6.1.6. */
    @Test
    void shouldDescribeItself() throws JMSException {
        ConnectionMetaData metaData = jms.connect().getMetaData();

        assertThat(metaData.getJMSMajorVersion()).isGreaterThanOrEqualTo(3);
        assertThat(metaData.getJMSVersion()).startsWith("3.");
        assertThat(metaData.getJMSProviderName()).isNotBlank();
        assertThat(metaData.getProviderVersion()).isNotBlank();
        assertThat(Jms.names(metaData.getJMSXPropertyNames()))
                .contains("JMSXDeliveryCount", "JMSXGroupID", "JMSXGroupSeq");
    }

    /** §6.1.7. */
    @Test
    void shouldKeepExceptionListener() throws JMSException {
        Connection connection = jms.connect();
        ExceptionListener listener = exception -> {};

        connection.setExceptionListener(listener);

        assertThat(connection.getExceptionListener()).isSameAs(listener);
        connection.setExceptionListener(null);
        assertThat(connection.getExceptionListener()).isNull();
    }

    /** §6.1.8: "Closing a connection … closes all its sessions, producers and consumers". */
    @Test
    void shouldCloseEverythingWithTheConnection() throws JMSException {
        Connection connection = jms.connect();
        Session own = connection.createSession();
        MessageProducer producer = own.createProducer(queue);
        MessageConsumer consumer = own.createConsumer(queue);
        Message message = own.createMessage();

        connection.close();

        assertThatThrownBy(own::createMessage).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> producer.send(message)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(consumer::receiveNoWait).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(connection::createSession).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(connection::start).isInstanceOf(IllegalStateException.class);
    }

    /** §6.1.8: "closing a closed connection must not throw an exception". */
    @Test
    void shouldCloseTwice() throws JMSException {
        Connection connection = jms.connect();
        connection.close();

        assertThatCode(connection::close).doesNotThrowAnyException();
    }

    /** §6.1.8: try-with-resources closes it. */
    @Test
    void shouldCloseWithTheBlock() throws JMSException {
        Session own;
        try (Connection connection = jms.factory().createConnection()) {
            own = connection.createSession();
        }

        assertThatThrownBy(own::createMessage).isInstanceOf(IllegalStateException.class);
    }

    /** §6.1.8: close waits for the listener that is running, and none is called afterwards. */
    @Test
    void shouldNotCallListenersWhenClosed() throws Exception {
        Connection connection = jms.connect();
        AtomicInteger calls = new AtomicInteger();
        connection.createSession().createConsumer(queue).setMessageListener(message -> calls.incrementAndGet());
        Jms.sendNumbered(session, queue, 100);
        await().atMost(Jms.PATIENCE).until(() -> calls.get() > 0);

        connection.close();
        int atClose = calls.get();

        Jms.sendNumbered(session, queue, 10);
        assertThat(Jms.receiveNumbers(session.createConsumer(queue), 110 - atClose))
                .hasSize(110 - atClose);
        assertThat(calls).hasValue(atClose);
    }

    /** §6.1.8: a message received with the closed connection can be read still, not acknowledged. */
    @Test
    void shouldReadMessageWhenItsConnectionIsClosed() throws JMSException {
        Connection connection = jms.connect();
        Jms.send(session, queue, "text");
        Message message =
                Jms.receive(connection.createSession(Session.CLIENT_ACKNOWLEDGE).createConsumer(queue));
        connection.close();

        assertThat(message.getBody(String.class)).isEqualTo("text");
        assertThatThrownBy(message::acknowledge).isInstanceOf(IllegalStateException.class);
    }
}
