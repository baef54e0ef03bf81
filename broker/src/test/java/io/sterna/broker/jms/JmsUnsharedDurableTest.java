package io.sterna.broker.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sterna.broker.testing.BrokerExtension;
import jakarta.jms.Connection;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.InvalidDestinationRuntimeException;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import jakarta.jms.TopicSubscriber;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Unshared durable subscriptions (Jakarta Messaging 3.1 §8.3.3, §6.1.2, §4.2.4 and §4.2.9). */
@Timeout(60)
class JmsUnsharedDurableTest {
    @RegisterExtension
    static final BrokerExtension BROKER = BrokerExtension.shared();

    @RegisterExtension
    final Jms jms = new Jms(BROKER);

    private String clientId;
    private Connection connection;
    private Session session;
    private Session publishing;
    private Topic topic;

    @BeforeEach
    void openSessions() throws JMSException {
        clientId = Jms.uniqueName("client");
        publishing = jms.session(Session.AUTO_ACKNOWLEDGE);
        topic = Jms.uniqueTopic(publishing);
        reconnect();
    }

    private void reconnect() throws JMSException {
        if (connection != null) {
            connection.close();
        }
        connection = jms.connectAs(clientId);
        session = connection.createSession(Session.AUTO_ACKNOWLEDGE);
    }

    /** "Receive all the messages published on a topic, including the ones published when there is no consumer". */
    @Test
    void shouldKeepMessagesWhileConsumerIsAway() throws JMSException {
        session.createDurableConsumer(topic, "s").close();

        Jms.sendNumbered(publishing, topic, 10);

        assertThat(Jms.receiveNumbers(session.createDurableConsumer(topic, "s"), 10))
                .isEqualTo(IntStream.range(0, 10).boxed().toList());
    }

    @Test
    void shouldKeepMessagesWhileConnectionIsClosed() throws JMSException {
        MessageConsumer consumer = session.createDurableConsumer(topic, "s");
        Jms.send(publishing, topic, "1");
        assertThat(Jms.receiveText(consumer)).isEqualTo("1");
        connection.close();
        Jms.send(publishing, topic, "2");

        reconnect();

        assertThat(Jms.receiveText(session.createDurableConsumer(topic, "s"))).isEqualTo("2");
    }

    /** What was prefetched and not consumed is not lost, and not counted. */
    @Test
    void shouldKeepPrefetchedMessagesWhenConsumerIsClosed() throws JMSException {
        MessageConsumer consumer = session.createDurableConsumer(topic, "s");
        Jms.sendNumbered(publishing, topic, 5);
        assertThat(Jms.receiveNumbers(consumer, 2)).containsExactly(0, 1);
        consumer.close();

        MessageConsumer again = session.createDurableConsumer(topic, "s");
        Message third = Jms.receive(again);

        assertThat(third.getIntProperty("n")).isEqualTo(2);
        assertThat(third.getJMSRedelivered()).isFalse();
        assertThat(Jms.receiveNumbers(again, 2)).containsExactly(3, 4);
    }

    /** "May have only one active (i.e. not closed) consumer at the same time." */
    @Test
    void shouldRefuseSecondConsumerWhenOneIsActive() throws JMSException {
        session.createDurableConsumer(topic, "s");

        assertThatThrownBy(() -> session.createDurableConsumer(topic, "s")).isInstanceOf(JMSException.class);
        Session second = connection.createSession();
        assertThatThrownBy(() -> second.createDurableConsumer(topic, "s")).isInstanceOf(JMSException.class);
    }

    /** Another client identifier makes another subscription, though its name is the same. */
    @Test
    void shouldKeepSubscriptionsApartWhenClientsDiffer() throws JMSException {
        session.createDurableConsumer(topic, "s").close();
        Session other = jms.connectAs(Jms.uniqueName("other")).createSession();
        MessageConsumer ofOther = other.createDurableConsumer(topic, "s");

        Jms.send(publishing, topic, "to both");

        assertThat(Jms.receiveText(ofOther)).isEqualTo("to both");
        assertThat(Jms.receiveText(session.createDurableConsumer(topic, "s"))).isEqualTo("to both");
    }

    @Test
    void shouldKeepSubscriptionsApartWhenNamesDiffer() throws JMSException {
        session.createDurableConsumer(topic, "s1").close();
        MessageConsumer second = session.createDurableConsumer(topic, "s2");

        Jms.send(publishing, topic, "to both");

        assertThat(Jms.receiveText(second)).isEqualTo("to both");
        assertThat(Jms.receiveText(session.createDurableConsumer(topic, "s1"))).isEqualTo("to both");
    }

