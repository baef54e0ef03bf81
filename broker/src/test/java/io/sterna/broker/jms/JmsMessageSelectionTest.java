package io.sterna.broker.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sterna.broker.testing.BrokerExtension;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.Destination;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.InvalidSelectorRuntimeException;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Message selection (Jakarta Messaging 3.1 §3.8), as an application meets it. */
@Timeout(60)
class JmsMessageSelectionTest {
    @RegisterExtension
    static final BrokerExtension BROKER = BrokerExtension.shared();

    @RegisterExtension
    final Jms jms = new Jms(BROKER);

    private Session session;
    private Queue queue;

    @BeforeEach
    void openSession() throws JMSException {
        session = jms.session(Session.AUTO_ACKNOWLEDGE);
        queue = Jms.uniqueQueue(session);
    }

    /** Cars of several colours and weights; some say little of themselves. */
    private void sendCars(Destination destination) throws JMSException {
        try (MessageProducer producer = session.createProducer(destination)) {
            producer.send(car("1", "blue", 2600));
            producer.send(car("2", "blue", 2400));
            producer.send(car("3", "red", 2600));
            Message nondescript = session.createTextMessage("4");
            nondescript.setJMSType("car");
            producer.send(nondescript);
            Message bus = session.createTextMessage("5");
            bus.setJMSType("bus");
            bus.setStringProperty("color", "blue");
            bus.setDoubleProperty("weight", 9000.5);
            bus.setBooleanProperty("full", true);
            bus.setJMSCorrelationID("line 5");
            producer.setPriority(9);
            producer.setDeliveryMode(DeliveryMode.NON_PERSISTENT);
            producer.send(bus);
        }
    }

    private TextMessage car(String text, String color, int weight) throws JMSException {
        TextMessage car = session.createTextMessage(text);
        car.setJMSType("car");
        car.setStringProperty("color", color);
        car.setIntProperty("weight", weight);
        return car;
    }

