package io.sterna.broker.jms;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.broker.testing.BrokerExtension;
import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.StreamMessage;
import jakarta.jms.TextMessage;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Messages "whose implementation is not one of its own", which a provider must accept (Jakarta Messaging 3.1 §3.12). */
@Timeout(60)
class JmsForeignMessageTest {
    @RegisterExtension
    static final BrokerExtension BROKER = BrokerExtension.shared();

    @RegisterExtension
    final Jms jms = new Jms(BROKER);

    private Session session;
    private Queue queue;

    @BeforeEach
    void openSession() throws JMSException {
        session = jms.session(Session.AUTO_ACKNOWLEDGE, "jms.deserializationPolicy.allowList=*");
        queue = Jms.uniqueQueue(session);
    }

    /** The message as another provider's: nothing but the interface is left. */
    private static <M extends Message> M foreign(Class<M> type, M message) {
        return type.cast(
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    try {
                        return method.invoke(message, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }

    private <M extends Message> M passed(Class<M> type, M message) throws JMSException {
        session.createProducer(queue).send(foreign(type, message));
        try (var consumer = session.createConsumer(queue)) {
            return type.cast(Jms.receive(consumer));
        }
    }

    /** §6.2.4: "sessions must be capable of sending all Jakarta Messaging messages regardless of how they may be implemented". */
    @Test
    void shouldSendForeignMessageWhateverItsType() throws JMSException {
        BytesMessage bytes = session.createBytesMessage();
        bytes.writeLong(7);
        MapMessage map = session.createMapMessage();
        map.setString("k", "v");
        StreamMessage stream = session.createStreamMessage();
        stream.writeInt(1);
        stream.writeString("two");

        assertThat(passed(TextMessage.class, session.createTextMessage("text")).getText())
                .isEqualTo("text");
        assertThat(passed(BytesMessage.class, bytes).readLong()).isEqualTo(7);
        assertThat(passed(MapMessage.class, map).getString("k")).isEqualTo("v");
        StreamMessage received = passed(StreamMessage.class, stream);
        assertThat(received.readInt()).isEqualTo(1);
        assertThat(received.readString()).isEqualTo("two");
        assertThat(passed(ObjectMessage.class, session.createObjectMessage("object"))
                        .getObject())
                .isEqualTo("object");
        assertThat(passed(Message.class, session.createMessage()).isBodyAssignableTo(Object.class))
                .isTrue();
    }

    /** §3.4.11: the setters are there "to allow a … provider to set these fields when handling" a foreign message. */
    @Test
    void shouldSetTheHeadersOfAForeignMessageWhenItIsSent() throws JMSException {
        TextMessage message = session.createTextMessage("text");
        message.setJMSCorrelationID("correlation");
        message.setJMSReplyTo(queue);
        message.setJMSType("type");
        message.setIntProperty("n", 3);

        TextMessage received = passed(TextMessage.class, message);

        assertThat(message.getJMSMessageID()).startsWith("ID:").isEqualTo(received.getJMSMessageID());
        assertThat(message.getJMSTimestamp()).isPositive().isEqualTo(received.getJMSTimestamp());
        assertThat(message.getJMSDestination()).isEqualTo(queue).isEqualTo(received.getJMSDestination());
        assertThat(received.getJMSCorrelationID()).isEqualTo("correlation");
        assertThat(received.getJMSReplyTo()).isEqualTo(queue);
        assertThat(received.getJMSType()).isEqualTo("type");
        assertThat(received.getIntProperty("n")).isEqualTo(3);
    }
}
