package io.sterna.broker.jms;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.broker.testing.BrokerProcess;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.Topic;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.qpid.jms.JmsConnectionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What survives a failure of the provider: Jakarta Messaging 3.1 §4.1.8, §4.2.8, §4.2.11, §6.2.11, §6.2.12, §7.7, §9.1. */
@Tag("sterna")
@Timeout(120)
class JmsReliabilityTest {
    private static final int COUNT = 60;

    @TempDir
    Path directory;

    private BrokerProcess broker;

    @BeforeEach
    void startBroker() {
        broker = BrokerProcess.start(directory.resolve("data"), 0, List.of());
    }

    @AfterEach
    void stopBroker() {
        broker.close();
    }

    private void killAndRestart() {
        broker.kill();
        broker.close();
        startBroker();
    }

    private void stopAndRestart() {
        broker.close();
        startBroker();
    }

    private Connection connect() throws JMSException {
        Connection connection = new JmsConnectionFactory(
                        broker.url() + "?jms.requestTimeout=20000&jms.connectTimeout=20000&jms.closeTimeout=1000")
                .createConnection();
        connection.setClientID("reliable");
        connection.start();
        return connection;
    }

    /** Persistent messages have even numbers. */
    private static void sendBothKinds(Session session, Destination destination) throws JMSException {
        try (MessageProducer producer = session.createProducer(destination)) {
            for (int n = 0; n < COUNT; n++) {
                Message message = session.createTextMessage("m");
                message.setIntProperty("n", n);
                int mode = n % 2 == 0 ? DeliveryMode.PERSISTENT : DeliveryMode.NON_PERSISTENT;
                producer.send(message, mode, 4, 0);
            }
        }
    }

    private static List<Integer> drain(MessageConsumer consumer) throws JMSException {
        List<Integer> numbers = new ArrayList<>();
        for (Message next = consumer.receive(5_000); next != null; next = consumer.receive(300)) {
            numbers.add(next.getIntProperty("n"));
        }
        return numbers;
    }

    private static List<Integer> even(int from) {
        return IntStream.range(from, COUNT).filter(n -> n % 2 == 0).boxed().toList();
    }

    /** §7.7: persistent once-and-only-once, non-persistent at-most-once. §4.1.8: whether or not the consumer is active. */
    @Test
    void shouldDeliverPersistentMessagesOnceWhenTheProviderFails() throws JMSException {
        try (Connection connection = connect()) {
            Session session = connection.createSession();
            sendBothKinds(session, session.createQueue("q"));
            killAndRestart();
        }
        try (Connection connection = connect()) {
            Session session = connection.createSession();
            List<Integer> received = drain(session.createConsumer(session.createQueue("q")));

            assertThat(received).doesNotHaveDuplicates().isSorted();
            assertThat(received.stream().filter(n -> n % 2 == 0)).containsExactlyElementsOf(even(0));
        }
    }

    /** §6.2.11: never a second copy of an acknowledged message. §9.1: the others come, of either domain. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldNotDeliverAcknowledgedMessagesAgainWhenTheProviderFails(boolean topic) throws JMSException {
        try (Connection connection = connect()) {
            Session session = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
            MessageConsumer consumer = consumer(session, topic);
            sendBothKinds(session, topic ? session.createTopic("t") : session.createQueue("q"));
            for (int n = 0; n < 21; n++) {
                Message message = consumer.receive(20_000);
                if (n == 20) {
                    message.acknowledge();
                }
            }
            session.close(); // The client does not wait for its acknowledgement, but for this.
            killAndRestart();
        }
        try (Connection connection = connect()) {
            List<Integer> received = drain(consumer(connection.createSession(), topic));

            assertThat(received).doesNotHaveDuplicates().isSorted().allMatch(n -> n > 20);
            assertThat(received.stream().filter(n -> n % 2 == 0)).containsExactlyElementsOf(even(22));
        }
    }

    private static MessageConsumer consumer(Session session, boolean topic) throws JMSException {
        return topic
                ? session.createDurableSubscriber(session.createTopic("t"), "subscription")
                : session.createConsumer(session.createQueue("q"));
    }

    /** §4.2.11: what is published while a durable subscriber is inactive is retained, also over a failure. */
    @Test
    void shouldRetainMessagesForAnInactiveDurableSubscriberWhenTheProviderFails() throws JMSException {
        try (Connection connection = connect()) {
            Session session = connection.createSession();
            Topic topic = session.createTopic("t");
            session.createDurableSubscriber(topic, "subscription").close();
            sendBothKinds(session, topic);
            killAndRestart();
        }
        try (Connection connection = connect()) {
            Session session = connection.createSession();
            List<Integer> received = drain(session.createDurableSubscriber(session.createTopic("t"), "subscription"));

            assertThat(received).doesNotHaveDuplicates().isSorted();
            assertThat(received.stream().filter(n -> n % 2 == 0)).containsExactlyElementsOf(even(0));
        }
    }