    /** §3.8.1.1: selectors of every form, and which of the messages they select. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "JMSType = 'car' AND color = 'blue' AND weight > 2500 | 1",
                "color = 'blue' | 125",
                "color <> 'blue' | 3",
                "NOT color = 'blue' | 3",
                "color IS NULL | 4",
                "color IS NOT NULL | 1235",
                "weight BETWEEN 2400 AND 2600 | 123",
                "weight NOT BETWEEN 2400 AND 2500 | 135",
                "color IN ('red', 'green') | 3",
                "color NOT IN ('red', 'green') | 125",
                "color LIKE 'b%' | 125",
                "color LIKE '_ed' | 3",
                "color NOT LIKE 'b%' | 3",
                "JMSType LIKE 'c_r' AND weight * 2 > 5000 | 13",
                "weight / 2 - 1 < 1200 | 2",
                "weight > 2.5E3 AND weight < 9000.5 | 13",
                "weight = 9000.5 | 5",
                "full | 5",
                "full = TRUE OR weight = 2400 | 25",
                "NOT full | none",
                "full IS NULL AND JMSType = 'car' | 1234",
                "color = 'blue' OR weight > 1 AND JMSType = 'car' | 1235",
                "(color = 'blue' OR weight > 1) AND JMSType = 'car' | 123",
                "weight > 0x9C3 | 135",
                "color = 5 | none",
                "JMSPriority = 9 | 5",
                "JMSPriority < 5 | 1234",
                "JMSDeliveryMode = 'PERSISTENT' | 1234",
                "JMSDeliveryMode = 'NON_PERSISTENT' | 5",
                "JMSCorrelationID = 'line 5' | 5",
                "JMSTimestamp > 1600000000000 | 12345",
                "JMSMessageID LIKE 'ID:%' | 12345",
                "JMSMessageID IS NULL | none",
                "absent = 1 | none",
                "absent <> 1 | none",
                "TRUE | 12345",
            })
    void shouldDeliverOnlyMessagesThatMatch(String selector, String expected) throws JMSException {
        sendCars(queue);
        List<String> wanted = expected.equals("none") ? List.of() : List.of(expected.split(""));

        MessageConsumer consumer = session.createConsumer(queue, selector);

        assertThat(Jms.receiveTexts(consumer, wanted.size())).containsExactlyInAnyOrderElementsOf(wanted);
        assertThat(consumer.receiveNoWait()).isNull();
        assertThat(consumer.getMessageSelector()).isEqualTo(selector);
    }

    /** §3.8.1.1: "A method providing a syntactically incorrect selector must result in an InvalidSelectorException." */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "color =",
                "= 'blue'",
                "color = 'blue",
                "color == 'blue'",
                "color = 'blue' AND",
                "(color = 'blue'",
                "color = 'blue')",
                "color LIKE 5",
                "color IN ()",
                "color IN ('blue'",
                "weight BETWEEN 1",
                "weight IS",
                "color BETWEEN 'a' AND 'b'",
                "weight > 'heavy'",
                "color LIKE 'x' ESCAPE 'xx'",
                "weight + 1",
                "NULL = color",
                "AND"
            })
    void shouldThrowInvalidSelectorWhenItIsNotOne(String selector) throws JMSException {
        assertThatThrownBy(() -> session.createConsumer(queue, selector)).isInstanceOf(InvalidSelectorException.class);

        Jms.send(session, queue, "still works");
        assertThat(Jms.receiveText(session.createConsumer(queue))).isEqualTo("still works");
    }

    /** Qpid JMS looks at selectors itself, and gives another exception for what only the broker refuses. */
    @ParameterizedTest
    @ValueSource(
            strings = {"1 IS NULL", "weight > 99999999999999999999", "color =", "color IN (5)", "weight > 'heavy'"})
    void shouldRefuseSelectorWhenClientDidNotLookAtIt(String selector) throws JMSException {
        Session trusting = jms.session(Session.AUTO_ACKNOWLEDGE, "jms.validateSelector=false");

        assertThatThrownBy(() -> trusting.createConsumer(queue, selector)).isInstanceOf(JMSException.class);

        Jms.send(trusting, queue, "still works");
        assertThat(Jms.receiveText(trusting.createConsumer(queue))).isEqualTo("still works");
    }

    /** §3.8.1.1 and §10.3, for each method that takes a selector. */
    @Test
    void shouldThrowInvalidSelectorWhateverTheMethod() throws JMSException {
        Session own = jms.connectAs(Jms.uniqueName("client")).createSession();
        Topic topic = Jms.uniqueTopic(own);
        String wrong = "a = = 1";

        assertThatThrownBy(() -> own.createConsumer(topic, wrong)).isInstanceOf(InvalidSelectorException.class);
        assertThatThrownBy(() -> own.createConsumer(topic, wrong, true)).isInstanceOf(InvalidSelectorException.class);
        assertThatThrownBy(() -> own.createSharedConsumer(topic, "s", wrong))
                .isInstanceOf(InvalidSelectorException.class);
        assertThatThrownBy(() -> own.createDurableConsumer(topic, "s", wrong, false))
                .isInstanceOf(InvalidSelectorException.class);
        assertThatThrownBy(() -> own.createSharedDurableConsumer(topic, "s", wrong))
                .isInstanceOf(InvalidSelectorException.class);
        JMSContext context = jms.context(JMSContext.AUTO_ACKNOWLEDGE);
        assertThatThrownBy(() -> context.createConsumer(queue, wrong))
                .isInstanceOf(InvalidSelectorRuntimeException.class);
    }

    /** §3.8.1.1: an empty selector "is treated as a null and indicates that there is no message selector". */
    @ParameterizedTest
    @ValueSource(strings = {"", " ", "none"})
    void shouldReceiveEverythingWhenSelectorIsEmpty(String selector) throws JMSException {
        sendCars(queue);

        MessageConsumer consumer = session.createConsumer(queue, selector.equals("none") ? null : selector);

        assertThat(Jms.receiveTexts(consumer, 5)).containsExactlyInAnyOrder("1", "2", "3", "4", "5");
    }

    /** §4.1.2: what one consumer does not select stays for others, in its order. */
    @Test
    void shouldLeaveForOthersWhatSelectorPassesOver() throws JMSException {
        Jms.sendNumbered(session, queue, 100);

        assertThat(Jms.receiveNumbers(session.createConsumer(queue, "n >= 90"), 10))
                .isEqualTo(IntStream.range(90, 100).boxed().toList());
        assertThat(Jms.receiveNumbers(session.createConsumer(queue), 90))
                .isEqualTo(IntStream.range(0, 90).boxed().toList());
    }

    /** §4.1.2: consumers with different selectors on one queue each get theirs, while messages keep coming. */
    @Test
    void shouldGiveEachConsumerItsOwnWhenSelectorsDivideTheQueue() throws JMSException {
        MessageConsumer even = jms.session(Session.AUTO_ACKNOWLEDGE).createConsumer(queue, "kind = 'even'");
        MessageConsumer odd = jms.session(Session.AUTO_ACKNOWLEDGE).createConsumer(queue, "kind = 'odd'");
        try (MessageProducer producer = session.createProducer(queue)) {
            for (int n = 0; n < 200; n++) {
                Message message = session.createMessage();
                message.setIntProperty("n", n);
                message.setStringProperty("kind", n % 2 == 0 ? "even" : "odd");
                producer.send(message);
            }
        }

        assertThat(Jms.receiveNumbers(odd, 100)).allMatch(n -> n % 2 == 1).isSorted();
        assertThat(Jms.receiveNumbers(even, 100)).allMatch(n -> n % 2 == 0).isSorted();
    }

    /** A message that comes later and matches reaches a consumer that waits with a backlog of others before it. */
    @Test
    void shouldFindMatchBehindBacklogWhenItComesLate() throws JMSException {
        Jms.sendNumbered(session, queue, 2_000);
        MessageConsumer consumer = jms.session(Session.AUTO_ACKNOWLEDGE).createConsumer(queue, "color = 'blue'");
        Jms.assertNothing(consumer);

        sendCars(queue);

        assertThat(Jms.receiveTexts(consumer, 3)).containsExactlyInAnyOrder("1", "2", "5");
    }

    /** §6.2.10: a message that comes back can be selected again. */
    @Test
    void shouldSelectReturnedMessageAgainWhenItWasNotAcknowledged() throws JMSException {
        sendCars(queue);
        Connection first = jms.connect();
        MessageConsumer consumer =
                first.createSession(Session.CLIENT_ACKNOWLEDGE).createConsumer(queue, "color = 'red'");
        assertThat(Jms.receiveText(consumer)).isEqualTo("3");
        first.close();

        Message again = Jms.receive(session.createConsumer(queue, "weight = 2600 AND color = 'red'"));

        assertThat(((TextMessage) again).getText()).isEqualTo("3");
        assertThat(again.getJMSRedelivered()).isTrue();
    }

    /** §3.8.1.1: "The conversions that apply to the get methods for properties do not apply". */
    @Test
    void shouldNotConvertPropertyWhenItIsCompared() throws JMSException {
        Message message = session.createTextMessage("orders");
        message.setStringProperty("NumberOfOrders", "2");
        session.createProducer(queue).send(message);

        assertThat(session.createConsumer(queue, "NumberOfOrders > 1").receiveNoWait())
                .isNull();
        assertThat(session.createConsumer(queue, "NumberOfOrders = 2").receiveNoWait())
                .isNull();
        Jms.receive(session.createConsumer(queue, "NumberOfOrders = '2'"));
    }

    /** §3.5.9: "JMSX properties may be referenced in message selectors". */
    @Test
    void shouldSelectByGroup() throws JMSException {
        for (String group : List.of("a", "b")) {
            Message message = session.createTextMessage(group);
            message.setStringProperty("JMSXGroupID", group);
            message.setIntProperty("JMSXGroupSeq", 7);
            session.createProducer(queue).send(message);
        }

        MessageConsumer consumer = session.createConsumer(queue, "JMSXGroupID = 'b' AND JMSXGroupSeq = 7");

        assertThat(Jms.receiveText(consumer)).isEqualTo("b");
        assertThat(consumer.receiveNoWait()).isNull();
    }

    /** §3.4.3: one message by its id. */
    @Test
    void shouldSelectByMessageId() throws JMSException {
        TextMessage wanted = session.createTextMessage("wanted");
        Jms.send(session, queue, "other");
        session.createProducer(queue).send(wanted);

        MessageConsumer consumer = session.createConsumer(queue, "JMSMessageID = '" + wanted.getJMSMessageID() + "'");

        assertThat(Jms.receiveText(consumer)).isEqualTo("wanted");
    }

    /** §8.3.1: "only messages with properties matching the message selector expression will be added". */
    @Test
    void shouldAddOnlyMatchingMessagesWhenSubscriptionHasSelector() throws JMSException {
        Topic topic = Jms.uniqueTopic(session);
        MessageConsumer blue = session.createConsumer(topic, "color = 'blue'");
        MessageConsumer all = session.createConsumer(topic);

        sendCars(topic);

        assertThat(Jms.receiveTexts(all, 5)).containsExactlyInAnyOrder("1", "2", "3", "4", "5");
        assertThat(Jms.receiveTexts(blue, 3)).containsExactlyInAnyOrder("1", "2", "5");
        Jms.assertNothing(blue);
    }
}
