package io.sterna.broker.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sterna.broker.testing.BrokerExtension;
import jakarta.jms.Connection;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
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
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Shared subscriptions, durable and not (Jakarta Messaging 3.1 §8.3.2 and §8.3.4). */
@Timeout(60)
class JmsSharedConsumerTest {
    @RegisterExtension
    static final BrokerExtension BROKER = BrokerExtension.shared();

    @RegisterExtension
    final Jms jms = new Jms(BROKER);

    private static final String DURABLE = "durable";
    private static final String VOLATILE = "volatile";

    private Session publishing;
    private Topic topic;
    private String name;

    @BeforeEach
    void openSessions() throws JMSException {
        publishing = jms.session(Session.AUTO_ACKNOWLEDGE);
        topic = Jms.uniqueTopic(publishing);
        name = Jms.uniqueName("sub");
    }

    private MessageConsumer consumer(String kind, Session session, String selector) throws JMSException {
        return kind.equals(DURABLE)
                ? session.createSharedDurableConsumer(topic, name, selector)
                : session.createSharedConsumer(topic, name, selector);
    }

    private Session session(boolean withClientId) throws JMSException {
        return withClientId
                ? jms.connectAs(Jms.uniqueName("client")).createSession()
                : jms.session(Session.AUTO_ACKNOWLEDGE);
    }

    private List<Integer> drain(List<MessageConsumer> consumers, int count) {
        List<Integer> received = new CopyOnWriteArrayList<>();
        await().atMost(Jms.PATIENCE).until(() -> {
            for (MessageConsumer consumer : consumers) {
                for (Message m = consumer.receiveNoWait(); m != null; m = consumer.receiveNoWait()) {
                    received.add(m.getIntProperty("n"));
                }
            }
            return received.size() >= count;
        });
        return received;
    }

