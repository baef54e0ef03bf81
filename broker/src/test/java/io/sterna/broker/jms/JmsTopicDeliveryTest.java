package io.sterna.broker.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sterna.broker.testing.BrokerExtension;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Topics and their non-durable subscriptions (Jakarta Messaging 3.1 §4.2 and §8.3.1). */
@Timeout(60)
class JmsTopicDeliveryTest {
    @RegisterExtension
    static final BrokerExtension BROKER = BrokerExtension.shared();

    @RegisterExtension
    final Jms jms = new Jms(BROKER);

    private Session session;
    private Topic topic;

    @BeforeEach
    void openSession() throws JMSException {
        session = jms.session(Session.AUTO_ACKNOWLEDGE);
        topic = Jms.uniqueTopic(session);
    }

    private static List<Integer> range(int count) {
        return IntStream.range(0, count).boxed().toList();
    }

    /** §4.2.2: each subscription gets a copy of each message, in the order of the producer. */
    @Test
    void shouldDeliverEachMessageToEverySubscription() throws JMSException {
        MessageConsumer first = session.createConsumer(topic);
        MessageConsumer second = session.createConsumer(topic);
        MessageConsumer elsewhere = jms.session(Session.AUTO_ACKNOWLEDGE).createConsumer(topic);

        Jms.sendNumbered(session, topic, 100);

        assertThat(Jms.receiveNumbers(first, 100)).isEqualTo(range(100));
        assertThat(Jms.receiveNumbers(second, 100)).isEqualTo(range(100));
        assertThat(Jms.receiveNumbers(elsewhere, 100)).isEqualTo(range(100));
    }

    /** §8.3.1: messages are only added "for as long as the consumer object exists and is not closed". */
    @Test
    void shouldMissWhatWasSentBeforeItSubscribed() throws JMSException {
        Jms.send(session, topic, "before");
        MessageConsumer consumer = session.createConsumer(topic);

        Jms.send(session, topic, "after");

        assertThat(Jms.receiveText(consumer)).isEqualTo("after");
        Jms.assertNothing(consumer);
    }

    /** §8.3.1: the subscription is "deleted (together with any undelivered messages) when the consumer is closed". */
    @Test
    void shouldForgetUndeliveredMessagesWhenConsumerIsClosed() throws JMSException {
        MessageConsumer consumer = session.createConsumer(topic);
        Jms.send(session, topic, "undelivered");
        consumer.close();

        MessageConsumer next = session.createConsumer(topic);
        Jms.send(session, topic, "next");

        assertThat(Jms.receiveText(next)).isEqualTo("next");
    }

    /** Nobody listens; the sender does not mind. */
    @ParameterizedTest
    @ValueSource(ints = {DeliveryMode.PERSISTENT, DeliveryMode.NON_PERSISTENT})
    void shouldAcceptMessageWhenNobodySubscribes(int deliveryMode) throws JMSException {
        MessageProducer producer = session.createProducer(topic);
        producer.setDeliveryMode(deliveryMode);

        for (int i = 0; i < 1_000; i++) {
            producer.send(session.createMessage());
        }
    }

    /** §8.3.1: noLocal: "messages published to the topic by its own connection must not be added". */
    @Test
    void shouldNotReceiveOwnMessagesWhenNoLocal() throws JMSException {
        MessageConsumer noLocal = session.createConsumer(topic, null, true);
        MessageConsumer local = session.createConsumer(topic, null, false);

        Jms.send(session, topic, "own");
        Jms.send(jms.session(Session.AUTO_ACKNOWLEDGE), topic, "foreign");

        assertThat(Jms.receiveText(noLocal)).isEqualTo("foreign");
        assertThat(Jms.receiveTexts(local, 2)).containsExactly("own", "foreign");
        Jms.assertNothing(noLocal);
    }