    /** "Specifying … a different topic … is equivalent to unsubscribing (deleting) the old one and creating a new one." */
    @Test
    void shouldBeginAnewWhenTopicChanges() throws JMSException {
        session.createDurableConsumer(topic, "s").close();
        Jms.send(publishing, topic, "old");
        Topic another = Jms.uniqueTopic(session);

        MessageConsumer consumer = session.createDurableConsumer(another, "s");
        Jms.send(publishing, another, "new");
        Jms.send(publishing, topic, "not subscribed any more");

        assertThat(Jms.receiveText(consumer)).isEqualTo("new");
        Jms.assertNothing(consumer);
    }

    /** "… or message selector". */
    @Test
    void shouldBeginAnewWhenSelectorChanges() throws JMSException {
        session.createDurableConsumer(topic, "s", "n < 2", false).close();
        Jms.sendNumbered(publishing, topic, 4);

        MessageConsumer consumer = session.createDurableConsumer(topic, "s", "n >= 2", false);
        Jms.assertNothing(consumer);
        Jms.sendNumbered(publishing, topic, 4);

        assertThat(Jms.receiveNumbers(consumer, 2)).containsExactly(2, 3);
        Jms.assertNothing(consumer);
    }

    @Test
    void shouldBeginAnewWhenSelectorIsTakenAway() throws JMSException {
        session.createDurableConsumer(topic, "s", "n < 2", false).close();
        Jms.sendNumbered(publishing, topic, 4);

        MessageConsumer consumer = session.createDurableConsumer(topic, "s");
        Jms.assertNothing(consumer);
        Jms.sendNumbered(publishing, topic, 4);

        assertThat(Jms.receiveNumbers(consumer, 4)).containsExactly(0, 1, 2, 3);
    }

    /** "… or noLocal value". */
    @Test
    void shouldBeginAnewWhenNoLocalChanges() throws JMSException {
        session.createDurableConsumer(topic, "s", null, false).close();
        Jms.send(publishing, topic, "old");

        MessageConsumer consumer = session.createDurableConsumer(topic, "s", null, true);
        Jms.send(session, topic, "own");
        Jms.send(publishing, topic, "new");

        assertThat(Jms.receiveText(consumer)).isEqualTo("new");
        Jms.assertNothing(consumer);
    }

    /** The same again is the same subscription. */
    @Test
    void shouldGoOnWhenSelectorIsTheSame() throws JMSException {
        session.createDurableConsumer(topic, "s", "n = 1", false).close();
        Jms.sendNumbered(publishing, topic, 4);

        MessageConsumer consumer = session.createDurableConsumer(topic, "s", "n = 1", false);

        assertThat(Jms.receiveNumbers(consumer, 1)).containsExactly(1);
        Jms.assertNothing(consumer);
    }

    /** §8.3.3: noLocal spares the own connection's messages, or those of any with the same client identifier. */
    @Test
    void shouldNotAddOwnMessagesWhenNoLocal() throws JMSException {
        session.createDurableConsumer(topic, "s", null, true).close();
        Jms.send(session, topic, "own");
        reconnect();
        Jms.send(session, topic, "own, another connection of the client");
        Jms.send(publishing, topic, "foreign");

        MessageConsumer consumer = session.createDurableConsumer(topic, "s", null, true);

        assertThat(Jms.receiveText(consumer)).isEqualTo("foreign");
        Jms.assertNothing(consumer);
    }

    /** Session.unsubscribe deletes the subscription and what it holds. */
    @Test
    void shouldForgetEverythingWhenUnsubscribed() throws JMSException {
        session.createDurableConsumer(topic, "s").close();
        Jms.send(publishing, topic, "old");

        session.unsubscribe("s");

        MessageConsumer consumer = session.createDurableConsumer(topic, "s");
        Jms.assertNothing(consumer);
        Jms.send(publishing, topic, "new");
        assertThat(Jms.receiveText(consumer)).isEqualTo("new");
    }

    /** Session.unsubscribe: "InvalidDestinationException - if an invalid subscription name is specified". */
    @Test
    void shouldThrowInvalidDestinationWhenUnknownNameIsUnsubscribed() {
        assertThatThrownBy(() -> session.unsubscribe("nobody-knows-it"))
                .isInstanceOf(InvalidDestinationException.class);
    }

