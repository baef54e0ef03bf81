package io.sterna.broker.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sterna.broker.testing.BrokerExtension;
import jakarta.jms.CompletionListener;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sending (Jakarta Messaging 3.1 §7). */
@Timeout(60)
class JmsSendTest {
    @RegisterExtension
    static final BrokerExtension BROKER = BrokerExtension.shared();

    @RegisterExtension
    final Jms jms = new Jms(BROKER);

    private Session session;
    private Queue queue;
    private MessageProducer producer;
    private MessageConsumer consumer;

    @BeforeEach
    void openSession() throws JMSException {
        session = jms.session(Session.AUTO_ACKNOWLEDGE);
        queue = Jms.uniqueQueue(session);
        producer = session.createProducer(queue);
        consumer = session.createConsumer(queue);
    }

    /** §7.4: the producer's options are those of all its messages. */
    @Test
    void shouldUseOptionsOfProducer() throws JMSException {
        assertThat(producer.getDeliveryMode()).isEqualTo(DeliveryMode.PERSISTENT);
        assertThat(producer.getPriority()).isEqualTo(4);
        assertThat(producer.getTimeToLive()).isZero();
        assertThat(producer.getDeliveryDelay()).isZero();
        producer.setDeliveryMode(DeliveryMode.NON_PERSISTENT);
        producer.setPriority(7);
        producer.setTimeToLive(600_000);

        producer.send(session.createTextMessage("x"));

        Message received = Jms.receive(consumer);
        assertThat(received.getJMSDeliveryMode()).isEqualTo(DeliveryMode.NON_PERSISTENT);
        assertThat(received.getJMSPriority()).isEqualTo(7);
        assertThat(received.getJMSExpiration()).isEqualTo(received.getJMSTimestamp() + 600_000);
    }

    /** §7.4: options of one send win over the producer's. */
    @Test
    void shouldUseOptionsOfSendWhenTheyAreGiven() throws JMSException {
        producer.setPriority(1);

        producer.send(session.createTextMessage("x"), DeliveryMode.NON_PERSISTENT, 8, 0);

        Message received = Jms.receive(consumer);
        assertThat(received.getJMSPriority()).isEqualTo(8);
        assertThat(received.getJMSDeliveryMode()).isEqualTo(DeliveryMode.NON_PERSISTENT);
        assertThat(producer.getPriority()).isEqualTo(1);
    }

    /** §3.4.11: values set on the message itself are ignored and overwritten. */
    @Test
    void shouldOverwriteHeadersThatSendSets() throws JMSException {
        Message message = session.createTextMessage("x");
        message.setJMSPriority(9);
        message.setJMSDeliveryMode(DeliveryMode.NON_PERSISTENT);
        message.setJMSExpiration(1);
        message.setJMSMessageID("ID:mine");
        message.setJMSTimestamp(1);

        producer.send(message);

        Message received = Jms.receive(consumer);
        assertThat(received.getJMSPriority()).isEqualTo(4);
        assertThat(received.getJMSDeliveryMode()).isEqualTo(DeliveryMode.PERSISTENT);
        assertThat(received.getJMSExpiration()).isZero();
        assertThat(received.getJMSMessageID()).isNotEqualTo("ID:mine");
        assertThat(received.getJMSTimestamp()).isGreaterThan(1);
    }

