package io.sterna.broker.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TransactionRolledBackException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Transactions of clients of number 0 over queues of other nodes, as AMQP 1.0 part 4 and Jakarta Messaging §6.2.7 have them. */
class ForwardedTransactionTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private TestNodes nodes;
    private Session session;

    @BeforeEach
    void start() throws Exception {
        nodes = new TestNodes(3, "queues.policies=[{match=\"n1.full\", max-length=2, overflow=reject}]");
        session = nodes.connect(0).createSession(Session.SESSION_TRANSACTED);
    }

    @AfterEach
    void stop() throws Exception {
        nodes.close();
    }

    private static void send(Session session, String queue, int from, int to) throws JMSException {
        try (MessageProducer producer = session.createProducer(session.createQueue(queue))) {
            for (int n = from; n < to; n++) {
                Message message = session.createTextMessage("text " + n);
                message.setIntProperty("n", n);
                producer.send(message);
            }
        }
    }

    private void put(String queue, int count) throws JMSException {
        try (Connection other = nodes.connect(0)) {
            send(other.createSession(Session.AUTO_ACKNOWLEDGE), queue, 0, count);
        }
    }

    private static List<Integer> receive(MessageConsumer consumer, int count) throws JMSException {
        List<Integer> numbers = new ArrayList<>();
        while (numbers.size() < count) {
            Message message = consumer.receive(PATIENCE.toMillis());
            assertThat(message).as("message after " + numbers).isNotNull();
            numbers.add(message.getIntProperty("n"));
        }
        return numbers;
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

    private static List<Integer> numbers(int from, int to) {
        return IntStream.range(from, to).boxed().toList();
    }

    @Test
    void shouldSendWhenItIsCommittedAndNotBefore() throws Exception {
        send(session, "n1.sent", 0, 10);
        assertThat(content("n1.sent")).isEmpty();
        session.commit();
        assertThat(content("n1.sent")).isEqualTo(numbers(0, 10));

        send(session, "n1.sent", 10, 20);
        session.rollback();
        send(session, "n1.sent", 20, 30);
        session.commit();
        List<Integer> expected = new ArrayList<>(numbers(0, 10));
        expected.addAll(numbers(20, 30));
        assertThat(content("n1.sent")).isEqualTo(expected);
    }

    @Test
    void shouldReceiveAgainWhatWasRolledBackAndNotWhatWasCommitted() throws Exception {
        put("n1.received", 5);
        MessageConsumer consumer = session.createConsumer(session.createQueue("n1.received"));

        assertThat(receive(consumer, 3)).isEqualTo(numbers(0, 3));
        session.rollback();
        assertThat(receive(consumer, 3)).isEqualTo(numbers(0, 3));
        session.commit();

        assertThat(receive(consumer, 2)).isEqualTo(numbers(3, 5));
        session.commit();
        session.close();
        assertThat(content("n1.received")).isEmpty();
    }

    @Test
    void shouldMoveMessagesFromOneQueueOfANodeToAnother() throws Exception {
        put("n1.from", 300);
        MessageConsumer consumer = session.createConsumer(session.createQueue("n1.from"));
        MessageProducer producer = session.createProducer(session.createQueue("n1.to"));
        for (int n = 0; n < 300; n++) {
            Message message = consumer.receive(PATIENCE.toMillis());
            producer.send(message);
            if (n % 7 == 0) {
                session.rollback();
                producer.send(consumer.receive(PATIENCE.toMillis()));
            }
            session.commit();
        }
        session.close();

        assertThat(content("n1.to")).isEqualTo(numbers(0, 300));
        assertThat(content("n1.from")).isEmpty();
    }

    @Test
    void shouldCommitWhatWasAcknowledgedOnAConsumerThatIsClosed() throws Exception {
        put("n1.closed", 2);
        try (MessageConsumer consumer = session.createConsumer(session.createQueue("n1.closed"))) {
            receive(consumer, 1);
        }
        session.commit();

        assertThat(content("n1.closed")).containsExactly(1);
    }

    @Test
    void shouldRollBackWhatSpansNodesThatCannotAskEachOther() throws Exception {
        put("n1.span", 1);
        MessageConsumer consumer = session.createConsumer(session.createQueue("n1.span"));
        receive(consumer, 1);
        send(session, "n2.span", 0, 3);

        assertThatThrownBy(session::commit)
                .isInstanceOf(TransactionRolledBackException.class)
                .hasMessageContaining("node-1 and node-2");
        send(session, "n0.span", 0, 3);
        send(session, "n2.span", 0, 3);
        assertThatThrownBy(session::commit)
                .isInstanceOf(TransactionRolledBackException.class)
                .hasMessageContaining("node-2 and this one");

        assertThat(content("n0.span")).isEmpty();
        assertThat(content("n2.span")).isEmpty();
        assertThat(receive(consumer, 1)).containsExactly(0);
        session.commit();
        session.close();
        assertThat(content("n1.span")).isEmpty();
    }

    @Test
    void shouldPassOnThatTheOwnerRefuses() throws Exception {
        send(session, "n1.full", 0, 3);

        assertThatThrownBy(session::commit)
                .isInstanceOf(TransactionRolledBackException.class)
                .hasMessageContaining("is full");
        assertThat(content("n1.full")).isEmpty();
        send(session, "n1.full", 0, 2);
        session.commit();
        assertThat(content("n1.full")).isEqualTo(numbers(0, 2));
    }

    @Test
    void shouldRefuseToBringMessagesThatSayThemselvesWhereTheyGo() throws Exception {
        MessageProducer anonymous = session.createProducer(null);
        Queue queue = session.createQueue("n1.anonymous");

        assertThatThrownBy(() -> {
                    anonymous.send(queue, session.createMessage());
                    session.commit();
                })
                .isInstanceOf(JMSException.class)
                .hasMessageContaining("send on a link to n1.anonymous");
        assertThat(content("n1.anonymous")).isEmpty();
    }

    @Test
    void shouldBeRolledBackWhenTheOwnerIsLostBeforeTheCommit() throws Exception {
        send(session, "n1.lost", 0, 3);
        session.createProducer(session.createQueue("n0.anything"));

        nodes.stop(1);

        assertThatThrownBy(session::commit)
                .isInstanceOf(TransactionRolledBackException.class)
                .hasMessageContaining("node-1");
        send(session, "n2.lost", 0, 3);
        session.commit();
        assertThat(content("n2.lost")).isEqualTo(numbers(0, 3));
    }

    @Test
    void shouldRollBackWhatIsOpenWhenTheClientGoes() throws Exception {
        put("n1.gone", 2);
        try (Connection going = nodes.connect(0)) {
            Session its = going.createSession(Session.SESSION_TRANSACTED);
            receive(its.createConsumer(its.createQueue("n1.gone")), 1);
            send(its, "n1.gone", 7, 9);
        }

        assertThat(content("n1.gone")).containsExactly(0, 1);
    }

    @Test
    void shouldKeepTransactionsOfOneConnectionApart() throws Exception {
        Connection connection = nodes.connect(0);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<String>> all = new ArrayList<>();
            for (int number = 0; number < 4; number++) {
                String queue = "n1.apart." + number;
                all.add(threads.submit(() -> commitAndRollBack(connection, queue)));
            }
            for (Future<String> each : all) {
                each.get(60, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }
        for (int number = 0; number < 4; number++) {
            assertThat(content("n1.apart." + number)).isEqualTo(numbers(0, 150));
        }
    }

    private static String commitAndRollBack(Connection connection, String queue) throws JMSException {
        Session session = connection.createSession(Session.SESSION_TRANSACTED);
        for (int n = 0; n < 150; n += 3) {
            send(session, queue, 1_000, 1_002);
            session.rollback();
            send(session, queue, n, n + 3);
            session.commit();
        }
        return queue;
    }
}
