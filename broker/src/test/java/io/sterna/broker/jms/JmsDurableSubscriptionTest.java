package io.sterna.broker.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sterna.broker.testing.BrokerExtension;
import jakarta.jms.Connection;
import jakarta.jms.InvalidClientIDException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Subscriptions that outlive their consumer and have one at a time (Jakarta Messaging 3.1 §8.3.3). */
@Timeout(60)
class JmsDurableSubscriptionTest {
    @RegisterExtension
    static final BrokerExtension BROKER = BrokerExtension.shared();

    @RegisterExtension
    final Jms jms = new Jms(BROKER);

    private final String clientId = "client-" + UUID.randomUUID();

    private static Integer[] upTo(int count) {
        return IntStream.range(0, count).boxed().toArray(Integer[]::new);
    }

    /** §8.3.3: it gathers messages while it has no consumer. */
    @Test
    void shouldKeepMessagesWhenTheConsumerIsClosed() throws JMSException {
        Session session = jms.connectAs(clientId).createSession(Session.AUTO_ACKNOWLEDGE);
        Topic topic = Jms.uniqueTopic(session);
        session.createDurableSubscriber(topic, "orders").close();

        Jms.sendNumbered(session, topic, 10);

        MessageConsumer consumer = session.createDurableSubscriber(topic, "orders");
        assertThat(Jms.receiveNumbers(consumer, 10)).containsExactly(upTo(10));
        consumer.close();
        session.unsubscribe("orders");
    }

    /** §6.1.2: the client identifier ties a connection to what the provider keeps for it. */
    @Test
    void shouldKeepMessagesWhenTheConnectionIsClosed() throws JMSException {
        Connection first = jms.connectAs(clientId);
        Session session = first.createSession(Session.AUTO_ACKNOWLEDGE);
        Topic topic = Jms.uniqueTopic(session);
        session.createDurableConsumer(topic, "orders");
        first.close();
        Jms.sendNumbered(jms.session(Session.AUTO_ACKNOWLEDGE), topic, 5);

        Session again = jms.connectAs(clientId).createSession(Session.AUTO_ACKNOWLEDGE);
        assertThat(Jms.receiveNumbers(again.createDurableConsumer(topic, "orders"), 5))
                .containsExactly(upTo(5));
    }

    /** §8.3.3: the name is the client's own; another client has another subscription of that name. */
    @Test
    void shouldTellSubscriptionsApartWhenTheirClientsDiffer() throws JMSException {
        Session one = jms.connectAs(clientId).createSession(Session.AUTO_ACKNOWLEDGE);
        Session other = jms.connectAs(clientId + "|x").createSession(Session.AUTO_ACKNOWLEDGE);
        Topic topic = Jms.uniqueTopic(one);
        MessageConsumer ones = one.createDurableConsumer(topic, "orders");
        MessageConsumer others = other.createDurableConsumer(topic, "orders");

        Jms.sendNumbered(one, topic, 2);

        assertThat(Jms.receiveNumbers(ones, 2)).containsExactly(upTo(2));
        assertThat(Jms.receiveNumbers(others, 2)).containsExactly(upTo(2));
    }

    /** §8.3.3: attached again with another topic it is as if deleted and made anew. */
    @Test
    void shouldDropTheBacklogWhenTheTopicChanges() throws JMSException {
        Session session = jms.connectAs(clientId).createSession(Session.AUTO_ACKNOWLEDGE);
        Topic old = Jms.uniqueTopic(session);
        Topic next = Jms.uniqueTopic(session);
        session.createDurableConsumer(old, "orders").close();
        Jms.sendNumbered(session, old, 5);

        MessageConsumer consumer = session.createDurableConsumer(next, "orders");
        Jms.sendNumbered(session, old, 5);
        session.createProducer(next).send(session.createTextMessage("next"));
        assertThat(Jms.receive(consumer).getBody(String.class)).isEqualTo("next");
        consumer.close();

        MessageConsumer back = session.createDurableConsumer(old, "orders");
        assertThat(back.receiveNoWait()).isNull();
    }

    /** §8.3.3, §3.8: what the selector does not match is not kept; another selector makes another subscription. */
    @Test
    void shouldDropTheBacklogWhenTheSelectorChanges() throws JMSException {
        Session session = jms.connectAs(clientId).createSession(Session.AUTO_ACKNOWLEDGE);
        Topic topic = Jms.uniqueTopic(session);
        session.createDurableConsumer(topic, "orders", "n >= 7", false).close();
        Jms.sendNumbered(session, topic, 10);
        MessageConsumer same = session.createDurableConsumer(topic, "orders", "n >= 7", false);
        assertThat(Jms.receiveNumbers(same, 2)).containsExactly(7, 8);
        same.close();

        MessageConsumer other = session.createDurableConsumer(topic, "orders", "n < 1", false);
        assertThat(other.receiveNoWait()).isNull();
        Jms.sendNumbered(session, topic, 10);
        assertThat(Jms.receiveNumbers(other, 1)).containsExactly(0);
        assertThat(other.receiveNoWait()).isNull();
    }

