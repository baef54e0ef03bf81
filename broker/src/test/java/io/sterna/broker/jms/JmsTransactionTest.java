package io.sterna.broker.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sterna.broker.testing.BrokerExtension;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import jakarta.jms.TransactionRolledBackException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Transacted sessions (Jakarta Messaging 3.1 §6.2.7). */
@Timeout(60)
class JmsTransactionTest {
    @RegisterExtension
    static final BrokerExtension BROKER = BrokerExtension.shared();

    @RegisterExtension
    final Jms jms = new Jms(BROKER);

    private Session other;
    private Session transacted;
    private Queue queue;

    @BeforeEach
    void openSessions() throws JMSException {
        other = jms.session(Session.AUTO_ACKNOWLEDGE);
        transacted = jms.session(Session.SESSION_TRANSACTED);
        queue = Jms.uniqueQueue(other);
    }

    private static List<Integer> range(int from, int to) {
        return IntStream.range(from, to).boxed().toList();
    }

    /** What another session finds in a queue. */
    private List<Integer> left(Queue from) throws JMSException {
        List<Integer> numbers = new ArrayList<>();
        try (MessageConsumer consumer = other.createConsumer(from)) {
            for (Message next = consumer.receiveNoWait(); next != null; next = consumer.receiveNoWait()) {
                numbers.add(next.getIntProperty("n"));
            }
        }
        return numbers;
    }

    // ---- Sending

    /** §6.2.7: "messages … are not delivered until the transaction commits" */
    @Test
    void shouldSendWhenTheTransactionIsCommitted() throws JMSException {
        Jms.sendNumbered(transacted, queue, 5);
        assertThat(left(queue)).isEmpty();
        transacted.commit();

        assertThat(left(queue)).isEqualTo(range(0, 5));
    }

    /** §6.2.7: "If a transaction rollback is done, the transaction's produced messages are destroyed" */
    @Test
    void shouldDestroyProducedMessagesWhenTheTransactionIsRolledBack() throws JMSException {
        Jms.sendNumbered(transacted, queue, 5);
        transacted.rollback();
        transacted.commit();

        assertThat(left(queue)).isEmpty();
    }

    /** §6.2.7: "The completion of a session's current transaction automatically begins a new transaction." */
    @Test
    void shouldBeginANewTransactionWhenOneIsCompleted() throws JMSException {
        for (int round = 0; round < 20; round++) {
            try (MessageProducer producer = transacted.createProducer(queue)) {
                Message message = transacted.createMessage();
                message.setIntProperty("n", round);
                producer.send(message);
            }
            if (round % 2 == 0) {
                transacted.commit();
            } else {
                transacted.rollback();
            }
        }

        assertThat(left(queue)).containsExactly(0, 2, 4, 6, 8, 10, 12, 14, 16, 18);
    }

    @Test
    void shouldSendToSeveralQueuesInOneTransaction() throws JMSException {
        List<Queue> queues = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            queues.add(Jms.uniqueQueue(other));
            Jms.sendNumbered(transacted, queues.get(i), 3);
        }
        for (Queue each : queues) {
            assertThat(left(each)).isEmpty();
        }
        transacted.commit();

        for (Queue each : queues) {
            assertThat(left(each)).isEqualTo(range(0, 3));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {DeliveryMode.PERSISTENT, DeliveryMode.NON_PERSISTENT})
    void shouldSendAnonymouslyInATransaction(int deliveryMode) throws JMSException {
        Queue second = Jms.uniqueQueue(other);
        try (MessageProducer producer = transacted.createProducer(null)) {
            producer.setDeliveryMode(deliveryMode);
            for (int n = 0; n < 10; n++) {
                Message message = transacted.createMessage();
                message.setIntProperty("n", n);
                producer.send(n % 2 == 0 ? queue : second, message);
            }
        }
        transacted.commit();

        assertThat(left(queue)).containsExactly(0, 2, 4, 6, 8);
        assertThat(left(second)).containsExactly(1, 3, 5, 7, 9);
    }

