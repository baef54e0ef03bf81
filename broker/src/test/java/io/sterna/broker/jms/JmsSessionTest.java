package io.sterna.broker.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sterna.broker.testing.BrokerExtension;
import jakarta.jms.Connection;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sessions (Jakarta Messaging 3.1 §6.2). */
@Timeout(60)
class JmsSessionTest {
    @RegisterExtension
    static final BrokerExtension BROKER = BrokerExtension.shared();

    @RegisterExtension
    final Jms jms = new Jms(BROKER);

    private Connection connection;
    private Session session;
    private Queue queue;

    @BeforeEach
    void openSession() throws JMSException {
        connection = jms.connect();
        session = connection.createSession();
        queue = Jms.uniqueQueue(session);
    }

    @ParameterizedTest
    @ValueSource(ints = {Session.AUTO_ACKNOWLEDGE, Session.CLIENT_ACKNOWLEDGE, Session.DUPS_OK_ACKNOWLEDGE})
    void shouldHaveTheModeAskedFor(int mode) throws JMSException {
        assertThat(connection.createSession(mode).getAcknowledgeMode()).isEqualTo(mode);
        assertThat(connection.createSession(false, mode).getAcknowledgeMode()).isEqualTo(mode);
        assertThat(connection.createSession(mode).getTransacted()).isFalse();
    }

    /** §6.2.3: createQueue and createTopic make objects of names; they create nothing. */
    @Test
    void shouldMakeDestinationsOfNames() throws JMSException {
        assertThat(session.createQueue("jms.a").getQueueName()).isEqualTo("jms.a");
        assertThat(session.createTopic("jms.topic.b").getTopicName()).isEqualTo("jms.topic.b");
        assertThat(session.createQueue("jms.a")).isEqualTo(session.createQueue("jms.a"));
    }

    /** §6.2.1: a session has several producers and consumers. */
    @Test
    void shouldServeManyProducersAndConsumers() throws JMSException {
        List<Queue> queues = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            queues.add(Jms.uniqueQueue(session));
            session.createProducer(queues.get(i)).send(session.createTextMessage("to " + i));
        }