    /** §8.3.3: noLocal is part of what a subscription is. */
    @Test
    void shouldDropTheBacklogWhenNoLocalChanges() throws JMSException {
        Session session = jms.connectAs(clientId).createSession(Session.AUTO_ACKNOWLEDGE);
        Topic topic = Jms.uniqueTopic(session);
        session.createDurableConsumer(topic, "orders").close();
        Jms.sendNumbered(session, topic, 5);

        MessageConsumer consumer = session.createDurableConsumer(topic, "orders", null, true);
        Jms.sendNumbered(session, topic, 5);
        Jms.sendNumbered(jms.session(Session.AUTO_ACKNOWLEDGE), topic, 1);

        assertThat(Jms.receiveNumbers(consumer, 1)).containsExactly(0);
        assertThat(consumer.receiveNoWait()).isNull();
    }

    /** §8.3.3: unsubscribe deletes it with its messages. */
    @Test
    void shouldDropTheBacklogWhenItIsUnsubscribed() throws JMSException {
        Session session = jms.connectAs(clientId).createSession(Session.AUTO_ACKNOWLEDGE);
        Topic topic = Jms.uniqueTopic(session);
        session.createDurableConsumer(topic, "orders").close();
        Jms.sendNumbered(session, topic, 5);

        session.unsubscribe("orders");

        assertThat(session.createDurableConsumer(topic, "orders").receiveNoWait())
                .isNull();
    }

    /** Session.unsubscribe: "InvalidDestinationException if an invalid subscription name is specified". */
    @Test
    void shouldThrowInvalidDestinationWhenAnUnknownNameIsUnsubscribed() throws JMSException {
        Session session = jms.connectAs(clientId).createSession(Session.AUTO_ACKNOWLEDGE);

        assertThatThrownBy(() -> session.unsubscribe("nobody's")).isInstanceOf(InvalidDestinationException.class);

        Topic topic = Jms.uniqueTopic(session);
        session.createDurableConsumer(topic, "orders").close();
        session.unsubscribe("orders");
        assertThatThrownBy(() -> session.unsubscribe("orders")).isInstanceOf(InvalidDestinationException.class);
    }

    /** §8.3.3: "It is erroneous for a client to delete a durable subscription while there is an active consumer". */
    @Test
    void shouldThrowWhenASubscriptionInUseIsUnsubscribed() throws JMSException {
        Session session = jms.connectAs(clientId).createSession(Session.AUTO_ACKNOWLEDGE);
        Topic topic = Jms.uniqueTopic(session);
        MessageConsumer consumer = session.createDurableConsumer(topic, "orders");

        assertThatThrownBy(() -> session.unsubscribe("orders")).isInstanceOf(JMSException.class);

        Jms.sendNumbered(session, topic, 1);
        assertThat(Jms.receiveNumbers(consumer, 1)).containsExactly(0);
    }

    /** §8.3.3: it has one consumer at a time. */
    @Test
    void shouldThrowWhenASecondConsumerIsMade() throws JMSException {
        Session session = jms.connectAs(clientId).createSession(Session.AUTO_ACKNOWLEDGE);
        Topic topic = Jms.uniqueTopic(session);
        session.createDurableConsumer(topic, "orders");

        assertThatThrownBy(() -> session.createDurableConsumer(topic, "orders")).isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> session.createSharedDurableConsumer(topic, "orders"))
                .isInstanceOf(JMSException.class);
    }

    /** §6.1.2: a client identifier is used by one connection at a time. */
    @Test
    void shouldThrowInvalidClientIdWhenItsOwnerIsConnected() throws JMSException {
        jms.connectAs(clientId);

        assertThatThrownBy(() -> jms.connectAs(clientId)).isInstanceOf(InvalidClientIDException.class);
    }

    /** A subscription is a queue, with an address of its own. */
    @Tag("sterna")
    @Test
    void shouldDeliverWhatItHasGatheredWhenItIsReceivedFromAsAQueue() throws JMSException {
        Session session = jms.connectAs(clientId).createSession(Session.AUTO_ACKNOWLEDGE);
        Topic topic = Jms.uniqueTopic(session);
        session.createDurableConsumer(topic, "orders").close();
        Jms.sendNumbered(session, topic, 3);

        String address = topic.getTopicName() + "/subscriptions/" + clientId + "|orders";
        assertThat(Jms.receiveNumbers(session.createConsumer(session.createQueue(address)), 3))
                .containsExactly(upTo(3));
        assertThatThrownBy(() -> session.createConsumer(session.createQueue(address + "s")))
                .isInstanceOf(InvalidDestinationException.class);
    }

    /** §8.3.3 with wildcards: one subscription to many topics. */
    @Test
    void shouldGatherFromAllTopicsWhenItIsToAPattern() throws JMSException {
        Session session = jms.connectAs(clientId).createSession(Session.AUTO_ACKNOWLEDGE);
        String root = "jms." + UUID.randomUUID();
        Topic pattern = session.createTopic(root + ".#");
        session.createDurableConsumer(pattern, "all").close();
        Jms.sendNumbered(session, session.createTopic(root + ".a"), 1);
        Jms.sendNumbered(session, session.createTopic(root + ".b.c"), 1);

        MessageConsumer consumer = session.createDurableConsumer(pattern, "all");
        assertThat(Jms.receiveNumbers(consumer, 2)).containsExactly(0, 0);
        consumer.close();
        session.unsubscribe("all");
    }
}