    @Test
    void shouldPublishToATopicWhenTheTransactionIsCommitted() throws JMSException {
        Topic topic = other.createTopic("jms.tx." + UUID.randomUUID());
        try (MessageConsumer subscriber = other.createConsumer(topic);
                MessageProducer producer = transacted.createProducer(topic)) {
            producer.send(transacted.createTextMessage("rolled back"));
            transacted.rollback();
            producer.send(transacted.createTextMessage("first"));
            producer.send(transacted.createTextMessage("second"));
            assertThat(subscriber.receiveNoWait()).isNull();
            transacted.commit();

            assertThat(Jms.receive(subscriber).getBody(String.class)).isEqualTo("first");
            assertThat(Jms.receive(subscriber).getBody(String.class)).isEqualTo("second");
        }
    }

    @Test
    void shouldPublishToSubscriptionsWithWildcardsWhenTheTransactionIsCommitted() throws JMSException {
        String base = "jms.tx." + UUID.randomUUID();
        try (MessageConsumer all = other.createConsumer(other.createTopic(base + ".#"));
                MessageConsumer one = other.createConsumer(other.createTopic(base + ".a"));
                MessageProducer producer = transacted.createProducer(other.createTopic(base + ".a"))) {
            producer.send(transacted.createTextMessage("x"));
            transacted.rollback();
            producer.send(transacted.createTextMessage("y"));
            assertThat(all.receiveNoWait()).isNull();
            transacted.commit();

            assertThat(Jms.receive(all).getBody(String.class)).isEqualTo("y");
            assertThat(Jms.receive(one).getBody(String.class)).isEqualTo("y");
            assertThat(all.receiveNoWait()).isNull();
        }
    }

    @Test
    void shouldSendWhatAProducerThatIsClosedHasSent() throws JMSException {
        try (MessageProducer producer = transacted.createProducer(queue)) {
            Message message = transacted.createMessage();
            message.setIntProperty("n", 0);
            producer.send(message);
        }
        transacted.commit();

        assertThat(left(queue)).containsExactly(0);
    }

    @Test
    void shouldSendManyMoreMessagesThanTheCreditOfALink() throws JMSException {
        Jms.sendNumbered(transacted, queue, 3_000);
        transacted.commit();

        assertThat(left(queue)).isEqualTo(range(0, 3_000));
    }

    // ---- Receiving

    /** §6.2.7: "When a transaction commits, its atomic unit of input is acknowledged" */
    @Test
    void shouldAcknowledgeWhenTheTransactionIsCommitted() throws JMSException {
        Jms.sendNumbered(other, queue, 5);
        try (MessageConsumer consumer = transacted.createConsumer(queue)) {
            assertThat(Jms.receiveNumbers(consumer, 3)).isEqualTo(range(0, 3));
            transacted.commit();
        }
        transacted.close();

        assertThat(left(queue)).containsExactly(3, 4);
    }

