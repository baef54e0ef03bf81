package io.sterna.broker.jms;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.broker.testing.BrokerExtension;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Connection factories and destinations (Jakarta Messaging 3.1 §5). */
@Timeout(60)
class JmsAdministeredObjectTest {
    @RegisterExtension
    static final BrokerExtension BROKER = BrokerExtension.shared();

    @RegisterExtension
    final Jms jms = new Jms(BROKER);

    private static <T> T stored(T object, Class<T> type) throws IOException, ClassNotFoundException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(object);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            return type.cast(in.readObject());
        }
    }

    /** §5.1: administered objects should be serializable, so that a naming service can keep them. */
    @Test
    void shouldUseAdministeredObjectsWhenTheyWereStored() throws Exception {
        Session session = jms.session(Session.AUTO_ACKNOWLEDGE);
        Queue queue = Jms.uniqueQueue(session);
        Topic topic = Jms.uniqueTopic(session);
        Connection connection =
                jms.keep(stored(jms.factory(), ConnectionFactory.class).createConnection());
        connection.start();
        Session other = connection.createSession();

        try (var consumer = session.createConsumer(queue);
                var subscriber = session.createConsumer(topic)) {
            Jms.send(other, stored(queue, Queue.class), "to queue");
            Jms.send(other, stored(topic, Topic.class), "to topic");

            assertThat(Jms.receiveText(consumer)).isEqualTo("to queue");
            assertThat(Jms.receiveText(subscriber)).isEqualTo("to topic");
        }
    }

    /** §5.3: "Connection factory objects support concurrent use." */
    @Test
    void shouldServeThreadsThatShareAConnectionFactory() throws Exception {
        ConnectionFactory factory = jms.factory();
        List<CompletableFuture<String>> answers = new ArrayList<>();
        for (int thread = 0; thread < 8; thread++) {
            String text = "thread " + thread;
            answers.add(CompletableFuture.supplyAsync(() -> {
                try {
                    Connection connection = jms.keep(factory.createConnection());
                    connection.start();
                    Session session = connection.createSession();
                    Queue queue = Jms.uniqueQueue(session);
                    Jms.send(session, queue, text);
                    return Jms.receiveText(session.createConsumer(queue));
                } catch (JMSException e) {
                    throw new IllegalStateException(e);
                }
            }));
        }

        for (int thread = 0; thread < 8; thread++) {
            assertThat(answers.get(thread).get(Jms.PATIENCE.toMillis(), TimeUnit.MILLISECONDS))
                    .isEqualTo("thread " + thread);
        }
    }
}