    /** §8.3.1: both conditions hold at once. */
    @Test
    void shouldHeedSelectorAndNoLocalTogether() throws JMSException {
        MessageConsumer consumer = session.createConsumer(topic, "n > 1", true);

        Jms.sendNumbered(session, topic, 4);
        Jms.sendNumbered(jms.session(Session.AUTO_ACKNOWLEDGE), topic, 4);

        assertThat(Jms.receiveNumbers(consumer, 2)).containsExactly(2, 3);
        Jms.assertNothing(consumer);
    }

    /** §3.4.1: "its destination value must be equivalent to the value assigned when it was sent". */
    @Test
    void shouldCarryDestinationWhenItIsATopic() throws JMSException {
        MessageConsumer consumer = session.createConsumer(topic);
        Message sent = session.createTextMessage("x");
        session.createProducer(topic).send(sent);

        Message received = Jms.receive(consumer);

        assertThat(received.getJMSDestination()).isInstanceOf(Topic.class).isEqualTo(topic);
        assertThat(sent.getJMSDestination()).isEqualTo(topic);
        assertThat(received.getJMSMessageID()).isEqualTo(sent.getJMSMessageID());
    }

    /** §6.2.10: a subscriber that recovers gets its messages again, the others do not. */
    @Test
    void shouldRedeliverToOneSubscriptionOnlyWhenItRecovers() throws JMSException {
        Session recovering = jms.session(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer first = recovering.createConsumer(topic);
        MessageConsumer second = session.createConsumer(topic);
        Jms.sendNumbered(session, topic, 3);
        assertThat(Jms.receiveNumbers(first, 3)).isEqualTo(range(3));

        recovering.recover();

        assertThat(Jms.receive(first).getJMSRedelivered()).isTrue();
        assertThat(Jms.receiveNumbers(first, 2)).containsExactly(1, 2);
        assertThat(Jms.receiveNumbers(second, 3)).isEqualTo(range(3));
        Jms.assertNothing(second);
    }

    @Test
    void shouldCallListenersOfAllSubscriptions() throws JMSException {
        List<List<String>> heard = List.of(new CopyOnWriteArrayList<>(), new CopyOnWriteArrayList<>());
        for (List<String> each : heard) {
            jms.session(Session.AUTO_ACKNOWLEDGE).createConsumer(topic).setMessageListener(message -> {
                try {
                    each.add(message.getBody(String.class));
                } catch (JMSException e) {
                    throw new AssertionError(e);
                }
            });
        }

        Jms.send(session, topic, "a");
        Jms.send(session, topic, "b");

        await().atMost(Jms.PATIENCE).untilAsserted(() -> assertThat(heard).allMatch(List.of("a", "b")::equals));
    }

    /** §4.2.2: many subscriptions, among them slow ones that have not taken anything yet. */
    @Test
    void shouldNotWaitForSlowSubscriber() throws JMSException {
        MessageConsumer slow = jms.session(Session.CLIENT_ACKNOWLEDGE, "jms.prefetchPolicy.all=1")
                .createConsumer(topic);
        MessageConsumer fast = session.createConsumer(topic);

        Jms.sendNumbered(session, topic, 500);

        assertThat(Jms.receiveNumbers(fast, 500)).isEqualTo(range(500));
        assertThat(Jms.receiveNumbers(slow, 500)).isEqualTo(range(500));
    }

    @Test
    void shouldPublishWithContext() {
        JMSContext context = jms.context(JMSContext.AUTO_ACKNOWLEDGE);
        JMSConsumer first = context.createConsumer(topic);
        JMSConsumer selective = context.createConsumer(topic, "n = 2");
        JMSConsumer noLocal = context.createConsumer(topic, null, true);

        context.createProducer()
                .setProperty("n", 1)
                .send(topic, "one")
                .setProperty("n", 2)
                .send(topic, "two");

        assertThat(first.receiveBody(String.class, Jms.PATIENCE.toMillis())).isEqualTo("one");
        assertThat(first.receiveBody(String.class, Jms.PATIENCE.toMillis())).isEqualTo("two");
        assertThat(selective.receiveBody(String.class, Jms.PATIENCE.toMillis())).isEqualTo("two");
        assertThat(noLocal.receiveNoWait()).isNull();
    }
}
