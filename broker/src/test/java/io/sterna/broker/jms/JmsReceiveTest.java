package io.sterna.broker.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sterna.broker.testing.BrokerExtension;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Receiving, synchronously and by listener, with every way that the client grants and drains credit. */
@Timeout(60)
class JmsReceiveTest {
    @RegisterExtension
    static final BrokerExtension BROKER = BrokerExtension.shared();

    @RegisterExtension
    final Jms jms = new Jms(BROKER);

    private Session producing;
    private Queue queue;

    @BeforeEach
    void openSession() throws JMSException {
        producing = jms.session(Session.AUTO_ACKNOWLEDGE);
        queue = Jms.uniqueQueue(producing);
    }

    private static List<Integer> numbers(int count) {
        return IntStream.range(0, count).boxed().toList();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 1000})
    void shouldReceiveAllInOrderWhenPrefetchIsAnySize(int prefetch) throws JMSException {
        Jms.sendNumbered(producing, queue, 300);
        Session session = jms.session(Session.AUTO_ACKNOWLEDGE, "jms.prefetchPolicy.all=" + prefetch);

        MessageConsumer consumer = session.createConsumer(queue);

        assertThat(Jms.receiveNumbers(consumer, 300)).isEqualTo(numbers(300));
        assertThat(consumer.receiveNoWait()).isNull();
    }

    /** With prefetch 0 each receive asks for one message; what it did not ask for is free for others. */
    @Test
    void shouldLeaveMessagesToOthersWhenPrefetchIsZero() throws JMSException {
        Jms.sendNumbered(producing, queue, 4);
        MessageConsumer first = jms.session(Session.CLIENT_ACKNOWLEDGE, "jms.prefetchPolicy.all=0")
                .createConsumer(queue);
        MessageConsumer second = jms.session(Session.CLIENT_ACKNOWLEDGE, "jms.prefetchPolicy.all=0")
                .createConsumer(queue);

        assertThat(Jms.receiveNumbers(first, 1)).containsExactly(0);
        assertThat(Jms.receiveNumbers(second, 2)).containsExactly(1, 2);
        assertThat(Jms.receiveNumbers(first, 1)).containsExactly(3);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1000})
    void shouldReturnNullWhenReceiveTimesOutOnAnEmptyQueue(int prefetch) throws JMSException {
        MessageConsumer consumer = jms.session(Session.AUTO_ACKNOWLEDGE, "jms.prefetchPolicy.all=" + prefetch)
                .createConsumer(queue);

        assertThat(consumer.receive(50)).isNull();
        assertThat(consumer.receiveNoWait()).isNull();

        Jms.sendNumbered(producing, queue, 2);
        assertThat(Jms.receiveNumbers(consumer, 2)).containsExactly(0, 1);
        assertThat(consumer.receive(50)).isNull();
    }

    /** receiveNoWait finds a message that is in the queue, although it was not prefetched yet. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1000})
    void shouldFindMessageWhenReceiveNoWaitIsTheFirstCall(int prefetch) throws JMSException {
        Jms.sendNumbered(producing, queue, 3);
        MessageConsumer consumer = jms.session(Session.AUTO_ACKNOWLEDGE, "jms.prefetchPolicy.all=" + prefetch)
                .createConsumer(queue);

        for (int n = 0; n < 3; n++) {
            Message message = consumer.receiveNoWait();
            assertThat(message).as("message %s", n).isNotNull();
            assertThat(message.getIntProperty("n")).isEqualTo(n);
        }
        assertThat(consumer.receiveNoWait()).isNull();
    }

    @Test
    void shouldWakeUpWhenMessageArrivesDuringReceive() throws Exception {
        MessageConsumer consumer = jms.session(Session.AUTO_ACKNOWLEDGE, "jms.prefetchPolicy.all=0")
                .createConsumer(queue);
        CompletableFuture<Message> received = receiveInBackground(consumer);

        Jms.sendNumbered(producing, queue, 1);

        assertThat(received.get(20, TimeUnit.SECONDS).getIntProperty("n")).isZero();
    }

    @Test
    void shouldReturnNullWhenConsumerIsClosedDuringReceive() throws Exception {
        MessageConsumer consumer = jms.session(Session.AUTO_ACKNOWLEDGE).createConsumer(queue);
        CompletableFuture<Message> received = receiveInBackground(consumer);

        consumer.close();

        assertThat(received.get(20, TimeUnit.SECONDS)).isNull();
    }

    private static CompletableFuture<Message> receiveInBackground(MessageConsumer consumer) throws Exception {
        CompletableFuture<Message> received = new CompletableFuture<>();
        CountDownLatch calling = new CountDownLatch(1);
        Thread thread = new Thread(() -> {
            calling.countDown();
            try {
                received.complete(consumer.receive());
            } catch (JMSException e) {
                received.completeExceptionally(e);
            }
        });
        thread.setDaemon(true);
        thread.start();
        assertThat(calling.await(20, TimeUnit.SECONDS)).isTrue();
        await().until(() ->
                thread.getState() == Thread.State.WAITING || thread.getState() == Thread.State.TIMED_WAITING);
        return received;
    }

    /** Nothing is delivered before the connection is started, and nothing while it is stopped. */
    @Test
    void shouldDeliverOnlyWhileConnectionIsStarted() throws JMSException {
        Connection connection = jms.keep(jms.factory().createConnection());
        MessageConsumer consumer =
                connection.createSession(Session.AUTO_ACKNOWLEDGE).createConsumer(queue);
        Jms.sendNumbered(producing, queue, 3);
        assertThat(consumer.receive(50)).isNull();

        connection.start();
        assertThat(Jms.receiveNumbers(consumer, 1)).containsExactly(0);

        connection.stop();
        assertThat(consumer.receive(50)).isNull();

        connection.start();
        assertThat(Jms.receiveNumbers(consumer, 2)).containsExactly(1, 2);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 10, 1000})
    void shouldCallListenerInOrderWhenMessagesKeepComing(int prefetch) throws JMSException {
        List<Integer> heard = new CopyOnWriteArrayList<>();
        MessageConsumer consumer = jms.session(Session.AUTO_ACKNOWLEDGE, "jms.prefetchPolicy.all=" + prefetch)
                .createConsumer(queue);
        consumer.setMessageListener(message -> heard.add(number(message)));

        Jms.sendNumbered(producing, queue, 500);

        await().atMost(Jms.PATIENCE).until(() -> heard.size() == 500);
        assertThat(heard).isEqualTo(numbers(500));
    }

    private static int number(Message message) {
        try {
            return message.getIntProperty("n");
        } catch (JMSException e) {
            throw new AssertionError(e);
        }
    }

    /** A session is single-threaded: its listeners are called one after the other. */
    @Test
    void shouldCallListenersOfOneSessionOneAfterTheOtherWhenTheyShareIt() throws JMSException {
        Queue second = Jms.uniqueQueue(producing);
        Session session = jms.session(Session.AUTO_ACKNOWLEDGE);
        List<Thread> threads = new CopyOnWriteArrayList<>();
        session.createConsumer(queue).setMessageListener(message -> threads.add(Thread.currentThread()));
        session.createConsumer(second).setMessageListener(message -> threads.add(Thread.currentThread()));

        Jms.sendNumbered(producing, queue, 50);
        Jms.sendNumbered(producing, second, 50);

        await().atMost(Jms.PATIENCE).until(() -> threads.size() == 100);
    }

    /** A listener may answer with its own session, which waits for the broker meanwhile. */
    @Test
    void shouldSendFromListenerWhenItUsesItsOwnSession() throws JMSException {
        Queue answers = Jms.uniqueQueue(producing);
        Session session = jms.session(Session.AUTO_ACKNOWLEDGE);
        MessageProducer answering = session.createProducer(answers);
        session.createConsumer(queue).setMessageListener(message -> {
            try {
                answering.send(message);
            } catch (JMSException e) {
                throw new AssertionError(e);
            }
        });

        Jms.sendNumbered(producing, queue, 100);

        assertThat(Jms.receiveNumbers(producing.createConsumer(answers), 100)).isEqualTo(numbers(100));
    }

    /** Competing consumers share the work: each gets some, nobody gets what another has. */
    @Test
    void shouldGiveEachConsumerItsShareWhenSeveralCompete() throws JMSException {
        List<List<Integer>> heard =
                List.of(new CopyOnWriteArrayList<>(), new CopyOnWriteArrayList<>(), new CopyOnWriteArrayList<>());
        for (List<Integer> each : heard) {
            jms.session(Session.AUTO_ACKNOWLEDGE, "jms.prefetchPolicy.all=10")
                    .createConsumer(queue)
                    .setMessageListener(message -> each.add(number(message)));
        }

        Jms.sendNumbered(producing, queue, 300);

        await().atMost(Jms.PATIENCE)
                .until(() -> heard.stream().mapToInt(List::size).sum() == 300);
        assertThat(heard.stream().flatMap(List::stream)).containsExactlyInAnyOrderElementsOf(numbers(300));
        assertThat(heard).allSatisfy(each -> assertThat(each).isNotEmpty().isSorted());
    }

    /** A consumer that waits with credit left gets the next message, whatever happened to others before. */
    @Test
    void shouldReachRemainingConsumerWhenAnotherWithCreditWentAway() throws JMSException {
        MessageConsumer leaving = jms.session(Session.AUTO_ACKNOWLEDGE, "jms.prefetchPolicy.all=1000")
                .createConsumer(queue);
        MessageConsumer staying = jms.session(Session.AUTO_ACKNOWLEDGE, "jms.prefetchPolicy.all=1000")
                .createConsumer(queue);
        leaving.close();

        Jms.sendNumbered(producing, queue, 20);

        assertThat(Jms.receiveNumbers(staying, 20)).isEqualTo(numbers(20));
    }
}