    /** MessageProducer.setPriority and setDeliveryMode refuse what does not exist. */
    @Test
    void shouldRefuseOptionsThatDoNotExist() {
        assertThatThrownBy(() -> producer.setPriority(10)).isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> producer.setPriority(-1)).isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> producer.setDeliveryMode(3)).isInstanceOf(JMSException.class);
    }

    /** §3.4.10: "it should do its best to deliver expedited messages ahead of normal messages". */
    @Test
    void shouldDeliverExpeditedMessagesFirst() throws JMSException {
        consumer.close();
        for (int n = 0; n < 30; n++) {
            Message message = session.createMessage();
            message.setIntProperty("n", n);
            producer.send(message, DeliveryMode.PERSISTENT, n % 10, 0);
        }

        List<Integer> numbers = Jms.receiveNumbers(session.createConsumer(queue), 30);

        assertThat(numbers.subList(0, 15)).allMatch(n -> n % 10 >= 5);
        assertThat(numbers.subList(15, 30)).allMatch(n -> n % 10 < 5);
    }

    /** §6.2.9: within one priority the order is that of sending. */
    @Test
    void shouldKeepOrderWithinPriority() throws JMSException {
        consumer.close();
        for (int n = 0; n < 100; n++) {
            Message message = session.createMessage();
            message.setIntProperty("n", n);
            producer.send(message, DeliveryMode.PERSISTENT, n % 2 == 0 ? 9 : 0, 0);
        }

        List<Integer> numbers = Jms.receiveNumbers(session.createConsumer(queue), 100);

        assertThat(numbers.stream().filter(n -> n % 2 == 0)).isSorted().hasSize(50);
        assertThat(numbers.stream().filter(n -> n % 2 == 1)).isSorted().hasSize(50);
        assertThat(numbers.subList(0, 50)).allMatch(n -> n % 2 == 0);
    }

    /** §7.8 and §3.4.9: "Clients should not receive messages that have expired". */
    @Test
    void shouldNotDeliverExpiredMessages() throws JMSException {
        consumer.close();
        producer.setTimeToLive(1);
        for (int i = 0; i < 10; i++) {
            producer.send(session.createTextMessage("expired"));
        }
        long lastExpiry = System.currentTimeMillis() + 1;
        producer.setTimeToLive(0);
        producer.send(session.createTextMessage("lives"));
        await().until(() -> System.currentTimeMillis() > lastExpiry);

        MessageConsumer late = session.createConsumer(queue);

        assertThat(Jms.receiveText(late)).isEqualTo("lives");
        Jms.assertNothing(late);
    }

    private static final class Recorder implements CompletionListener {
        private final List<Message> completed = new CopyOnWriteArrayList<>();
        private final List<Exception> failed = new CopyOnWriteArrayList<>();

        @Override
        public void onCompletion(Message message) {
            completed.add(message);
        }

        @Override
        public void onException(Message message, Exception exception) {
            failed.add(exception);
        }
    }

    /** §7.3.3 and §7.3.8: listeners are called in the order of the sends. */
    @Test
    void shouldCallCompletionListenersInOrder() throws JMSException {
        Recorder recorder = new Recorder();
        List<Message> sent = new ArrayList<>();
        for (int n = 0; n < 100; n++) {
            Message message = session.createMessage();
            message.setIntProperty("n", n);
            sent.add(message);
            producer.send(message, recorder);
        }

        await().atMost(Jms.PATIENCE).until(() -> recorder.completed.size() == 100);
        assertThat(recorder.completed).isEqualTo(sent);
        assertThat(recorder.failed).isEmpty();
        assertThat(Jms.receiveNumbers(consumer, 100)).isSorted();
    }

    /** §7.3.6: the headers can be read once the listener has been called. */
    @Test
    void shouldHaveHeadersWhenCompletionListenerIsCalled() throws JMSException {
        Recorder recorder = new Recorder();
        producer.send(session.createTextMessage("x"), DeliveryMode.PERSISTENT, 6, 0, recorder);

        await().atMost(Jms.PATIENCE).until(() -> recorder.completed.size() == 1);

        Message completed = recorder.completed.get(0);
        assertThat(completed.getJMSMessageID()).startsWith("ID:");
        assertThat(completed.getJMSPriority()).isEqualTo(6);
        assertThat(completed.getJMSDestination()).isEqualTo(queue);
    }

    /** §7.3.4: "closing … must not return until all incomplete send operations have been completed". */
    @ParameterizedTest
    @ValueSource(strings = {"producer", "session", "connection"})
    void shouldCompleteSendsWhenClosed(String closed) throws JMSException {
        Connection connection = jms.connect();
        Session own = connection.createSession();
        MessageProducer sending = own.createProducer(queue);
        Recorder recorder = new Recorder();
        for (int i = 0; i < 50; i++) {
            sending.send(own.createMessage(), recorder);
        }

        switch (closed) {
            case "producer" -> sending.close();
            case "session" -> own.close();
            default -> connection.close();
        }

        // Qpid JMS calls the last listeners of a producer on a thread of their own.
        await().atMost(Jms.PATIENCE).until(() -> recorder.completed.size() + recorder.failed.size() == 50);
        assertThat(recorder.failed).isEmpty();
    }

    /** §7.3: a null listener is an IllegalArgumentException. */
    @Test
    void shouldRefuseNullCompletionListener() {
        assertThatThrownBy(() -> producer.send(session.createMessage(), null))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** §7.3.2: whoever asks for a wrong destination learns it. */
    @Test
    void shouldThrowWhenDestinationIsMissingOrTwice() throws JMSException {
        MessageProducer anonymous = session.createProducer(null);
        Message message = session.createMessage();

        assertThatThrownBy(() -> anonymous.send(message)).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> producer.send(queue, message)).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> anonymous.send(null, message)).isInstanceOf(InvalidDestinationException.class);
    }

    /** §7.1: a producer without destination sends to queues and topics alike. */
    @Test
    void shouldSendToQueuesAndTopicsWhenItHasNoDestination() throws JMSException {
        Topic topic = Jms.uniqueTopic(session);
        MessageConsumer subscriber = session.createConsumer(topic);
        MessageProducer anonymous = session.createProducer(null);

        anonymous.send(queue, session.createTextMessage("to queue"));
        anonymous.send(topic, session.createTextMessage("to topic"));

        assertThat(Jms.receiveText(consumer)).isEqualTo("to queue");
        assertThat(Jms.receiveText(subscriber)).isEqualTo("to topic");
        assertThat(anonymous.getDestination()).isNull();
        assertThat(producer.getDestination()).isEqualTo(queue);
    }

    /** §3.9: "a client may retain and modify it without affecting the message that has been sent". */
    @Test
    void shouldNotChangeWhatWasSentWhenMessageIsReused() throws JMSException {
        TextMessage message = session.createTextMessage("first");
        producer.send(message);
        message.setText("second");
        message.setStringProperty("p", "second");
        producer.send(message);

        TextMessage first = (TextMessage) Jms.receive(consumer);
        TextMessage second = (TextMessage) Jms.receive(consumer);

        assertThat(first.getText()).isEqualTo("first");
        assertThat(first.propertyExists("p")).isFalse();
        assertThat(second.getText()).isEqualTo("second");
        assertThat(second.getJMSMessageID()).isNotEqualTo(first.getJMSMessageID());
    }

    /** §3.10: a consumer changes its own copy; the redelivered one is the original. */
    @Test
    void shouldRedeliverOriginalWhenConsumerChangedItsCopy() throws JMSException {
        Session own = jms.session(Session.CLIENT_ACKNOWLEDGE);
        producer.send(session.createTextMessage("original"));
        consumer.close();
        MessageConsumer changing = own.createConsumer(queue);
        TextMessage message = (TextMessage) Jms.receive(changing);
        message.clearBody();
        message.setText("changed");
        message.clearProperties();
        message.setStringProperty("p", "changed");

        own.recover();

        TextMessage again = (TextMessage) Jms.receive(changing);
        assertThat(again.getText()).isEqualTo("original");
        assertThat(again.propertyExists("p")).isFalse();
    }

    /** §3.12: messages of another provider are taken. */
    @Test
    void shouldSendMessageWhenItIsReceivedFromElsewhere() throws JMSException {
        Queue next = Jms.uniqueQueue(session);
        MapMessage map = session.createMapMessage();
        map.setInt("a", 1);
        map.setString("b", "x");
        producer.send(map);

        session.createProducer(next).send(Jms.receive(consumer));

        MapMessage received = (MapMessage) Jms.receive(session.createConsumer(next));
        assertThat(received.getInt("a")).isOne();
        assertThat(received.getString("b")).isEqualTo("x");
    }

    @Test
    void shouldRefuseSendWhenProducerIsClosed() throws JMSException {
        producer.close();

        assertThatThrownBy(() -> producer.send(session.createMessage())).isInstanceOf(IllegalStateException.class);
        assertThatCode(producer::close).doesNotThrowAnyException();
    }

    /** §3.5.9: JMSXGroupID: messages of a group go to one consumer, in order. */
    @Test
    void shouldGiveGroupToOneConsumer() throws JMSException {
        consumer.close();
        List<MessageConsumer> consumers = List.of(
                jms.session(Session.AUTO_ACKNOWLEDGE, "jms.prefetchPolicy.all=5")
                        .createConsumer(queue),
                jms.session(Session.AUTO_ACKNOWLEDGE, "jms.prefetchPolicy.all=5")
                        .createConsumer(queue));
        for (int n = 0; n < 60; n++) {
            Message message = session.createMessage();
            message.setIntProperty("n", n);
            message.setStringProperty("JMSXGroupID", "group " + n % 6);
            producer.send(message);
        }

        List<List<Integer>> received = List.of(new ArrayList<>(), new ArrayList<>());
        await().atMost(Jms.PATIENCE).until(() -> {
            for (int i = 0; i < 2; i++) {
                for (Message m = consumers.get(i).receive(20);
                        m != null;
                        m = consumers.get(i).receive(20)) {
                    received.get(i).add(m.getIntProperty("n"));
                }
            }
            return received.get(0).size() + received.get(1).size() == 60;
        });
        for (int group = 0; group < 6; group++) {
            int own = group;
            List<Integer> ofFirst =
                    received.get(0).stream().filter(n -> n % 6 == own).toList();
            List<Integer> ofSecond =
                    received.get(1).stream().filter(n -> n % 6 == own).toList();
            assertThat(ofFirst.isEmpty() || ofSecond.isEmpty())
                    .as("group %s at one consumer", group)
                    .isTrue();
            assertThat(ofFirst).isSorted();
            assertThat(ofSecond).isSorted();
        }
    }
}