        for (int i = 0; i < 20; i++) {
            assertThat(Jms.receiveText(session.createConsumer(queues.get(i)))).isEqualTo("to " + i);
        }
    }

    /** §6.2.9.1: messages of one session to one destination arrive in the order sent, whichever producer sent them. */
    @Test
    void shouldKeepOrderOfSessionWhenProducersTakeTurns() throws JMSException {
        MessageProducer first = session.createProducer(queue);
        MessageProducer second = session.createProducer(queue);
        for (int n = 0; n < 100; n++) {
            Message message = session.createMessage();
            message.setIntProperty("n", n);
            (n % 2 == 0 ? first : second).send(message);
        }

        assertThat(Jms.receiveNumbers(session.createConsumer(queue), 100))
                .isEqualTo(IntStream.range(0, 100).boxed().toList());
    }

    /** §6.2.4: a message can be sent with any session, not only with that which created it. */
    @Test
    void shouldSendMessageOfAnotherSession() throws JMSException {
        Session other = jms.session(Session.AUTO_ACKNOWLEDGE);
        session.createProducer(queue).send(other.createTextMessage("foreign"));

        assertThat(Jms.receiveText(session.createConsumer(queue))).isEqualTo("foreign");
    }

    /** §6.2.15: "Closing a session … closes its producers and consumers." */
    @Test
    void shouldCloseProducersAndConsumersWithTheSession() throws JMSException {
        MessageProducer producer = session.createProducer(queue);
        MessageConsumer consumer = session.createConsumer(queue);
        Message message = session.createMessage();

        session.close();

        assertThatThrownBy(() -> producer.send(message)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(consumer::receiveNoWait).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> session.createConsumer(queue)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(session::recover).isInstanceOf(IllegalStateException.class);
        assertThatCode(session::close).doesNotThrowAnyException();
        assertThatCode(connection::createSession).doesNotThrowAnyException();
    }

    /** §6.2.15: a blocked receive returns null when the session is closed. */
    @Test
    void shouldEndReceiveWhenSessionIsClosed() throws Exception {
        MessageConsumer consumer = session.createConsumer(queue);
        CompletableFuture<Boolean> received = new CompletableFuture<>();
        Thread receiver = new Thread(() -> {
            try {
                received.complete(consumer.receive() == null);
            } catch (JMSException e) {
                received.completeExceptionally(e);
            }
        });
        receiver.setDaemon(true);
        receiver.start();
        await().until(() ->
                receiver.getState() == Thread.State.WAITING || receiver.getState() == Thread.State.TIMED_WAITING);

        session.close();

        assertThat(received.get(20, TimeUnit.SECONDS)).isTrue();
    }

    /** §6.2.15: a message listener must not close its own session. */
    @Test
    void shouldRefuseToCloseSessionInItsListener() throws Exception {
        CompletableFuture<Throwable> thrown = new CompletableFuture<>();
        session.createConsumer(queue).setMessageListener(message -> {
            try {
                session.close();
                thrown.complete(new AssertionError("closed"));
            } catch (JMSException e) {
                thrown.complete(e);
            }
        });

        Jms.send(jms.session(Session.AUTO_ACKNOWLEDGE), queue, "x");

        assertThat(thrown.get(20, TimeUnit.SECONDS)).isInstanceOf(IllegalStateException.class);
    }

    /** §6.2.10: recover restarts with the first unacknowledged message, of all consumers. */
    @Test
    void shouldRecoverMessagesOfAllConsumers() throws JMSException {
        Session own = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
        Queue second = Jms.uniqueQueue(session);
        Jms.send(session, queue, "a");
        Jms.send(session, second, "b");
        MessageConsumer ofFirst = own.createConsumer(queue);
        MessageConsumer ofSecond = own.createConsumer(second);
        Jms.receive(ofFirst);
        Jms.receive(ofSecond);

        own.recover();

        assertThat(Jms.receive(ofFirst).getJMSRedelivered()).isTrue();
        assertThat(Jms.receive(ofSecond).getJMSRedelivered()).isTrue();
    }

    /** §6.2.10: DUPS_OK acknowledges lazily; an orderly close acknowledges what was consumed. */
    @Test
    void shouldAcknowledgeLazilyWhenDuplicatesAreAllowed() throws JMSException {
        Session lazy = connection.createSession(Session.DUPS_OK_ACKNOWLEDGE);
        Jms.sendNumbered(session, queue, 100);
        assertThat(Jms.receiveNumbers(lazy.createConsumer(queue), 100)).hasSize(100);

        lazy.close();

        Jms.assertNothing(session.createConsumer(queue));
    }

    /** §6.2.13: the listeners of a session are called one at a time. */
    @Test
    void shouldCallListenersOfSessionOneAtATime() throws JMSException {
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        AtomicInteger calls = new AtomicInteger();
        for (int i = 0; i < 4; i++) {
            Queue each = Jms.uniqueQueue(session);
            session.createConsumer(each).setMessageListener(message -> {
                most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                calls.incrementAndGet();
                inside.decrementAndGet();
            });
            Jms.sendNumbered(jms.session(Session.AUTO_ACKNOWLEDGE), each, 50);
        }

        await().atMost(Jms.PATIENCE).until(() -> calls.get() == 200);
        assertThat(most).hasValue(1);
    }

    /** §6.2.5: set up while the connection is stopped, the listeners of a session "can safely share" its producer. */
    @Test
    void shouldShareTheSessionAmongItsListenersWhenSetUpWhileStopped() throws JMSException {
        Connection own = jms.keep(jms.factory().createConnection());
        Session shared = own.createSession();
        AtomicReference<MessageProducer> answering = new AtomicReference<>();
        List<Throwable> failures = new CopyOnWriteArrayList<>();
        for (int i = 0; i < 4; i++) {
            Queue each = Jms.uniqueQueue(session);
            Jms.sendNumbered(session, each, 25);
            shared.createConsumer(each).setMessageListener(message -> {
                try {
                    answering.get().send(message);
                } catch (JMSException | RuntimeException e) {
                    failures.add(e);
                }
            });
        }
        answering.set(shared.createProducer(queue));

        own.start();

        assertThat(Jms.receiveNumbers(session.createConsumer(queue), 100))
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, 100).mapToObj(n -> n % 25).toList());
        assertThat(failures).isEmpty();
    }

    /** §6.2.5: "a session with message listeners cannot also be used to synchronously receive messages". */
    @Test
    void shouldRefuseReceiveWhenAnotherConsumerOfTheSessionHasAListener() throws JMSException {
        MessageConsumer consumer = session.createConsumer(queue);
        session.createConsumer(Jms.uniqueQueue(session)).setMessageListener(message -> {});

        assertThatThrownBy(consumer::receiveNoWait).isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> consumer.receive(1)).isInstanceOf(JMSException.class);
    }

    /** §6.2.14: sessions of one connection work at the same time. */
    @Test
    void shouldCallListenersOfSeveralSessionsConcurrently() throws Exception {
        CountDownLatch both = new CountDownLatch(2);
        AtomicInteger met = new AtomicInteger();
        for (int i = 0; i < 2; i++) {
            connection.createSession().createConsumer(queue).setMessageListener(message -> {
                both.countDown();
                try {
                    if (both.await(20, TimeUnit.SECONDS)) {
                        met.incrementAndGet();
                    }
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            });
        }

        Session sending = jms.session(Session.AUTO_ACKNOWLEDGE);
        await().atMost(Jms.PATIENCE).until(() -> {
            Jms.send(sending, queue, "x");
            return met.get() >= 2;
        });
    }

    /** Session.createConsumer and createProducer: "InvalidDestinationException if an invalid destination is specified". */
    @Test
    void shouldThrowInvalidDestinationWhenItIsNull() {
        assertThatThrownBy(() -> session.createConsumer(null)).isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> session.createSharedConsumer(null, "s"))
                .isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> session.unsubscribe("unknown")).isInstanceOf(JMSException.class);
    }
}
