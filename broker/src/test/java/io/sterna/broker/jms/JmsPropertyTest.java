package io.sterna.broker.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sterna.broker.testing.BrokerExtension;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageNotWriteableException;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Message properties (Jakarta Messaging 3.1 §3.5) of every type arrive with their type and value. */
@Timeout(60)
class JmsPropertyTest {
    @RegisterExtension
    static final BrokerExtension BROKER = BrokerExtension.withUsers(Map.of("admin", "admin"));

    @RegisterExtension
    final Jms jms = new Jms(BROKER);

    private Session session;
    private Queue queue;

    @BeforeEach
    void openSession() throws JMSException {
        session = jms.session(
                Session.AUTO_ACKNOWLEDGE, "jms.populateJMSXUserID=true", "jms.username=admin", "jms.password=admin");
        queue = Jms.uniqueQueue(session);
    }

    private Message passed(Message sent) throws JMSException {
        try (var producer = session.createProducer(queue);
                var consumer = session.createConsumer(queue)) {
            producer.send(sent);
            return Jms.receive(consumer);
        }
    }

    static Stream<Object> values() {
        return Stream.of(
                true,
                false,
                Byte.MIN_VALUE,
                Byte.MAX_VALUE,
                Short.MIN_VALUE,
                Short.MAX_VALUE,
                Integer.MIN_VALUE,
                -129,
                -1,
                0,
                127,
                128,
                Integer.MAX_VALUE,
                Long.MIN_VALUE,
                -129L,
                0L,
                128L,
                Long.MAX_VALUE,
                Float.MIN_VALUE,
                -0.0f,
                Float.NaN,
                Float.POSITIVE_INFINITY,
                Double.MIN_VALUE,
                -0.0d,
                Double.NaN,
                Double.NEGATIVE_INFINITY,
                "",
                "a",
                "€\u0000😀",
                "x".repeat(255),
                "é".repeat(128),
                "y".repeat(300_000));
    }

    /** §3.5.2 and §3.5.5: boolean, byte, short, int, long, float, double and String. */
    @ParameterizedTest
    @MethodSource("values")
    void shouldCarryPropertyWhenItHasAnyTypeAndValue(Object value) throws JMSException {
        Message sent = session.createMessage();
        sent.setObjectProperty("p", value);

        assertThat(passed(sent).getObjectProperty("p")).isEqualTo(value).hasSameClassAs(value);
    }

    @Test
    void shouldCarryPropertyWhenItsValueIsNull() throws JMSException {
        Message sent = session.createMessage();
        sent.setStringProperty("nothing", null);

        Message received = passed(sent);

        assertThat(received.propertyExists("nothing")).isTrue();
        assertThat(received.getObjectProperty("nothing")).isNull();
    }

    /** §3.5.1: names are Java identifiers, any letter allowed. */
    @Test
    void shouldCarryPropertiesWhenThereAreManyWithAnyName() throws JMSException {
        Message sent = session.createMessage();
        for (int i = 0; i < 1_000; i++) {
            sent.setIntProperty("größe_" + i, i);
        }

        Message received = passed(sent);

        for (int i = 0; i < 1_000; i++) {
            assertThat(received.getIntProperty("größe_" + i)).isEqualTo(i);
        }
    }

    /** §3.5.9: JMSXGroupID, JMSXGroupSeq and JMSXUserID are defined by the standard; §3.5.6: header fields are not among the names. */
    @Test
    void shouldCarryStandardPropertiesWhenTheyWereSet() throws JMSException {
        Message sent = session.createMessage();
        sent.setStringProperty("JMSXGroupID", "gruppe 1");
        sent.setIntProperty("JMSXGroupSeq", Integer.MAX_VALUE);

        Message received = passed(sent);

        assertThat(received.getStringProperty("JMSXGroupID")).isEqualTo("gruppe 1");
        assertThat(received.getIntProperty("JMSXGroupSeq")).isEqualTo(Integer.MAX_VALUE);
        assertThat(received.getStringProperty("JMSXUserID")).isEqualTo("admin");
        assertThat(Jms.names(received.getPropertyNames()))
                .containsExactlyInAnyOrder("JMSXGroupID", "JMSXGroupSeq", "JMSXUserID", "JMSXDeliveryCount");
    }

