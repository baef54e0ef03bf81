package io.sterna.broker.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TransactionRolledBackException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Transactions of clients of number 0 over queues of several nodes, each of which has some of the partitions. */
class SpanningTransactionTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private TestNodes nodes;
    private Session session;
    private String here;
    private String from;
    private String to;
    private String full;

    @BeforeEach
    void start() throws Exception {
        nodes = new TestNodes(3, "queues.policies=[{match=\"n1.full.#\", max-length=2, overflow=reject}]");
        nodes.share();
        here = nodes.nameAt(0, "here");
        from = nodes.nameAt(1, "from");
        to = nodes.nameAt(2, "to");
        full = nodes.nameAt(1, "full.queue");
        session = nodes.connect(0).createSession(Session.SESSION_TRANSACTED);
    }

    @AfterEach
    void stop() throws Exception {
        nodes.close();
    }

    private static void send(Session session, String queue, int count) throws JMSException {
        try (MessageProducer producer = session.createProducer(session.createQueue(queue))) {
            for (int n = 0; n < count; n++) {
                Message message = session.createTextMessage("text " + n);
                message.setIntProperty("n", n);
                producer.send(message);
            }
        }
    }

    private void put(String queue, int count) throws JMSException {
        try (Connection other = nodes.connect(0)) {
            send(other.createSession(Session.AUTO_ACKNOWLEDGE), queue, count);
        }
    }

    private static Message receive(MessageConsumer consumer) throws JMSException {
        Message message = consumer.receive(PATIENCE.toMillis());
        assertThat(message).as("a message").isNotNull();
        return message;
    }

    /** What is in a queue, asked at its owner. */
    private List<Integer> content(String queue) throws JMSException {
        try (Connection owner = nodes.connect(queue.charAt(1) - '0')) {
            Session its = owner.createSession(Session.AUTO_ACKNOWLEDGE);
            List<Integer> numbers = new ArrayList<>();
            Enumeration<?> each = its.createBrowser(its.createQueue(queue)).getEnumeration();
            while (each.hasMoreElements()) {
                numbers.add(((Message) each.nextElement()).getIntProperty("n"));
            }
            return numbers;
        }
    }

    @Test
    void shouldCommitAtAllNodesThatItSpans() throws Exception {
        put(from, 100);
        MessageConsumer consumer = session.createConsumer(session.createQueue(from));
        MessageProducer near = session.createProducer(session.createQueue(here));
        MessageProducer far = session.createProducer(session.createQueue(to));
        for (int n = 0; n < 100; n++) {
            Message message = receive(consumer);
            if (n % 2 == 0) {
                near.send(message);
            }
            far.send(message);
            if (n % 5 == 0) {
                session.rollback();
                far.send(receive(consumer));
            }
            session.commit();
        }
        session.close();

        List<Integer> all = IntStream.range(0, 100).boxed().toList();
        assertThat(content(to)).isEqualTo(all);
        assertThat(content(here))
                .isEqualTo(all.stream().filter(n -> n % 2 == 0 && n % 5 != 0).toList());
        assertThat(content(from)).isEmpty();
    }

    @Test
    void shouldRollBackEverywhereWhenOneOfTheNodesRefuses() throws Exception {
        put(to, 1);
        MessageConsumer consumer = session.createConsumer(session.createQueue(to));
        receive(consumer);
        send(session, full, 3);
        send(session, here, 3);

        assertThatThrownBy(session::commit)
                .isInstanceOf(TransactionRolledBackException.class)
                .hasMessageContaining("is full");

        assertThat(content(full)).isEmpty();
        assertThat(content(here)).isEmpty();
        receive(consumer);
        send(session, full, 2);
        session.commit();
        assertThat(content(full)).containsExactly(0, 1);
        session.close();
        assertThat(content(to)).isEmpty();
    }

    @Test
    void shouldRollBackEverywhereWhenOneOfTheNodesIsLostBefore() throws Exception {
        send(session, from, 3);
        send(session, to, 3);

        nodes.stop(1);

        assertThatThrownBy(session::commit).isInstanceOf(TransactionRolledBackException.class);
        assertThat(content(to)).isEmpty();
        send(session, to, 1);
        session.commit();
        assertThat(content(to)).containsExactly(0);
    }

    @Test
    void shouldHaveItAllOrNothingWhenTheNodeOfTheClientGoesInTheMiddle() throws Exception {
        for (int round = 0; round < 20; round++) {
            Connection going = nodes.connect(0);
            Session its = going.createSession(Session.SESSION_TRANSACTED);
            send(its, from, 1);
            send(its, to, 1);
            Thread committing = new Thread(() -> {
                try {
                    its.commit();
                } catch (JMSException e) {
                    // Its connection was closed.
                }
            });
            committing.start();
            going.close();
            committing.join();
        }

        await().atMost(PATIENCE).untilAsserted(() -> assertThat(content(to)).hasSameSizeAs(content(from)));
    }
}
