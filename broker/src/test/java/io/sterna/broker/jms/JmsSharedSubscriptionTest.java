package io.sterna.broker.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sterna.broker.testing.BrokerExtension;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
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

/** Subscriptions that several consumers share (Jakarta Messaging 3.1 §8.3.2, §8.3.4). */
@Timeout(60)
class JmsSharedSubscriptionTest {
    @RegisterExtension
    static final BrokerExtension BROKER = BrokerExtension.shared();

    @RegisterExtension
    final Jms jms = new Jms(BROKER);

    private final String clientId = "client-" + UUID.randomUUID();
    private final String name = "shared-" + UUID.randomUUID();

    /** Takes one message from each in turn, so that it does not matter who got how many. */
    private static List<Integer> drain(int count, MessageConsumer... consumers) throws JMSException {
        List<Integer> numbers = new ArrayList<>();
        long end = System.nanoTime() + Jms.PATIENCE.toNanos();
        while (numbers.size() < count && System.nanoTime() < end) {
            for (MessageConsumer consumer : consumers) {
                var message = consumer.receive(20);
                if (message != null) {
                    numbers.add(message.getIntProperty("n"));
                }
            }
        }
        for (MessageConsumer consumer : consumers) {
            assertThat(consumer.receiveNoWait()).isNull();
        }
        return numbers;
    }

    private static Integer[] upTo(int count) {
        return IntStream.range(0, count).boxed().toArray(Integer[]::new);
    }

    /** §8.3.2: each message of the subscription goes to one of its consumers. */
    @Test
    void shouldDeliverEachMessageOnceWhenANonDurableSubscriptionIsShared() throws JMSException {
        Session one = jms.session(Session.AUTO_ACKNOWLEDGE, "jms.prefetchPolicy.all=1");
        Session two = jms.session(Session.AUTO_ACKNOWLEDGE, "jms.prefetchPolicy.all=1");
        Topic topic = Jms.uniqueTopic(one);
        MessageConsumer first = one.createSharedConsumer(topic, name);
        MessageConsumer second = one.createSharedConsumer(topic, name);
        MessageConsumer elsewhere = two.createSharedConsumer(topic, name);

        Jms.sendNumbered(two, topic, 30);

        assertThat(drain(30, first, second, elsewhere)).containsExactlyInAnyOrder(upTo(30));
    }

    /** §8.3.2: it lives as long as it has a consumer. */
    @Test
    void shouldDropTheBacklogWhenTheLastConsumerOfANonDurableSubscriptionLeaves() throws JMSException {
        Session session = jms.session(Session.AUTO_ACKNOWLEDGE);
        Topic topic = Jms.uniqueTopic(session);
        MessageConsumer first = session.createSharedConsumer(topic, name);
        MessageConsumer second = session.createSharedConsumer(topic, name);
        first.close();
        Jms.sendNumbered(session, topic, 3);
        assertThat(Jms.receiveNumbers(second, 3)).containsExactly(upTo(3));
        Jms.sendNumbered(session, topic, 3);
        second.close();

        assertThat(session.createSharedConsumer(topic, name).receiveNoWait()).isNull();
    }

    /** §8.3.2: with a client identifier the name is that client's. */
    @Test
    void shouldTellNonDurableSubscriptionsApartWhenTheirClientsDiffer() throws JMSException {
        Session with = jms.connectAs(clientId).createSession(Session.AUTO_ACKNOWLEDGE);
        Session without = jms.session(Session.AUTO_ACKNOWLEDGE);
        Topic topic = Jms.uniqueTopic(with);
        MessageConsumer clients = with.createSharedConsumer(topic, name);
        MessageConsumer everybodys = without.createSharedConsumer(topic, name);

        Jms.sendNumbered(with, topic, 3);

        assertThat(Jms.receiveNumbers(clients, 3)).containsExactly(upTo(3));
        assertThat(Jms.receiveNumbers(everybodys, 3)).containsExactly(upTo(3));
    }

    /** §8.3.4: durable, shared over connections, without a client identifier. */
    @Test
    void shouldKeepMessagesWhenADurableSubscriptionWithoutClientIdHasNoConsumers() throws JMSException {
        Session one = jms.session(Session.AUTO_ACKNOWLEDGE, "jms.prefetchPolicy.all=1");
        Session two = jms.session(Session.AUTO_ACKNOWLEDGE, "jms.prefetchPolicy.all=1");
        Topic topic = Jms.uniqueTopic(one);
        one.createSharedDurableConsumer(topic, name).close();
        Jms.sendNumbered(one, topic, 20);

        MessageConsumer first = one.createSharedDurableConsumer(topic, name);
        MessageConsumer second = two.createSharedDurableConsumer(topic, name);
        MessageConsumer third = two.createSharedDurableConsumer(topic, name);
        assertThat(drain(20, first, second, third)).containsExactlyInAnyOrder(upTo(20));

        first.close();
        second.close();
        third.close();
        one.unsubscribe(name);
        assertThatThrownBy(() -> two.unsubscribe(name)).isInstanceOf(InvalidDestinationException.class);
    }

