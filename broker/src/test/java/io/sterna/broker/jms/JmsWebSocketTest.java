package io.sterna.broker.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sterna.broker.testing.BrokerExtension;
import io.sterna.broker.testing.BrokerProcess;
import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.JMSSecurityException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.qpid.jms.JmsConnectionFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Qpid JMS over WebSocket, {@code amqpws} (AMQP WebSocket Binding 1.0). */
@Tag("sterna")
class JmsWebSocketTest {
    private static final int MEBIBYTE = 1024 * 1024;

    @RegisterExtension
    static final BrokerExtension BROKER = BrokerExtension.withUsers(Map.of("alice", "secret"), "amqp.websocket.port=0");

    @RegisterExtension
    final Jms jms = new Jms(BROKER);

    @TempDir
    Path directory;

    private static JmsConnectionFactory factory(BrokerExtension broker, String user, String password) {
        return new JmsConnectionFactory(user, password, ((BrokerProcess) broker.broker()).webSocketUrl());
    }

    private Session session() throws JMSException {
        Connection connection = jms.keep(factory(BROKER, "alice", "secret").createConnection());
        connection.start();
        return connection.createSession(Session.AUTO_ACKNOWLEDGE);
    }

    @Test
    void shouldSendAndReceiveWhenConnectedByWebSocket() throws JMSException {
        Session session = session();
        Queue queue = Jms.uniqueQueue(session);
        MessageConsumer consumer = session.createConsumer(queue);

        for (int i = 0; i < 2_000; i++) {
            Jms.send(session, queue, "text " + i);
        }

        for (int i = 0; i < 2_000; i++) {
            assertThat(Jms.receiveText(consumer)).isEqualTo("text " + i);
        }
    }

    // Sent faster than confirmed, so that both directions are busy at once.
    @Test
    void shouldKeepAllMessagesInOrderWhenManyAreUnderWay() throws Exception {
        Connection connection = jms.keep(new JmsConnectionFactory(
                        "alice",
                        "secret",
                        ((BrokerProcess) BROKER.broker()).webSocketUrl() + "?jms.forceAsyncSend=true")
                .createConnection());
        connection.start();
        Session sending = connection.createSession(Session.AUTO_ACKNOWLEDGE);
        Session receiving = connection.createSession(Session.AUTO_ACKNOWLEDGE);
        Queue queue = Jms.uniqueQueue(sending);
        MessageConsumer consumer = receiving.createConsumer(queue);
        MessageProducer producer = sending.createProducer(queue);

        for (int i = 0; i < 10_000; i++) {
            producer.send(sending.createTextMessage("text " + i));
        }

        for (int i = 0; i < 10_000; i++) {
            assertThat(Jms.receiveText(consumer)).isEqualTo("text " + i);
        }
    }

    @Test
    void shouldCarryALargeMessageWhenConnectedByWebSocket() throws JMSException {
        byte[] body = new byte[5 * MEBIBYTE];
        new Random(1).nextBytes(body);
        Session session = session();
        Queue queue = Jms.uniqueQueue(session);
        BytesMessage message = session.createBytesMessage();
        message.writeBytes(body);

        session.createProducer(queue).send(message);

        BytesMessage received = (BytesMessage) Jms.receive(session.createConsumer(queue));
        assertThat(received.getBody(byte[].class)).isEqualTo(body);
    }

    @Test
    void shouldBeSeenOverBothWaysWhenSentOverOne() throws JMSException {
        Session overWebSocket = session();
        Connection plain = jms.keep(jms.factory().createConnection("alice", "secret"));
        plain.start();
        Session overTcp = plain.createSession(Session.AUTO_ACKNOWLEDGE);
        Queue queue = Jms.uniqueQueue(overTcp);

        Jms.send(overWebSocket, queue, "over");
        try (MessageConsumer consumer = overTcp.createConsumer(queue)) {
            assertThat(Jms.receiveText(consumer)).isEqualTo("over");
        }
        Jms.send(overTcp, queue, "back");
        assertThat(Jms.receiveText(overWebSocket.createConsumer(queue))).isEqualTo("back");
    }

    // AMQP 1.0 part 5, §5.3.3.6: SASL is spoken within the WebSocket as it is within TCP.
    @Test
    void shouldRefuseTheConnectionWhenThePasswordIsWrong() {
        assertThatThrownBy(() ->
                        factory(BROKER, "alice", "wrong").createConnection().start())
                .isInstanceOf(JMSSecurityException.class);
    }

    @Test
    void shouldRefuseAClientThatSpeaksPlainAmqpWhenThePortIsForWebSockets() {
        URI webSocket = URI.create(((BrokerProcess) BROKER.broker()).webSocketUrl());
        JmsConnectionFactory plain = new JmsConnectionFactory("amqp://127.0.0.1:" + webSocket.getPort());

        assertThatThrownBy(() -> plain.createConnection().start()).isInstanceOf(JMSException.class);
    }

    @Test
    void shouldReconnectAndLoseNothingWhenTheBrokerIsKilled() throws Exception {
        Path data = directory.resolve("data");
        BrokerProcess first = BrokerProcess.start(data, 0, List.of("amqp.websocket.port=0"));
        String url = first.webSocketUrl();
        JmsConnectionFactory factory = new JmsConnectionFactory(
                "failover:(" + url + ")?failover.maxReconnectAttempts=200&failover.reconnectDelay=50"
                        + "&failover.useReconnectBackOff=false");
        Connection connection = jms.keep(factory.createConnection());
        connection.start();
        Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE);
        Queue queue = Jms.uniqueQueue(session);
        Jms.send(session, queue, "before");

        first.kill();
        try (BrokerProcess second = BrokerProcess.start(
                data, 0, List.of("amqp.websocket.port=" + URI.create(url).getPort()))) {
            assertThat(second.webSocketUrl()).isEqualTo(url);
            Jms.send(session, queue, "after");

            assertThat(Jms.receiveTexts(session.createConsumer(queue), 2)).containsExactly("before", "after");
            connection.close();
        }
    }
}
