package io.sterna.broker.management;

import static io.sterna.broker.management.ManagedBroker.receive;
import static io.sterna.broker.management.ManagedBroker.rejectAll;
import static io.sterna.broker.management.ManagedBroker.sendNumbered;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.qpid.jms.JmsConnectionFactory;
import org.apache.qpid.protonj2.client.Connection;
import org.apache.qpid.protonj2.client.Message;
import org.apache.qpid.protonj2.client.Receiver;
import org.apache.qpid.protonj2.client.Sender;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** AMQP Management, working draft 11: request and response (section 3), operations on entities (4) and on the node (5). */
@Timeout(60)
final class AmqpManagementTest {
    private ManagedBroker broker;
    private Connection connection;
    private Sender requests;
    private Receiver replies;
    private long nextId;

    @BeforeEach
    void start() throws Exception {
        broker = new ManagedBroker();
        connection = broker.connect();
        requests = connection.openSender("$management");
        // This client can't name its target: answers to requests without reply-to come here.
        replies = connection.openReceiver("$management");
        replies.openFuture().get();
    }

    @AfterEach
    void stop() {
        broker.close();
    }

    private Message<Object> ask(Map<String, Object> body, Object... properties) throws Exception {
        Message<Map<String, Object>> request = Message.create(body);
        for (int i = 0; i < properties.length; i += 2) {
            request.property(properties[i].toString(), properties[i + 1]);
        }
        request.messageId("request-" + ++nextId);
        requests.send(request);
        Message<Object> answer = receive(replies).message();
        assertThat(answer.correlationId()).isEqualTo("request-" + nextId);
        return answer;
    }

    private Message<Object> ask(String operation, String type, String name) throws Exception {
        return ask(Map.of(), "operation", operation, "type", type, "name", name);
    }

    private static int status(Message<Object> answer) throws Exception {
        return (Integer) answer.property("statusCode");
    }

    @Test
    void shouldCreateReadAndDelete() throws Exception {
        assertThat(status(ask("READ", "sterna.queue", "orders"))).isEqualTo(404);
        assertThat(status(ask("CREATE", "sterna.queue", "orders"))).isEqualTo(201);
        Message<Object> read = ask("READ", "sterna.queue", "orders");
        assertThat(status(read)).isEqualTo(200);
        assertThat(read.property("statusDescription")).isEqualTo("OK");
        assertThat(map(read)).containsEntry("address", "orders").containsEntry("messages", 0);
        assertThat(status(ask("READ", "sterna.topic", "orders"))).isEqualTo(404);
        assertThat(status(ask("CREATE", "sterna.topic", "orders"))).isEqualTo(409);
        assertThat(status(ask("DELETE", "sterna.queue", "orders"))).isEqualTo(204);
        assertThat(status(ask("READ", "sterna.queue", "orders"))).isEqualTo(404);
    }

    @Test
    void shouldQueryWithAttributeNamesOffsetAndCount() throws Exception {
        for (int n = 0; n < 5; n++) {
            ask("CREATE", "sterna.queue", "q" + n);
        }
        ask("CREATE", "sterna.topic", "t");
        Message<Object> answer = ask(
                Map.of("attributeNames", List.of("address", "kind")),
                "operation",
                "QUERY",
                "type",
                "org.amqp.management",
                "entityType",
                "sterna.queue",
                "offset",
                1,
                "count",
                3);
        assertThat(map(answer)).containsEntry("attributeNames", List.of("address", "kind"));
        assertThat(map(answer).get("results"))
                .isEqualTo(List.of(List.of("q1", "queue"), List.of("q2", "queue"), List.of("q3", "queue")));
    }