    /** §8.3.4: durable and shared, of one client identifier. */
    @Test
    void shouldKeepMessagesWhenADurableSubscriptionOfAClientHasNoConsumers() throws JMSException {
        Session session = jms.connectAs(clientId).createSession(Session.AUTO_ACKNOWLEDGE);
        Topic topic = Jms.uniqueTopic(session);
        MessageConsumer first = session.createSharedDurableConsumer(topic, name);
        MessageConsumer second = session.createSharedDurableConsumer(topic, name);
        first.close();
        second.close();
        Jms.sendNumbered(session, topic, 5);

        MessageConsumer third = session.createSharedDurableConsumer(topic, name);
        assertThat(Jms.receiveNumbers(third, 5)).containsExactly(upTo(5));
        third.close();
        session.unsubscribe(name);
    }

    /** §8.3.4: a durable and a non-durable subscription of one name have nothing to do with each other. */
    @Test
    void shouldTellDurableFromNonDurableWhenTheirNamesAreTheSame() throws JMSException {
        Session session = jms.session(Session.AUTO_ACKNOWLEDGE);
        Topic topic = Jms.uniqueTopic(session);
        MessageConsumer durable = session.createSharedDurableConsumer(topic, name);
        MessageConsumer other = session.createSharedConsumer(topic, name);

        Jms.sendNumbered(session, topic, 2);

        assertThat(Jms.receiveNumbers(durable, 2)).containsExactly(upTo(2));
        assertThat(Jms.receiveNumbers(other, 2)).containsExactly(upTo(2));
        durable.close();
        session.unsubscribe(name);
    }

    /** §8.3.4: in use anywhere, it can't be deleted. amqp:resource-locked on the wire. */
    @Test
    void shouldThrowWhenASubscriptionThatAnotherConnectionUsesIsUnsubscribed() throws JMSException {
        Session using = jms.session(Session.AUTO_ACKNOWLEDGE);
        Session deleting = jms.session(Session.AUTO_ACKNOWLEDGE);
        Topic topic = Jms.uniqueTopic(using);
        MessageConsumer consumer = using.createSharedDurableConsumer(topic, name);

        assertThatThrownBy(() -> deleting.unsubscribe(name))
                .isInstanceOf(JMSException.class)
                .hasMessageContaining("amqp:resource-locked");

        Jms.sendNumbered(using, topic, 1);
        assertThat(Jms.receiveNumbers(consumer, 1)).containsExactly(0);
        consumer.close();
        deleting.unsubscribe(name);
    }

    /** §8.3.4: while it is in use, its topic can't be changed. amqp:resource-locked on the wire. */
    @Tag("sterna")
    @Test
    void shouldThrowWhenTheTopicOfASubscriptionInUseIsChanged() throws JMSException {
        Session using = jms.session(Session.AUTO_ACKNOWLEDGE);
        Session changing = jms.session(Session.AUTO_ACKNOWLEDGE);
        Topic topic = Jms.uniqueTopic(using);
        Topic other = Jms.uniqueTopic(using);
        MessageConsumer durable = using.createSharedDurableConsumer(topic, name);
        using.createSharedConsumer(topic, name);

        assertThatThrownBy(() -> changing.createSharedDurableConsumer(other, name))
                .isInstanceOf(JMSException.class)
                .hasMessageContaining("amqp:resource-locked");
        assertThatThrownBy(() -> changing.createSharedConsumer(other, name))
                .isInstanceOf(JMSException.class)
                .hasMessageContaining("amqp:resource-locked");

        durable.close();
        changing.createSharedDurableConsumer(other, name).close();
        changing.unsubscribe(name);
    }

    /** §8.3.3, §8.3.4: of one name and client, a durable subscription is shared or it is not. */
    @Tag("sterna")
    @Test
    void shouldThrowWhenASharedSubscriptionIsTakenForAnUnsharedOneOrTheReverse() throws JMSException {
        Session session = jms.connectAs(clientId).createSession(Session.AUTO_ACKNOWLEDGE);
        Topic topic = Jms.uniqueTopic(session);
        session.createSharedDurableConsumer(topic, name).close();
        session.createDurableConsumer(topic, "unshared").close();

        assertThatThrownBy(() -> session.createDurableConsumer(topic, name))
                .isInstanceOf(JMSException.class)
                .hasMessageContaining("amqp:not-allowed");
        assertThatThrownBy(() -> session.createSharedDurableConsumer(topic, "unshared"))
                .isInstanceOf(JMSException.class)
                .hasMessageContaining("amqp:not-allowed");
    }
}