    /** "Each message from the subscription will be delivered to only one of the consumers on that subscription." */
    @ParameterizedTest
    @CsvSource({"durable, true", "durable, false", "volatile, true", "volatile, false"})
    void shouldShareMessagesAmongConsumersOfOneConnection(String kind, boolean withClientId) throws JMSException {
        Session session = session(withClientId);
        List<MessageConsumer> consumers =
                List.of(consumer(kind, session, null), consumer(kind, session, null), consumer(kind, session, null));

        Jms.sendNumbered(publishing, topic, 60);

        assertThat(drain(consumers, 60))
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, 60).boxed().toList());
    }

    /** Without a client identifier the name alone is the subscription's identity: connections share it. */
    @ParameterizedTest
    @ValueSource(strings = {DURABLE, VOLATILE})
    void shouldShareMessagesAmongConnectionsWhenTheyHaveNoClientId(String kind) throws JMSException {
        List<MessageConsumer> consumers =
                List.of(consumer(kind, session(false), null), consumer(kind, session(false), null));

        Jms.sendNumbered(publishing, topic, 60);

        assertThat(drain(consumers, 60))
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, 60).boxed().toList());
    }

    /** "Identified by a name specified by the client and by the client identifier if set." */
    @ParameterizedTest
    @ValueSource(strings = {DURABLE, VOLATILE})
    void shouldKeepSubscriptionsApartWhenClientsDiffer(String kind) throws JMSException {
        List<MessageConsumer> consumers = List.of(
                consumer(kind, session(true), null),
                consumer(kind, session(true), null),
                consumer(kind, session(false), null));

        Jms.send(publishing, topic, "to each");

        for (MessageConsumer consumer : consumers) {
            assertThat(Jms.receiveText(consumer)).isEqualTo("to each");
            Jms.assertNothing(consumer);
        }
    }

    /** "Deleted (together with any undelivered messages) when the last consumer on the subscription is closed." */
    @Test
    void shouldForgetVolatileSubscriptionWhenLastConsumerIsClosed() throws JMSException {
        Session session = session(false);
        MessageConsumer first = session.createSharedConsumer(topic, name);
        MessageConsumer second = session.createSharedConsumer(topic, name);
        Jms.send(publishing, topic, "lost");
        first.close();
        second.close();
        Jms.send(publishing, topic, "lost as well");

        MessageConsumer next = session.createSharedConsumer(topic, name);
        Jms.send(publishing, topic, "new");

        assertThat(Jms.receiveText(next)).isEqualTo("new");
    }

    /** What one consumer leaves when it goes is for those that stay. */
    @ParameterizedTest
    @ValueSource(strings = {DURABLE, VOLATILE})
    void shouldGiveUnconsumedMessagesToOthersWhenOneIsClosed(String kind) throws JMSException {
        MessageConsumer leaving = consumer(kind, session(false), null);
        MessageConsumer staying = consumer(kind, session(false), null);
        Jms.sendNumbered(publishing, topic, 20);

        leaving.close();

        assertThat(drain(List.of(staying), 20))
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, 20).boxed().toList());
    }

    /** "A durable subscription is persisted and will continue to accumulate messages until it is deleted." */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldKeepMessagesWhileNobodyConsumes(boolean withClientId) throws JMSException {
        Session session = session(withClientId);
        session.createSharedDurableConsumer(topic, name).close();

        Jms.sendNumbered(publishing, topic, 5);

        assertThat(Jms.receiveNumbers(session.createSharedDurableConsumer(topic, name), 5))
                .containsExactly(0, 1, 2, 3, 4);
    }

    @Test
    void shouldKeepMessagesWhenAllConnectionsAreClosed() throws JMSException {
        Connection connection = jms.connect();
        connection.createSession().createSharedDurableConsumer(topic, name);
        connection.close();

        Jms.send(publishing, topic, "kept");

        assertThat(Jms.receiveText(session(false).createSharedDurableConsumer(topic, name)))
                .isEqualTo("kept");
    }

    /** While a consumer is active, "specifying … a different topic or message selector" is refused. */
    @ParameterizedTest
    @ValueSource(strings = {DURABLE, VOLATILE})
    void shouldRefuseOtherSelectorWhileConsumerIsActive(String kind) throws JMSException {
        MessageConsumer active = consumer(kind, session(false), "n = 1");
        Session other = session(false);

        assertThatThrownBy(() -> consumer(kind, other, "n = 2")).isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> consumer(kind, other, null)).isInstanceOf(JMSException.class);

        Jms.sendNumbered(publishing, topic, 3);
        assertThat(Jms.receiveNumbers(active, 1)).containsExactly(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {DURABLE, VOLATILE})
    void shouldRefuseOtherTopicWhileConsumerIsActive(String kind) throws JMSException {
        MessageConsumer active = consumer(kind, session(false), null);
        Session other = session(false);
        Topic first = topic;
        topic = Jms.uniqueTopic(other);

        assertThatThrownBy(() -> consumer(kind, other, null)).isInstanceOf(JMSException.class);

        Jms.send(publishing, first, "still subscribed");
        assertThat(Jms.receiveText(active)).isEqualTo("still subscribed");
    }

    /** Without active consumers it "is equivalent to unsubscribing (deleting) the old one and creating a new one". */
    @Test
    void shouldBeginAnewWhenSelectorOfDurableOneChanges() throws JMSException {
        Session session = session(false);
        session.createSharedDurableConsumer(topic, name, "n = 1").close();
        Jms.sendNumbered(publishing, topic, 3);

        MessageConsumer consumer = session.createSharedDurableConsumer(topic, name, "n = 2");
        Jms.assertNothing(consumer);
        Jms.sendNumbered(publishing, topic, 3);

        assertThat(Jms.receiveNumbers(consumer, 1)).containsExactly(2);
        Jms.assertNothing(consumer);
    }

    @Test
    void shouldBeginAnewWhenTopicOfDurableOneChanges() throws JMSException {
        Session session = session(false);
        session.createSharedDurableConsumer(topic, name).close();
        Jms.send(publishing, topic, "old");
        Topic another = Jms.uniqueTopic(session);

        MessageConsumer consumer = session.createSharedDurableConsumer(another, name);
        Jms.send(publishing, another, "new");

        assertThat(Jms.receiveText(consumer)).isEqualTo("new");
    }

    /** "Only messages with properties matching the message selector expression will be added to the subscription." */
    @ParameterizedTest
    @ValueSource(strings = {DURABLE, VOLATILE})
    void shouldAddOnlyMatchesWhenItHasSelector(String kind) throws JMSException {
        MessageConsumer first = consumer(kind, session(false), "n < 30");
        MessageConsumer second = consumer(kind, session(false), "n < 30");

        Jms.sendNumbered(publishing, topic, 60);

        assertThat(drain(List.of(first, second), 30))
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, 30).boxed().toList());
        Jms.assertNothing(first);
        Jms.assertNothing(second);
    }

    /** "A shared durable subscription and an unshared durable subscription may not have the same name and client identifier." */
    @Test
    void shouldRefuseSharedWhenUnsharedOneHasTheName() throws JMSException {
        Session session = session(true);
        MessageConsumer unshared = session.createDurableConsumer(topic, name);
        assertThatThrownBy(() -> session.createSharedDurableConsumer(topic, name))
                .isInstanceOf(JMSException.class);
        unshared.close();

        assertThatThrownBy(() -> session.createSharedDurableConsumer(topic, name))
                .isInstanceOf(JMSException.class);
    }

    /** Durable and non-durable of the same name "would be completely separate". */
    @Test
    void shouldKeepDurableAndVolatileApartWhenTheyShareTheirName() throws JMSException {
        Session session = session(false);
        MessageConsumer durable = session.createSharedDurableConsumer(topic, name);
        MessageConsumer shared = session.createSharedConsumer(topic, name);

        Jms.send(publishing, topic, "to both");

        assertThat(Jms.receiveText(durable)).isEqualTo("to both");
        assertThat(Jms.receiveText(shared)).isEqualTo("to both");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldForgetEverythingWhenUnsubscribed(boolean withClientId) throws JMSException {
        Session session = session(withClientId);
        session.createSharedDurableConsumer(topic, name).close();
        Jms.send(publishing, topic, "old");

        session.unsubscribe(name);

        Jms.assertNothing(session.createSharedDurableConsumer(topic, name));
    }

    /** "It is erroneous for a client to delete a durable subscription while it has an active consumer". */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldRefuseToUnsubscribeWhileConsumerIsActive(boolean withClientId) throws JMSException {
        Session session = session(withClientId);
        MessageConsumer consumer = session.createSharedDurableConsumer(topic, name);

        assertThatThrownBy(() -> session.unsubscribe(name)).isInstanceOf(JMSException.class);

        Jms.send(publishing, topic, "still subscribed");
        assertThat(Jms.receiveText(consumer)).isEqualTo("still subscribed");
    }

    /** §6.2.10 holds for each consumer of a shared subscription. */
    @Test
    void shouldRedeliverToAnotherConsumerWhenOneDidNotAcknowledge() throws JMSException {
        Connection first = jms.connect();
        MessageConsumer failing =
                first.createSession(Session.CLIENT_ACKNOWLEDGE).createSharedDurableConsumer(topic, name);
        Jms.send(publishing, topic, "again");
        Jms.receive(failing);
        first.close();

        Message again = Jms.receive(session(false).createSharedDurableConsumer(topic, name));

        assertThat(again.getJMSRedelivered()).isTrue();
    }

    @Test
    void shouldWorkWithContext() {
        JMSContext context = jms.context(JMSContext.AUTO_ACKNOWLEDGE);
        JMSConsumer shared = context.createSharedConsumer(topic, name);
        JMSConsumer durable = context.createSharedDurableConsumer(topic, name, "n = 1");

        context.createProducer().setProperty("n", 1).send(topic, "one");

        assertThat(shared.receiveBody(String.class, Jms.PATIENCE.toMillis())).isEqualTo("one");
        assertThat(durable.receiveBody(String.class, Jms.PATIENCE.toMillis())).isEqualTo("one");
    }
}
