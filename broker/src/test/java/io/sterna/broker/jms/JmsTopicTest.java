package io.sterna.broker.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sterna.broker.testing.BrokerExtension;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Topics and the subscriptions that go with their consumer (Jakarta Messaging 3.1 §4.2, §8.3.1). */
@Timeout(60)
class JmsTopicTest {
    @RegisterExtension
    static final BrokerExtension BROKER = BrokerExtension.withSettings("topics.addresses=set.#");

    @RegisterExtension
    final Jms jms = new Jms(BROKER);

    private static List<Integer> upTo(int count) {
        return IntStream.range(0, count).boxed().toList();
    }

    /** §4.2: each message goes to every client that has subscribed to the topic. */
    @Test
    void shouldDeliverEachMessageToEverySubscriberWhenTheyHaveSubscribed() throws JMSException {
        Session publishing = jms.session(Session.AUTO_ACKNOWLEDGE);
        Topic topic = Jms.uniqueTopic(publishing);
        List<MessageConsumer> consumers = new ArrayList<>();
        for (int n = 0; n < 5; n++) {
            consumers.add(jms.session(Session.AUTO_ACKNOWLEDGE).createConsumer(topic));
        }

        Jms.sendNumbered(publishing, topic, 20);

        for (MessageConsumer consumer : consumers) {
            assertThat(Jms.receiveNumbers(consumer, 20)).isEqualTo(upTo(20));
        }
    }

    /** §8.3.1: a subscription that is not durable gets what is published while its consumer is there. */
    @Test
    void shouldDeliverOnlyWhatWasPublishedSinceWhenTheSubscriptionIsNotDurable() throws JMSException {
        Session session = jms.session(Session.AUTO_ACKNOWLEDGE);
        Topic topic = Jms.uniqueTopic(session);
        Jms.sendNumbered(session, topic, 3);
        try (MessageConsumer first = session.createConsumer(topic)) {
            Jms.sendNumbered(session, topic, 2);
            assertThat(Jms.receiveNumbers(first, 2)).isEqualTo(upTo(2));
        }
        Jms.sendNumbered(session, topic, 3);
        MessageConsumer second = session.createConsumer(topic);
        Jms.sendNumbered(session, topic, 4);

        assertThat(Jms.receiveNumbers(second, 4)).isEqualTo(upTo(4));
        assertThat(second.receiveNoWait()).isNull();
    }

    /** §6.2.9: order holds for each session, destination and delivery mode. */
    @Test
    void shouldKeepTheOrderWhenDeliveryModesAreMixed() throws JMSException {
        Session session = jms.session(Session.AUTO_ACKNOWLEDGE);
        Topic topic = Jms.uniqueTopic(session);
        MessageConsumer consumer = session.createConsumer(topic);
        MessageProducer producer = session.createProducer(topic);
        for (int n = 0; n < 50; n++) {
            Message message = session.createMessage();
            message.setIntProperty("n", n);
            int mode = n % 2 == 0 ? DeliveryMode.PERSISTENT : DeliveryMode.NON_PERSISTENT;
            producer.send(message, mode, Message.DEFAULT_PRIORITY, 0);
        }

        assertThat(Jms.receiveNumbers(consumer, 50)).isEqualTo(upTo(50));
    }

    /** §8.3.1: with noLocal, what the consumer's own connection publishes is not for it. */
    @Test
    void shouldLeaveOutTheConnectionsOwnMessagesWhenNoLocalIsAskedFor() throws JMSException {
        Connection own = jms.connect();
        Session session = own.createSession(Session.AUTO_ACKNOWLEDGE);
        Topic topic = Jms.uniqueTopic(session);
        MessageConsumer others = session.createConsumer(topic, null, true);
        MessageConsumer all = session.createConsumer(topic);

        Jms.sendNumbered(session, topic, 3);
        Session foreign = jms.session(Session.AUTO_ACKNOWLEDGE);
        foreign.createProducer(topic).send(foreign.createTextMessage("foreign"));

        assertThat(Jms.receive(others).getBody(String.class)).isEqualTo("foreign");
        assertThat(others.receiveNoWait()).isNull();
        assertThat(Jms.receiveNumbers(all, 3)).isEqualTo(upTo(3));
    }

    /** §6.2.10: what a session recovers is delivered again, to this subscription alone. */
    @Test
    void shouldDeliverAgainToThisSubscriptionOnlyWhenTheSessionRecovers() throws JMSException {
        Session recovering = jms.session(Session.CLIENT_ACKNOWLEDGE);
        Topic topic = Jms.uniqueTopic(recovering);
        MessageConsumer again = recovering.createConsumer(topic);
        Session other = jms.session(Session.AUTO_ACKNOWLEDGE);
        MessageConsumer once = other.createConsumer(topic);
        Jms.sendNumbered(other, topic, 1);

        assertThat(Jms.receive(again).getJMSRedelivered()).isFalse();
        recovering.recover();
        Message second = Jms.receive(again);
        assertThat(second.getJMSRedelivered()).isTrue();
        second.acknowledge();

        assertThat(Jms.receive(once).getJMSRedelivered()).isFalse();
        assertThat(once.receiveNoWait()).isNull();
    }

