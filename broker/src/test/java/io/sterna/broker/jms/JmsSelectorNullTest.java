package io.sterna.broker.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sterna.broker.testing.BrokerExtension;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Selectors over what a message does not have, and the special notes: Jakarta Messaging 3.1 §3.8.1.2 and §3.8.1.3. */
@Timeout(60)
class JmsSelectorNullTest {
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

    private boolean matches(String selector, int deliveryMode) throws JMSException {
        Message message = session.createTextMessage("m");
        message.setBooleanProperty("t", true);
        message.setBooleanProperty("f", false);
        message.setIntProperty("one", 1);
        try (MessageProducer producer = session.createProducer(queue)) {
            producer.setDeliveryMode(deliveryMode);
            producer.send(message);
        }
        try (MessageConsumer consumer = session.createConsumer(queue, selector)) {
            return consumer.receive(200) != null;
        }
    }

    /** §3.8.1.2, tables 3-4 to 3-6: {@code u} is unknown. What is unknown is not selected, and neither is its opposite. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "t AND t | true",
                "t AND f | false",
                "t AND u | false",
                "NOT (t AND u) | false",
                "f AND u | false",
                "NOT (f AND u) | true",
                "NOT (u AND f) | true",
                "NOT (u AND u) | false",
                "t OR u | true",
                "u OR t | true",
                "f OR u | false",
                "NOT (f OR u) | false",
                "u OR u | false",
                "NOT u | false",
                "NOT f | true"
            })
    void shouldUseThreeValuedLogicWhenAPropertyIsNull(String selector, boolean selected) throws JMSException {
        assertThat(matches(selector, DeliveryMode.PERSISTENT)).isEqualTo(selected);
    }

    /** §3.8.1.2: "Comparison or arithmetic with an unknown value always yields an unknown value." */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "u = u",
                "u <> u",
                "NOT (u = 1)",
                "u > 0 OR u <= 0",
                "u + one = 1",
                "-u = 1 OR -u <> 1",
                "u BETWEEN 0 AND 2",
                "u NOT BETWEEN 0 AND 2",
                "one BETWEEN u AND 2",
                "u IN ('a')",
                "u NOT IN ('a')",
                "u LIKE '%'",
                "u NOT LIKE 'a'"
            })
    void shouldSelectNothingWhenAnUnknownValueIsCompared(String selector) throws JMSException {
        assertThat(matches(selector, DeliveryMode.PERSISTENT)).isFalse();
    }

    /** §3.8.1.2: IS NULL and IS NOT NULL convert an unknown value into true and false; header fields may be null, too. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "u IS NULL | true",
                "u IS NOT NULL | false",
                "one IS NULL | false",
                "one IS NOT NULL | true",
                "JMSType IS NULL | true",
                "JMSCorrelationID IS NOT NULL | false",
                "JMSMessageID IS NOT NULL | true"
            })
    void shouldTellWhetherThereIsAValueWhenAskedForNull(String selector, boolean selected) throws JMSException {
        assertThat(matches(selector, DeliveryMode.PERSISTENT)).isEqualTo(selected);
    }

    /** §3.8.1.3: JMSDeliveryMode "is treated as having the values 'PERSISTENT' and 'NON_PERSISTENT'". */
    @ParameterizedTest
    @CsvSource({
        "JMSDeliveryMode = 'PERSISTENT', true, false",
        "JMSDeliveryMode = 'NON_PERSISTENT', false, true",
        "JMSDeliveryMode = 2, false, false"
    })
    void shouldKnowTheDeliveryModeByItsName(String selector, boolean persistent, boolean other) throws JMSException {
        assertThat(matches(selector, DeliveryMode.PERSISTENT)).isEqualTo(persistent);
        try (MessageConsumer rest = session.createConsumer(queue)) {
            rest.receive(persistent ? 1 : 1_000);
        }
        assertThat(matches(selector, DeliveryMode.NON_PERSISTENT)).isEqualTo(other);
    }

    /** §3.8.1.3: times are integer literals of milliseconds. */
    @Test
    void shouldCompareTimesAsMillisecondsWhenASelectorNamesOne() throws JMSException {
        long beforeMillis = System.currentTimeMillis() - 60_000;

        assertThat(matches("JMSTimestamp > " + beforeMillis, DeliveryMode.PERSISTENT))
                .isTrue();
        assertThat(matches("JMSTimestamp < " + beforeMillis, DeliveryMode.PERSISTENT))
                .isFalse();
    }

    /**
     * §3.8.1.3: "SQL comments are not supported." The broker refuses them as it does every wrong selector; the parser of
     * Qpid JMS itself, which else throws InvalidSelectorException, passes over them.
     */
    @Test
    void shouldRefuseTheSelectorWhenItHasAComment() {
        assertThatThrownBy(() -> session.createConsumer(queue, "one = 1 /* the first */"))
                .isInstanceOf(JMSException.class);
    }
}
