package io.sterna.broker.interop;

import static io.sterna.broker.interop.ProtonClient.receive;
import static io.sterna.broker.interop.ProtonClient.uniqueAddress;
import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.broker.testing.BrokerExtension;
import jakarta.jms.Destination;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.TextMessage;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.qpid.jms.JmsConnectionFactory;
import org.apache.qpid.protonj2.client.AdvancedMessage;
import org.apache.qpid.protonj2.client.Connection;
import org.apache.qpid.protonj2.client.Sender;
import org.apache.qpid.protonj2.client.exceptions.ClientException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A JMS application and one of another world understand each other through a queue. */
@Timeout(60)
class JmsAndProtonTest {
    private static final long PATIENCE_MILLIS = TimeUnit.SECONDS.toMillis(ProtonClient.PATIENCE_SECONDS);

    @RegisterExtension
    static final BrokerExtension BROKER = BrokerExtension.withSettings();

    @RegisterExtension
    final ProtonClient client = new ProtonClient(BROKER);

    private static JMSContext context() {
        return new JmsConnectionFactory(BROKER.url()).createContext(JMSContext.CLIENT_ACKNOWLEDGE);
    }

    @Test
    void shouldReadJmsMessageWhenReceiverIsNotJms() throws ClientException, JMSException {
        String address = uniqueAddress();
        String id;
        try (JMSContext context = context()) {
            TextMessage text = context.createTextMessage("from JMS");
            text.setStringProperty("colour", "red");
            text.setLongProperty("amount", Long.MIN_VALUE);
            text.setJMSType("order");
            context.createProducer().setPriority(8).send(context.createQueue(address), text);
            id = text.getJMSMessageID();
        }

        AdvancedMessage<?> message =
                receive(client.connect().openReceiver(address)).message().toAdvancedMessage();

        assertThat(message.body()).isEqualTo("from JMS");
        assertThat(message.property("colour")).isEqualTo("red");
        assertThat(message.property("amount")).isEqualTo(Long.MIN_VALUE);
        assertThat(message.subject()).isEqualTo("order");
        assertThat(message.priority()).isEqualTo((byte) 8);
        assertThat(message.durable()).isTrue();
        assertThat(message.to()).isEqualTo(address);
        assertThat(id).endsWith(message.messageId().toString());
        assertThat(message.annotation("x-opt-jms-msg-type")).isEqualTo((byte) 5);
    }

    @Test
    void shouldReadOtherMessagesWhenReceiverIsJms() throws ClientException, JMSException {
        String address = uniqueAddress();
        Connection connection = client.connect();
        UUID id = UUID.randomUUID();
        try (Sender sender = connection.openSender(address)) {
            sender.send(org.apache.qpid.protonj2.client.Message.create("plain text")
                            .messageId(id)
                            .property("count", 3))
                    .awaitAccepted();
            sender.send(org.apache.qpid.protonj2.client.Message.create(Map.of("k", 7L))
                            .durable(true))
                    .awaitAccepted();
            sender.send(org.apache.qpid.protonj2.client.Message.create(List.of(1, "two")))
                    .awaitAccepted();
        }

        try (JMSContext context = context();
                JMSConsumer consumer = context.createConsumer(context.createQueue(address))) {
            Message text = consumer.receive(PATIENCE_MILLIS);
            assertThat(((TextMessage) text).getText()).isEqualTo("plain text");
            assertThat(text.getJMSMessageID()).isEqualTo("ID:AMQP_UUID:" + id);
            assertThat(text.getIntProperty("count")).isEqualTo(3);
            assertThat(text.getJMSDeliveryMode()).isEqualTo(jakarta.jms.DeliveryMode.NON_PERSISTENT);
            Message map = consumer.receive(PATIENCE_MILLIS);
            assertThat(map).isNotNull();
            assertThat(map instanceof MapMessage read ? read.getLong("k") : map.getBody(Object.class))
                    .isNotNull();
            assertThat(consumer.receive(PATIENCE_MILLIS)).isNotNull();
            context.acknowledge();
        }
    }

    private static Destination destination(JMSContext context, byte kind) {
        return switch (kind) {
            case 0 -> context.createQueue(uniqueAddress());
            case 1 -> context.createTopic(uniqueAddress());
            case 2 -> context.createTemporaryQueue();
            default -> context.createTemporaryTopic();
        };
    }

    /** Only the annotation says it: 0 a queue, 1 a topic, 2 a temporary queue, 3 a temporary topic. */
    @ParameterizedTest
    @ValueSource(bytes = {0, 1, 2, 3})
    void shouldKnowTheKindOfReplyToWhenTheRequestWentThroughAnotherWorld(byte kind) throws Exception {
        String there = uniqueAddress();
        String back = uniqueAddress();
        Connection connection = client.connect();
        try (JMSContext context = context();
                Sender sender = connection.openSender(back)) {
            Destination replies = destination(context, kind);
            context.createProducer().setJMSReplyTo(replies).send(context.createQueue(there), "question");
            AdvancedMessage<?> request =
                    receive(connection.openReceiver(there)).message().toAdvancedMessage();
            assertThat(request.annotation("x-opt-jms-reply-to")).isEqualTo(kind);
            sender.send(org.apache.qpid.protonj2.client.Message.create("question")
                    .replyTo(request.replyTo())
                    .annotation("x-opt-jms-reply-to", kind));

            Message received = context.createConsumer(context.createQueue(back)).receive(PATIENCE_MILLIS);
            assertThat(received.getJMSReplyTo()).isEqualTo(replies);
            JMSConsumer answers = context.createConsumer(replies);
            context.createProducer().send(received.getJMSReplyTo(), "answer");
            assertThat(answers.receiveBody(String.class, PATIENCE_MILLIS)).isEqualTo("answer");
        }
    }
}