    /** "It is erroneous for a client to delete a durable subscription while it has an active consumer". */
    @Test
    void shouldRefuseToUnsubscribeWhileConsumerIsActive() throws JMSException {
        MessageConsumer consumer = session.createDurableConsumer(topic, "s");

        assertThatThrownBy(() -> session.unsubscribe("s")).isInstanceOf(JMSException.class);

        Jms.send(publishing, topic, "still subscribed");
        assertThat(Jms.receiveText(consumer)).isEqualTo("still subscribed");
        consumer.close();
        session.unsubscribe("s");
    }

    /** The client identifier "must be set". */
    @Test
    void shouldRefuseDurableConsumerWhenThereIsNoClientId() {
        assertThatThrownBy(() -> publishing.createDurableConsumer(topic, "s"))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> publishing.createDurableSubscriber(topic, "s"))
                .isInstanceOf(IllegalStateException.class);
    }

    /** "A shared durable subscription and an unshared durable subscription may not have the same name and client identifier." */
    @Test
    void shouldRefuseUnsharedWhenSharedOneHasTheName() throws JMSException {
        MessageConsumer shared = session.createSharedDurableConsumer(topic, "s");
        assertThatThrownBy(() -> session.createDurableConsumer(topic, "s")).isInstanceOf(JMSException.class);
        shared.close();

        assertThatThrownBy(() -> session.createDurableConsumer(topic, "s")).isInstanceOf(JMSException.class);
    }

    /** "There is no restriction to prevent a durable subscription and a shared non-durable subscription having the same name." */
    @Test
    void shouldKeepDurableAndVolatileApartWhenTheyShareTheirName() throws JMSException {
        MessageConsumer durable = session.createDurableConsumer(topic, "s");
        MessageConsumer shared = session.createSharedConsumer(topic, "s");

        Jms.send(publishing, topic, "to both");

        assertThat(Jms.receiveText(durable)).isEqualTo("to both");
        assertThat(Jms.receiveText(shared)).isEqualTo("to both");
    }

    /** §4.2.4: names of up to 128 letters, digits, '_', '.' and '-' "must" be supported. */
    @ParameterizedTest
    @ValueSource(strings = {"a", "with.dots.in.it", "with-hyphens_and_underscores", "ÄöüЖ", "long"})
    void shouldTakeNameWhenItHasAllowedCharacters(String name) throws JMSException {
        String used = name.equals("long") ? "x".repeat(128) : name;
        session.createDurableConsumer(topic, used).close();
        Jms.send(publishing, topic, "kept");

        assertThat(Jms.receiveText(session.createDurableConsumer(topic, used))).isEqualTo("kept");
    }

    /** The older name of the method, with its older result. */
    @Test
    void shouldWorkWithDurableSubscriber() throws JMSException {
        TopicSubscriber subscriber = session.createDurableSubscriber(topic, "s", "n > 1", true);
        assertThat(subscriber.getTopic()).isEqualTo(topic);
        assertThat(subscriber.getNoLocal()).isTrue();
        assertThat(subscriber.getMessageSelector()).isEqualTo("n > 1");
        subscriber.close();

        Jms.sendNumbered(publishing, topic, 3);

        assertThat(Jms.receiveNumbers(session.createDurableSubscriber(topic, "s", "n > 1", true), 1))
                .containsExactly(2);
    }

    /** §6.2.10: what was not acknowledged comes again, marked. */
    @Test
    void shouldRedeliverWhenItWasNotAcknowledged() throws JMSException {
        MessageConsumer consumer =
                connection.createSession(Session.CLIENT_ACKNOWLEDGE).createDurableConsumer(topic, "s");
        Jms.send(publishing, topic, "again");
        Jms.receive(consumer);

        reconnect();

        Message again = Jms.receive(session.createDurableConsumer(topic, "s"));
        assertThat(again.getJMSRedelivered()).isTrue();
        assertThat(again.getIntProperty("JMSXDeliveryCount")).isEqualTo(2);
    }

    @Test
    void shouldWorkWithContext() {
        String id = Jms.uniqueName("client");
        JMSContext first = jms.context(JMSContext.AUTO_ACKNOWLEDGE, "jms.clientID=" + id);
        first.createDurableConsumer(topic, "s").close();
        first.createProducer().send(topic, "kept");
        assertThat(first.createDurableConsumer(topic, "s").receiveBody(String.class, Jms.PATIENCE.toMillis()))
                .isEqualTo("kept");
        assertThatThrownBy(() -> first.unsubscribe("s")).isInstanceOf(JMSRuntimeException.class);
        assertThatThrownBy(() -> first.unsubscribe("unknown")).isInstanceOf(InvalidDestinationRuntimeException.class);
    }
}