    /** §3.5.4: each property converts as the table says, also after its journey. */
    @Test
    void shouldConvertReceivedPropertyWhenTheTableAllowsIt() throws JMSException {
        Message sent = session.createMessage();
        sent.setByteProperty("small", (byte) 7);
        sent.setStringProperty("digits", "8161");

        Message received = passed(sent);

        assertThat(received.getLongProperty("small")).isEqualTo(7L);
        assertThat(received.getStringProperty("small")).isEqualTo("7");
        assertThat(received.getIntProperty("digits")).isEqualTo(8161);
        assertThatThrownBy(() -> received.getByteProperty("digits")).isInstanceOf(NumberFormatException.class);
    }

    /** §3.5.3: received properties are read-only; §3.5.7: until cleared. */
    @Test
    void shouldReceiveReadOnlyPropertiesWhenTheyWereNotCleared() throws JMSException {
        Message sent = session.createMessage();
        sent.setIntProperty("n", 1);
        Message received = passed(sent);

        assertThatThrownBy(() -> received.setIntProperty("n", 2)).isInstanceOf(MessageNotWriteableException.class);
        received.clearProperties();
        received.setIntProperty("n", 2);
        assertThat(passed(received).getIntProperty("n")).isEqualTo(2);
    }

    /** §3.5.5: "An attempt to use any other class must throw a … MessageFormatException." */
    @Test
    void shouldThrowMessageFormatWhenAPropertyIsOfAnotherClass() throws JMSException {
        Message sent = session.createMessage();
        sent.setObjectProperty("kept", 1);

        for (Object other : List.of(new byte[] {1}, BigDecimal.ONE, List.of("a"))) {
            assertThatThrownBy(() -> sent.setObjectProperty("refused", other))
                    .isInstanceOf(MessageFormatException.class);
        }

        Message received = passed(sent);
        assertThat(received.getObjectProperty("kept")).isEqualTo(1);
        assertThat(received.propertyExists("refused")).isFalse();
    }

    /** §3.5.7: clearing deletes the properties and leaves the body; "New property entries can then be both created and read." */
    @Test
    void shouldPassOnOnlyNewPropertiesWhenTheOldOnesWereCleared() throws JMSException {
        TextMessage sent = session.createTextMessage("body");
        sent.setStringProperty("old", "x");
        TextMessage received = (TextMessage) passed(sent);

        received.clearProperties();

        assertThat(received.propertyExists("old")).isFalse();
        assertThat(received.getText()).isEqualTo("body");
        received.setStringProperty("new", "y");
        assertThat(received.getStringProperty("new")).isEqualTo("y");
        TextMessage again = (TextMessage) passed(received);
        assertThat(again.propertyExists("old")).isFalse();
        assertThat(again.getStringProperty("new")).isEqualTo("y");
        assertThat(again.getText()).isEqualTo("body");
    }

    /** §3.5.8: a property that was not set "is handled as if the property exists with a null value". */
    @Test
    void shouldReadNullWhenAPropertyWasNotSet() throws JMSException {
        Message received = passed(session.createMessage());

        assertThat(received.propertyExists("absent")).isFalse();
        assertThat(received.getObjectProperty("absent")).isNull();
        assertThat(received.getStringProperty("absent")).isNull();
        assertThat(received.getBooleanProperty("absent")).isFalse();
        assertThatThrownBy(() -> received.getByteProperty("absent")).isInstanceOf(NumberFormatException.class);
        assertThatThrownBy(() -> received.getShortProperty("absent")).isInstanceOf(NumberFormatException.class);
        assertThatThrownBy(() -> received.getIntProperty("absent")).isInstanceOf(NumberFormatException.class);
        assertThatThrownBy(() -> received.getLongProperty("absent")).isInstanceOf(NumberFormatException.class);
        assertThatThrownBy(() -> received.getFloatProperty("absent")).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> received.getDoubleProperty("absent")).isInstanceOf(NullPointerException.class);
    }
}