    /** §4.2.6: names of topics are the provider's; here dots part words, and subscribers may leave words open. */
    @Tag("sterna")
    @Test
    void shouldDeliverWhatFitsWhenTheConsumerSubscribesWithWildcards() throws JMSException {
        Session session = jms.session(Session.AUTO_ACKNOWLEDGE);
        String root = "jms." + UUID.randomUUID();
        MessageConsumer oneWord = session.createConsumer(session.createTopic(root + ".*.new"));
        MessageConsumer anyWords = session.createConsumer(session.createTopic(root + ".#"));
        MessageConsumer exact = session.createConsumer(session.createTopic(root + ".eu.new"));

        for (String name : List.of("eu.new", "us.new", "eu.old", "eu.west.new")) {
            session.createProducer(session.createTopic(root + "." + name)).send(session.createTextMessage(name));
        }
        session.createProducer(session.createTopic(root)).send(session.createTextMessage("root"));

        assertThat(texts(oneWord, 2)).containsExactlyInAnyOrder("eu.new", "us.new");
        assertThat(texts(anyWords, 5)).containsExactlyInAnyOrder("eu.new", "us.new", "eu.old", "eu.west.new", "root");
        assertThat(texts(exact, 1)).containsExactly("eu.new");
        assertThat(oneWord.receiveNoWait()).isNull();
        assertThat(exact.receiveNoWait()).isNull();
    }

    private static List<String> texts(MessageConsumer consumer, int count) throws JMSException {
        List<String> texts = new ArrayList<>();
        while (texts.size() < count) {
            texts.add(Jms.receive(consumer).getBody(String.class));
        }
        return texts;
    }

    /** Wildcards are for those who receive. amqp:not-found on the wire. */
    @Tag("sterna")
    @Test
    void shouldThrowInvalidDestinationWhenSomebodySendsToAPattern() throws JMSException {
        Session session = jms.session(Session.AUTO_ACKNOWLEDGE);
        Topic pattern = session.createTopic("jms." + UUID.randomUUID() + ".*");

        assertThatThrownBy(() -> session.createProducer(pattern))
                .isInstanceOf(InvalidDestinationException.class)
                .hasMessageContaining("wildcards");
        assertThatThrownBy(() -> session.createProducer(null).send(pattern, session.createMessage()))
                .isInstanceOf(InvalidDestinationException.class);
    }

    /** §4.2.6, §4.1.3: a name is of a queue or of a topic. amqp:not-found on the wire. */
    @Tag("sterna")
    @Test
    void shouldThrowInvalidDestinationWhenAQueueIsTakenForATopicOrTheReverse() throws JMSException {
        Session session = jms.session(Session.AUTO_ACKNOWLEDGE);
        String queue = "jms." + UUID.randomUUID();
        String topic = "jms." + UUID.randomUUID();
        session.createProducer(session.createQueue(queue));
        session.createProducer(session.createTopic(topic));

        assertThatThrownBy(() -> session.createProducer(session.createTopic(queue)))
                .isInstanceOf(InvalidDestinationException.class)
                .hasMessageContaining("it is a queue");
        assertThatThrownBy(() -> session.createConsumer(session.createTopic(queue)))
                .isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> session.createProducer(session.createQueue(topic)))
                .isInstanceOf(InvalidDestinationException.class)
                .hasMessageContaining("it is a topic");
        assertThatThrownBy(() -> session.createConsumer(session.createQueue(topic)))
                .isInstanceOf(InvalidDestinationException.class);
    }

    /** What the operator has set up as a topic is none of the clients' choice. */
    @Tag("sterna")
    @Test
    void shouldThrowInvalidDestinationWhenAConfiguredTopicIsTakenForAQueue() throws JMSException {
        Session session = jms.session(Session.AUTO_ACKNOWLEDGE);
        String name = "set." + UUID.randomUUID();

        assertThatThrownBy(() -> session.createConsumer(session.createQueue(name)))
                .isInstanceOf(InvalidDestinationException.class)
                .hasMessageContaining("it is a topic");
        session.createConsumer(session.createTopic(name));
    }

    /** §7.1: an unidentified producer reaches topics, too. */
    @Test
    void shouldReachSubscribersWhenTheProducerNamesTheTopicAtEachSend() throws JMSException {
        Session session = jms.session(Session.AUTO_ACKNOWLEDGE);
        Topic topic = Jms.uniqueTopic(session);
        MessageProducer producer = session.createProducer(null);
        producer.send(topic, session.createTextMessage("nobody"));
        MessageConsumer consumer = session.createConsumer(topic);

        producer.send(topic, session.createTextMessage("somebody"));

        Message message = Jms.receive(consumer);
        assertThat(message.getBody(String.class)).isEqualTo("somebody");
        assertThat(message.getJMSDestination()).isEqualTo(topic);
    }
}