    /** §9.1: persistent, in a transaction, is "the highest level of assurance"; §6.2.7: nothing of what is not committed. */
    @Test
    void shouldKeepWhatWasCommittedAndNothingElseWhenTheProviderFails() throws JMSException {
        try (Connection connection = connect()) {
            Session session = connection.createSession(Session.SESSION_TRANSACTED);
            Queue queue = session.createQueue("q");
            Jms.sendNumbered(session, queue, 10);
            session.commit();
            MessageConsumer consumer = session.createConsumer(queue);
            Jms.receiveNumbers(consumer, 4);
            session.commit();
            Jms.receiveNumbers(consumer, 3);
            Jms.sendNumbered(session, queue, 10);
            killAndRestart();
        }
        try (Connection connection = connect()) {
            Session session = connection.createSession();

            assertThat(drain(session.createConsumer(session.createQueue("q")))).containsExactly(4, 5, 6, 7, 8, 9);
        }
    }

    /** §4.2.8, §9.1: a non-durable subscriber and a temporary queue end with the application; nothing of them comes back. */
    @Test
    void shouldHoldNothingOfTemporaryDestinationsWhenTheProviderFails() throws JMSException {
        String address;
        try (Connection connection = connect()) {
            Session session = connection.createSession();
            TemporaryQueue temporary = session.createTemporaryQueue();
            address = temporary.getQueueName();
            MessageConsumer subscriber = session.createConsumer(session.createTopic("t"));
            sendBothKinds(session, temporary);
            sendBothKinds(session, session.createTopic("t"));
            assertThat(subscriber.receive(20_000)).isNotNull();
            killAndRestart();
        }
        try (Connection connection = connect()) {
            Session session = connection.createSession();
            assertThat(session.createConsumer(session.createTopic("t")).receive(300))
                    .isNull();
            assertThat(address).isNotEmpty();
            assertThat(session.createConsumer(session.createTemporaryQueue()).receive(300))
                    .isNull();
        }
    }

    /** §9.1: shut down and started again is no failure; persistent messages and their order stay. */
    @Test
    void shouldKeepOrderAndHeadersWhenTheProviderIsShutDownAndStarted() throws JMSException {
        String id;
        try (Connection connection = connect()) {
            Session session = connection.createSession();
            Message message = session.createTextMessage("m");
            message.setIntProperty("n", 0);
            message.setJMSType("type");
            message.setJMSCorrelationID("correlation");
            try (MessageProducer producer = session.createProducer(session.createQueue("q"))) {
                producer.send(message, DeliveryMode.PERSISTENT, 7, 3_600_000);
            }
            id = message.getJMSMessageID();
            Jms.sendNumbered(session, session.createQueue("q"), 5);
        }
        stopAndRestart();
        try (Connection connection = connect()) {
            Session session = connection.createSession();
            MessageConsumer consumer = session.createConsumer(session.createQueue("q"));
            Message first = Jms.receive(consumer);

            assertThat(first.getJMSMessageID()).isEqualTo(id);
            assertThat(first.getJMSType()).isEqualTo("type");
            assertThat(first.getJMSCorrelationID()).isEqualTo("correlation");
            assertThat(first.getJMSPriority()).isEqualTo(7);
            assertThat(first.getJMSDeliveryMode()).isEqualTo(DeliveryMode.PERSISTENT);
            assertThat(first.getJMSExpiration()).isPositive();
            assertThat(drain(consumer)).containsExactly(0, 1, 2, 3, 4);
        }
    }
}
