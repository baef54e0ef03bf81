package io.sterna.broker.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.qpid.protonj2.client.Client;
import org.junit.jupiter.api.Test;

/** What clients notice when the owner of an address is lost, is another one, or none. */
class LostOwnerTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static void send(Session session, Queue queue, int from, int to) throws JMSException {
        try (MessageProducer producer = session.createProducer(queue)) {
            for (int n = from; n < to; n++) {
                Message message = session.createMessage();
                message.setIntProperty("n", n);
                producer.send(message);
            }
        }
    }

    private static int number(MessageConsumer consumer) throws JMSException {
        Message message = consumer.receive(PATIENCE.toMillis());
        assertThat(message).as("a message").isNotNull();
        return message.getIntProperty("n");
    }

    @Test
    void shouldGoOnWithTheNextOwnerWhenOneGoesDown() throws Exception {
        try (TestNodes nodes = new TestNodes(3)) {
            Session session = nodes.connectToAnyOf(0).createSession(Session.AUTO_ACKNOWLEDGE);
            Queue queue = session.createQueue("n1.lost");
            MessageConsumer consumer = session.createConsumer(queue);
            MessageProducer producer = session.createProducer(queue);
            producer.send(session.createMessage());
            assertThat(consumer.receive(PATIENCE.toMillis())).isNotNull();

            nodes.orphan("n1.lost");
            nodes.stop(1);
            Thread moving = new Thread(() -> nodes.move("n1.lost", 2));
            moving.start();
            Message message = session.createMessage();
            message.setIntProperty("n", 7);
            producer.send(message);

            assertThat(number(consumer)).isEqualTo(7);
            moving.join();
        }
    }

    @Test
    void shouldSendClientsToTheNextOwnerWhenAnAddressMoves() throws Exception {
        try (TestNodes nodes = new TestNodes(3)) {
            Session forwarded = nodes.connectToAnyOf(0).createSession(Session.AUTO_ACKNOWLEDGE);
            Session local = nodes.connectToAnyOf(1).createSession(Session.AUTO_ACKNOWLEDGE);
            Queue queue = forwarded.createQueue("n1.moving");
            MessageConsumer consumer = forwarded.createConsumer(queue);
            MessageProducer producer = local.createProducer(queue);
            producer.send(local.createMessage());
            assertThat(consumer.receive(PATIENCE.toMillis())).isNotNull();

            nodes.move("n1.moving", 2);
            Message message = local.createMessage();
            message.setIntProperty("n", 9);
            await().atMost(PATIENCE).untilAsserted(() -> {
                assertThat(nodes.broker(1).meter("sterna.links.forwarded")).isEqualTo(1);
                assertThat(nodes.broker(0).meter("sterna.links.forwarded")).isEqualTo(1);
            });
            producer.send(message);

            assertThat(number(consumer)).isEqualTo(9);
            try (Connection atNew = nodes.connect(2)) {
                Session session = atNew.createSession(Session.AUTO_ACKNOWLEDGE);
                send(session, queue, 10, 11);
                assertThat(number(consumer)).isEqualTo(10);
            }
        }
    }

    /** Which is what Qpid JMS reads of {@code failover-server-list} in the open. */
    @Test
    void shouldTellClientsWhereElseTheyMayGo() throws Exception {
        try (TestNodes nodes = new TestNodes(2)) {
            Session session = nodes.connectToAnyOf(0).createSession(Session.AUTO_ACKNOWLEDGE);
            Queue queue = session.createQueue("n1.elsewhere");
            MessageConsumer consumer = session.createConsumer(queue);

            nodes.stop(0);
            send(nodes.connect(1).createSession(Session.AUTO_ACKNOWLEDGE), queue, 5, 6);

            assertThat(number(consumer)).isEqualTo(5);
        }
    }

    @Test
    void shouldTakeBackAtOnceWhatClientsOfANodeHaveThatIsNotReachedAnyMore() throws Exception {
        try (TestNodes nodes = new TestNodes(2)) {
            Session there = nodes.connect(0).createSession(Session.CLIENT_ACKNOWLEDGE);
            Session here = nodes.connect(1).createSession(Session.AUTO_ACKNOWLEDGE);
            Queue queue = here.createQueue("n1.held");
            MessageConsumer holding = there.createConsumer(queue);
            send(here, queue, 0, 10);
            assertThat(number(holding)).isZero();

            nodes.loseSight(1, 0);

            MessageConsumer other = here.createConsumer(queue);
            for (int n = 0; n < 10; n++) {
                assertThat(number(other)).isEqualTo(n);
            }
        }
    }

    @Test
    void shouldServeOthersWhenANodeIsGoneThatDidNotAnswerAClientThatHasLeft() throws Exception {
        try (TestNodes nodes = new TestNodes(1);
                ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Client client = Client.create()) {
            nodes.mislead(0, "silent", new PeerAddress("node-1", "127.0.0.1", silent.getLocalPort()));
            org.apache.qpid.protonj2.client.Connection leaving = client.connect("127.0.0.1", nodes.port(0));
            leaving.openSender("silent");
            silent.accept();
            leaving.close();
            await().atMost(PATIENCE).until(() -> nodes.broker(0).meter("sterna.connections") == 0);

            nodes.loseSight(0, 1);

            Session other = nodes.connect(0).createSession(Session.AUTO_ACKNOWLEDGE);
            Queue queue = other.createQueue("served");
            send(other, queue, 2, 3);
            assertThat(number(other.createConsumer(queue))).isEqualTo(2);
        }
    }

    @Test
    void shouldHangUpOnClientsThatUseANodeWhichIsNotReachedAnyMore() throws Exception {
        try (TestNodes nodes = new TestNodes(2)) {
            Connection connection = nodes.connect(0);
            BlockingQueue<String> problems = new LinkedBlockingQueue<>();
            connection.setExceptionListener(problem -> problems.add(problem.getMessage()));
            Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE);
            session.createProducer(session.createQueue("n1.used"));

            nodes.loseSight(0, 1);

            assertThat(problems.poll(PATIENCE.toMillis(), TimeUnit.MILLISECONDS))
                    .contains("amqp:connection:forced", "node-1", "connect again");
        }
    }

    @Test
    void shouldWaitAWhileForAnOwner() throws Exception {
        try (TestNodes nodes = new TestNodes(2)) {
            nodes.orphan("n1.orphan");
            Session session = nodes.connect(0).createSession(Session.AUTO_ACKNOWLEDGE);
            Thread finding = new Thread(() -> nodes.move("n1.orphan", 1));
            Queue queue = session.createQueue("n1.orphan");
            finding.start();

            send(session, queue, 3, 4);

            assertThat(number(session.createConsumer(queue))).isEqualTo(3);
            finding.join();
        }
    }

    @Test
    void shouldRefuseALinkWithoutOwnerWhenItHasWaited() throws Exception {
        try (TestNodes nodes = new TestNodes(2)) {
            nodes.orphan("n1.orphan");
            Session session = nodes.connect(0).createSession(Session.AUTO_ACKNOWLEDGE);

            assertThatThrownBy(() -> session.createConsumer(session.createQueue("n1.orphan")))
                    .isInstanceOf(JMSException.class)
                    .hasMessageContaining("amqp:link:detach-forced")
                    .hasMessageContaining("its owner is down");
        }
    }

    @Test
    void shouldNeverForwardInCircles() throws Exception {
        try (TestNodes nodes = new TestNodes(2)) {
            nodes.mislead(0, "disputed", 1);
            nodes.mislead(1, "disputed", 0);
            Session session = nodes.connect(0).createSession(Session.AUTO_ACKNOWLEDGE);

            assertThatThrownBy(() -> session.createProducer(session.createQueue("disputed")))
                    .isInstanceOf(JMSException.class)
                    .hasMessageContaining("does not own the address");
            assertThat(nodes.broker(1).meter("sterna.links.forwarded")).isZero();
        }
    }

    @Test
    void shouldNotLetANodeInThatHasAnotherSecret() throws Exception {
        try (TestNodes nodes = new TestNodes(List.of("one", "another"))) {
            Session session = nodes.connect(0).createSession(Session.AUTO_ACKNOWLEDGE);

            assertThatThrownBy(() -> session.createProducer(session.createQueue("n1.secret")))
                    .isInstanceOf(JMSException.class)
                    .hasMessageContaining("refuses the credentials");
        }
    }
}