    /** §6.2.7: "its consumed messages are automatically recovered"; §3.4.7, §3.5.11. */
    @Test
    void shouldReceiveAgainInOrderWhenTheTransactionIsRolledBack() throws JMSException {
        Jms.sendNumbered(other, queue, 10);
        try (MessageConsumer consumer = transacted.createConsumer(queue)) {
            for (int attempt = 1; attempt <= 4; attempt++) {
                for (int n = 0; n < 5; n++) {
                    Message message = Jms.receive(consumer);
                    assertThat(message.getIntProperty("n")).isEqualTo(n);
                    assertThat(message.getJMSRedelivered()).isEqualTo(attempt > 1);
                    assertThat(message.getIntProperty("JMSXDeliveryCount")).isEqualTo(attempt);
                }
                transacted.rollback();
            }
            assertThat(Jms.receiveNumbers(consumer, 5)).isEqualTo(range(0, 5));
            Message neverSeen = Jms.receive(consumer);
            assertThat(neverSeen.getIntProperty("n")).isEqualTo(5);
            assertThat(neverSeen.getJMSRedelivered())
                    .as("only prefetched so far")
                    .isFalse();
            assertThat(neverSeen.getIntProperty("JMSXDeliveryCount")).isEqualTo(1);
            transacted.commit();
        }
        transacted.close();

        assertThat(left(queue)).isEqualTo(range(6, 10));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 10, 1000})
    void shouldKeepOrderOverRollbacksWhateverThePrefetch(int prefetch) throws JMSException {
        Session session = jms.session(Session.SESSION_TRANSACTED, "jms.prefetchPolicy.all=" + prefetch);
        Jms.sendNumbered(other, queue, 50);
        List<Integer> committed = new ArrayList<>();
        try (MessageConsumer consumer = session.createConsumer(queue)) {
            for (int round = 0; committed.size() < 50; round++) {
                List<Integer> batch = Jms.receiveNumbers(consumer, 10);
                if (round % 2 == 0) {
                    session.rollback();
                } else {
                    committed.addAll(batch);
                    session.commit();
                }
            }
        }

        assertThat(committed).isEqualTo(range(0, 50));
    }

    @Test
    void shouldReceiveInBatchesOfAHundredWithPrefetch() throws JMSException {
        Jms.sendNumbered(other, queue, 2_000);
        try (MessageConsumer consumer = transacted.createConsumer(queue)) {
            for (int batch = 0; batch < 20; batch++) {
                assertThat(Jms.receiveNumbers(consumer, 100)).isEqualTo(range(100 * batch, 100 * batch + 100));
                transacted.commit();
            }
            assertThat(consumer.receiveNoWait()).isNull();
        }

        assertThat(left(queue)).isEmpty();
    }

    @Test
    void shouldAcknowledgeFromSeveralQueuesInOneTransaction() throws JMSException {
        Queue second = Jms.uniqueQueue(other);
        Jms.sendNumbered(other, queue, 2);
        Jms.sendNumbered(other, second, 2);
        try (MessageConsumer first = transacted.createConsumer(queue);
                MessageConsumer next = transacted.createConsumer(second)) {
            Jms.receiveNumbers(first, 2);
            Jms.receiveNumbers(next, 2);
            transacted.rollback();
            assertThat(Jms.receiveNumbers(first, 2)).containsExactly(0, 1);
            assertThat(Jms.receiveNumbers(next, 2)).containsExactly(0, 1);
            transacted.commit();
        }
        transacted.close();

        assertThat(left(queue)).isEmpty();
        assertThat(left(second)).isEmpty();
    }

    /** §6.2.7: input and output in one unit. */
    @Test
    void shouldMoveMessagesFromOneQueueToAnother() throws JMSException {
        Queue target = Jms.uniqueQueue(other);
        Jms.sendNumbered(other, queue, 30);
        try (MessageConsumer consumer = transacted.createConsumer(queue);
                MessageProducer producer = transacted.createProducer(target)) {
            for (int moved = 0; moved < 30; ) {
                for (int i = 0; i < 3; i++) {
                    producer.send(Jms.receive(consumer));
                }
                if (moved % 2 == 0) {
                    transacted.rollback();
                    for (int i = 0; i < 3; i++) {
                        producer.send(Jms.receive(consumer));
                    }
                }
                transacted.commit();
                moved += 3;
            }
        }
        transacted.close();

        assertThat(left(queue)).isEmpty();
        assertThat(left(target)).isEqualTo(range(0, 30));
    }

    /** §8.8: the listener's session commits. */
    @Test
    void shouldCommitInAMessageListener() throws Exception {
        Jms.sendNumbered(other, queue, 20);
        BlockingQueue<Integer> received = new LinkedBlockingQueue<>();
        AtomicInteger calls = new AtomicInteger();
        MessageConsumer consumer = transacted.createConsumer(queue);
        consumer.setMessageListener(message -> {
            try {
                int number = message.getIntProperty("n");
                if (calls.incrementAndGet() % 3 == 0) {
                    transacted.rollback();
                } else {
                    transacted.commit();
                    received.add(number);
                }
            } catch (JMSException failed) {
                received.add(-1);
            }
        });

        List<Integer> numbers = new ArrayList<>();
        while (numbers.size() < 20) {
            Integer next = received.poll(Jms.PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertThat(next).as("after %s", numbers).isNotNull();
            numbers.add(next);
        }
        assertThat(numbers).isEqualTo(range(0, 20));
    }

    // ---- Consumers, sessions and connections that end

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldDecideOnWhatAConsumerHasReceivedThatIsClosedBefore(boolean commit) throws JMSException {
        Jms.sendNumbered(other, queue, 4);
        try (MessageConsumer consumer = transacted.createConsumer(queue)) {
            Jms.receiveNumbers(consumer, 2);
        }
        if (commit) {
            transacted.commit();
        } else {
            transacted.rollback();
        }

        assertThat(left(queue)).isEqualTo(commit ? List.of(2, 3) : range(0, 4));
    }

    /** §6.2.15: "Closing a transacted session must roll back its transaction in progress." */
    @Test
    void shouldRollBackWhenTheSessionIsClosed() throws JMSException {
        Jms.sendNumbered(other, queue, 2);
        Queue target = Jms.uniqueQueue(other);
        MessageConsumer consumer = transacted.createConsumer(queue);
        Jms.receiveNumbers(consumer, 2);
        Jms.sendNumbered(transacted, target, 2);
        transacted.close();

        assertThat(left(target)).isEmpty();
        try (MessageConsumer again = other.createConsumer(queue)) {
            Message first = Jms.receive(again);
            assertThat(first.getIntProperty("n")).isZero();
            assertThat(first.getJMSRedelivered()).isTrue();
        }
    }

    /** §6.1.8: "Closing a connection must roll back the transactions in progress on its transacted sessions". */
    @Test
    void shouldRollBackWhenTheConnectionIsClosed() throws JMSException {
        Jms.sendNumbered(other, queue, 3);
        Connection connection = jms.connect();
        Session session = connection.createSession(Session.SESSION_TRANSACTED);
        Queue target = Jms.uniqueQueue(other);
        MessageConsumer consumer = session.createConsumer(queue);
        Jms.receiveNumbers(consumer, 2);
        Jms.sendNumbered(session, target, 2);
        connection.close();

        assertThat(left(queue)).isEqualTo(range(0, 3));
        assertThat(left(target)).isEmpty();
    }

    @Test
    void shouldThrowWhenASessionIsNotTransacted() {
        assertThatThrownBy(other::commit).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(other::rollback).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void shouldThrowWhenTheSessionIsClosed() throws JMSException {
        transacted.close();

        assertThatThrownBy(transacted::commit).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(transacted::rollback).isInstanceOf(IllegalStateException.class);
    }

    /** §6.2.7: acknowledge() is ignored in a transacted session. */
    @Test
    void shouldIgnoreAcknowledgeInATransactedSession() throws JMSException {
        Jms.sendNumbered(other, queue, 1);
        try (MessageConsumer consumer = transacted.createConsumer(queue)) {
            Jms.receive(consumer).acknowledge();
            transacted.rollback();
        }
        transacted.close();

        assertThat(left(queue)).containsExactly(0);
    }

    @Test
    void shouldSayThatTheSessionIsTransacted() throws JMSException {
        assertThat(transacted.getTransacted()).isTrue();
        assertThat(transacted.getAcknowledgeMode()).isEqualTo(Session.SESSION_TRANSACTED);
    }

    // ---- Several at once

    /** Competing consumers: each message is committed once, whatever is rolled back on the way. */
    @Test
    void shouldCommitEachMessageOnceWhenTransactedConsumersCompete() throws Exception {
        int messages = 400;
        Jms.sendNumbered(other, queue, messages);
        Set<Integer> committed = new ConcurrentSkipListSet<>();
        AtomicInteger twice = new AtomicInteger();
        CountDownLatch done = new CountDownLatch(messages);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        List<Future<?>> workers = new ArrayList<>();
        for (int worker = 0; worker < 4; worker++) {
            int seed = worker;
            workers.add(threads.submit(() -> {
                Session session = jms.session(Session.SESSION_TRANSACTED, "jms.prefetchPolicy.all=" + 7 * (seed + 1));
                MessageConsumer consumer = session.createConsumer(queue);
                for (int round = seed; done.getCount() > 0; round++) {
                    List<Integer> batch = new ArrayList<>();
                    Message message = consumer.receive(100);
                    while (message != null && batch.size() < 6) {
                        batch.add(message.getIntProperty("n"));
                        message = batch.size() < 6 ? consumer.receive(100) : null;
                    }
                    if (round % 4 == 0) {
                        session.rollback();
                    } else {
                        session.commit();
                        for (int number : batch) {
                            if (!committed.add(number)) {
                                twice.incrementAndGet();
                            }
                            done.countDown();
                        }
                    }
                }
                session.close();
                return null;
            }));
        }
        for (Future<?> worker : workers) {
            worker.get(50, TimeUnit.SECONDS);
        }
        threads.shutdown();

        assertThat(committed).hasSize(messages);
        assertThat(twice).hasValue(0);
        assertThat(left(queue)).isEmpty();
    }

    @Test
    void shouldKeepTransactionsOfSessionsOfOneConnectionApart() throws JMSException {
        Connection connection = jms.connect();
        Session first = connection.createSession(Session.SESSION_TRANSACTED);
        Session second = connection.createSession(Session.SESSION_TRANSACTED);
        Queue its = Jms.uniqueQueue(other);
        Jms.sendNumbered(first, queue, 2);
        Jms.sendNumbered(second, its, 2);
        first.rollback();
        second.commit();

        assertThat(left(queue)).isEmpty();
        assertThat(left(its)).containsExactly(0, 1);
    }

    /** §6.2.7 through the simplified interface. */
    @Test
    void shouldCommitAndRollBackWithAContext() {
        try (JMSContext context = jms.factory().createContext(JMSContext.SESSION_TRANSACTED)) {
            Queue its = context.createQueue("jms.context." + UUID.randomUUID());
            context.createProducer().send(its, "lost");
            context.rollback();
            context.createProducer().send(its, "kept");
            context.commit();
            String received = context.createConsumer(its).receiveBody(String.class, Jms.PATIENCE.toMillis());
            context.commit();

            assertThat(received).isEqualTo("kept");
        }
    }

    // ---- Failures

    /** §6.2.7: "a commit fails and the transaction is rolled back" is TransactionRolledBackException (§10.3). */
    @Test
    @Tag("sterna")
    void shouldThrowTransactionRolledBackWhenTheTransactionIsTooLarge() throws JMSException {
        byte[] body = new byte[1 << 20];
        try (MessageProducer producer = transacted.createProducer(queue)) {
            for (int n = 0; n < 70; n++) {
                var message = transacted.createBytesMessage();
                message.writeBytes(body);
                message.setIntProperty("n", n);
                producer.send(message);
            }
        }

        assertThatThrownBy(transacted::commit)
                .isInstanceOf(TransactionRolledBackException.class)
                .hasMessageContaining("the transaction is too large");
        assertThat(left(queue)).isEmpty();
        Jms.sendNumbered(transacted, queue, 1);
        transacted.commit();
        assertThat(left(queue)).as("the session goes on").containsExactly(0);
    }
}