    @Test
    void shouldCreateAndUpdateSettings() throws Exception {
        Map<String, Object> given = new HashMap<>(Map.of("max-length", 5L, "overflow", "reject", "dead-letter", false));
        assertThat(status(ask(given, "operation", "CREATE", "type", "sterna.queue", "name", "q")))
                .isEqualTo(201);
        given.clear();
        given.put("max-length", null);
        given.put("redelivery-back-off", 1.5);
        Message<Object> updated = ask(given, "operation", "UPDATE", "type", "sterna.queue", "name", "q");
        assertThat(status(updated)).isEqualTo(200);
        assertThat(map(updated))
                .containsEntry("max-length", 0L)
                .containsEntry("overflow", "reject")
                .containsEntry("redelivery-back-off", 1.5)
                .containsEntry("dead-letter", false);
        Message<Object> refused =
                ask(Map.of("max-length", "many"), "operation", "UPDATE", "type", "sterna.queue", "name", "q");
        assertThat(status(refused)).isEqualTo(400);
        assertThat(refused.property("statusDescription"))
                .isEqualTo("settings.max-length = \"many\": allowed is a whole number from 0 to 2147483647");
        Message<Object> listed = ask(
                Map.of("attributeNames", List.of("address", "overflow")),
                "operation",
                "QUERY",
                "entityType",
                "sterna.queue");
        assertThat(map(listed).get("results")).isEqualTo(List.of(List.of("q", "reject")));
        assertThat(status(ask(Map.of(), "operation", "UPDATE", "type", "sterna.subscription", "name", "t/x")))
                .isEqualTo(501);
    }

    @Test
    void shouldTellTypesAttributesAndOperations() throws Exception {
        assertThat(map(ask("GET-TYPES", "org.amqp.management", "self")))
                .containsKeys("sterna.queue", "sterna.topic", "sterna.subscription");
        assertThat((List<?>) map(ask("GET-ATTRIBUTES", "org.amqp.management", "self"))
                        .get("sterna.queue"))
                .anyMatch("messages"::equals)
                .anyMatch("consumers"::equals);
        Map<?, ?> operations = map(ask("GET-OPERATIONS", "org.amqp.management", "self"));
        assertThat(((Map<?, ?>) operations.get("sterna.queue")).keySet())
                .hasToString("[READ, DELETE, CREATE, UPDATE, PURGE, REDRIVE, SCHEDULED, CANCEL, RENEW-LOCK]");
    }

    @Test
    void shouldPurgeAndRedrive() throws Exception {
        sendNumbered(connection, "work", 3);
        rejectAll(connection, "work", 3);
        await().untilAsserted(() -> assertThat(map(ask("READ", "sterna.queue", "work/$deadletterqueue")))
                .containsEntry("messages", 3));
        Message<Object> moved =
                ask(Map.of(), "operation", "REDRIVE", "type", "sterna.queue", "name", "work", "selector", "n < 2");
        assertThat(map(moved)).containsEntry("moved", 2L);
        assertThat(map(ask("PURGE", "sterna.queue", "work"))).containsEntry("removed", 2);
    }

    @Test
    void shouldSayWhatItDoesNotKnow() throws Exception {
        assertThat(status(ask("EXPLODE", "sterna.queue", "x"))).isEqualTo(501);
        assertThat(status(ask("READ", "sterna.volcano", "x"))).isEqualTo(404);
        assertThat(status(ask("CREATE", "sterna.queue", "$x"))).isEqualTo(400);
        assertThat(status(ask(Map.of(), "type", "sterna.queue"))).isEqualTo(400);
    }

    @Test
    void shouldAnswerIntoQueueThatReplyToNames() throws Exception {
        ask("CREATE", "sterna.queue", "answers");
        try (jakarta.jms.Connection jms = new JmsConnectionFactory(broker.amqpUrl()).createConnection()) {
            jms.start();
            Session session = jms.createSession();
            TextMessage request = session.createTextMessage();
            request.setStringProperty("operation", "READ");
            request.setStringProperty("type", "sterna.queue");
            request.setStringProperty("name", "answers");
            request.setJMSReplyTo(session.createQueue("answers"));
            session.createProducer(session.createQueue("$management")).send(request);
            jakarta.jms.Message answer = session.createConsumer(session.createQueue("answers"))
                    .receive(ManagedBroker.PATIENCE_SECONDS * 1000);
            assertThat(answer.getIntProperty("statusCode")).isEqualTo(200);
            assertThat(answer.getJMSCorrelationID()).isEqualTo(request.getJMSMessageID());
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(Message<Object> answer) throws Exception {
        return (Map<String, Object>) answer.body();
    }
}
