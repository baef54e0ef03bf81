package io.sterna.broker.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.Destination;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** JMS through a node that does not own the queue or topic, which is number 1's; clients are connected to number 0. */
class ForwardedJmsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** Its hash is odd, so that it is number 1's; it is not made by itself. */
    private static final String ABSENT = "absent-1";

    private static TestNodes nodes;

    @BeforeAll
    static void start() throws Exception {
        nodes = new TestNodes(
                2,
                "queues.policies=[{match=\"n1.full\", max-length=2, overflow=reject}]",
                "queues.auto-create=n1.#, n0.#");
    }

    @AfterAll
    static void stop() throws Exception {
        nodes.close();
    }

    private static Session session(int number, int mode, String... options) throws JMSException {
        return nodes.connect(number, options).createSession(mode);
    }

    private static void send(Session session, Destination to, int count) throws JMSException {
        try (MessageProducer producer = session.createProducer(to)) {
            for (int n = 0; n < count; n++) {
                Message message = session.createTextMessage("text " + n);
                message.setIntProperty("n", n);
                producer.send(message);
            }
        }
    }

    private static Message receive(MessageConsumer consumer) throws JMSException {
        Message message = consumer.receive(PATIENCE.toMillis());
        assertThat(message).as("a message").isNotNull();
        return message;
    }

    private static List<Integer> numbers(MessageConsumer consumer, int count) throws JMSException {
        List<Integer> numbers = new ArrayList<>();
        while (numbers.size() < count) {
            numbers.add(receive(consumer).getIntProperty("n"));
        }
        return numbers;
    }

    private static List<Integer> upTo(int count) {
        List<Integer> numbers = new ArrayList<>();
        for (int n = 0; n < count; n++) {
            numbers.add(n);
        }
        return numbers;
    }

    @Test
    void shouldBringMessagesInOrderToAndFromAQueueOfAnotherNode() throws Exception {
        Session session = session(0, Session.AUTO_ACKNOWLEDGE);
        Queue queue = session.createQueue("n1.order");

        send(session, queue, 500);

        try (MessageConsumer atOwner =
                session(1, Session.AUTO_ACKNOWLEDGE, "jms.prefetchPolicy.all=1").createConsumer(queue)) {
            assertThat(numbers(atOwner, 1)).isEqualTo(upTo(1));
        }
        try (MessageConsumer consumer = session.createConsumer(queue)) {
            assertThat(numbers(consumer, 499)).isEqualTo(upTo(500).subList(1, 500));
            assertThat(consumer.receiveNoWait()).isNull();
        }
    }

    @Test
    void shouldAnswerAPullWithoutMessageAtOnce() throws Exception {
        Session session = session(0, Session.AUTO_ACKNOWLEDGE, "jms.prefetchPolicy.all=0");
        Queue queue = session.createQueue("n1.pull");
        MessageConsumer consumer = session.createConsumer(queue);

        assertThat(consumer.receiveNoWait()).isNull();
        send(session, queue, 2);
        assertThat(consumer.receiveNoWait().getIntProperty("n")).isZero();
        assertThat(consumer.receive(1_000).getIntProperty("n")).isEqualTo(1);
        assertThat(consumer.receive(20)).isNull();
        send(session, queue, 1);
        assertThat(receive(consumer).getIntProperty("n")).isZero();
    }

    @Test
    void shouldBrowseAndSelectAndHeedPriorities() throws Exception {
        Session session = session(0, Session.AUTO_ACKNOWLEDGE);
        Queue queue = session.createQueue("n1.choose");
        try (MessageProducer producer = session.createProducer(queue)) {
            for (int n = 0; n < 6; n++) {
                Message message = session.createMessage();
                message.setIntProperty("n", n);
                producer.send(message, DeliveryMode.PERSISTENT, n, 0);
            }
        }

        List<Integer> browsed = new ArrayList<>();
        for (Enumeration<?> each = session.createBrowser(queue, "n > 1").getEnumeration(); each.hasMoreElements(); ) {
            browsed.add(((Message) each.nextElement()).getIntProperty("n"));
        }
        assertThat(browsed).containsExactly(5, 4, 3, 2);
        try (MessageConsumer selecting = session.createConsumer(queue, "n < 2")) {
            assertThat(numbers(selecting, 2)).containsExactly(1, 0);
            assertThat(selecting.receiveNoWait()).isNull();
        }
        try (MessageConsumer rest = session.createConsumer(queue)) {
            assertThat(numbers(rest, 4)).containsExactly(5, 4, 3, 2);
        }
    }

    @Test
    void shouldGiveBackWhatWasNotAcknowledged() throws Exception {
        Session session = session(0, Session.CLIENT_ACKNOWLEDGE);
        Queue queue = session.createQueue("n1.back");
        send(session, queue, 4);
        MessageConsumer consumer = session.createConsumer(queue);
        receive(consumer).acknowledge();
        assertThat(numbers(consumer, 1)).containsExactly(1);
        session.recover();
        Message again = receive(consumer);
        assertThat(again.getIntProperty("n")).isEqualTo(1);
        assertThat(again.getJMSRedelivered()).isTrue();
        session.close();

        MessageConsumer other = session(0, Session.AUTO_ACKNOWLEDGE).createConsumer(queue);
        assertThat(numbers(other, 3)).containsExactly(1, 2, 3);
    }

    @Test
    void shouldCarryMessagesOfManyFramesWithTheirOctets() throws Exception {
        Session session = session(0, Session.AUTO_ACKNOWLEDGE);
        Queue queue = session.createQueue("n1.large");
        byte[] octets = new byte[7 * 1024 * 1024];
        new Random(5).nextBytes(octets);
        MessageConsumer consumer = session.createConsumer(queue);
        for (int round = 0; round < 3; round++) {
            BytesMessage message = session.createBytesMessage();
            message.writeBytes(octets);
            try (MessageProducer producer = session.createProducer(queue)) {
                producer.send(message);
            }
            assertThat(receive(consumer).getBody(byte[].class)).isEqualTo(octets);
        }
    }

    @Test
    void shouldPassOnThatTheOwnerRejectsAMessage() throws Exception {
        Session session = session(0, Session.AUTO_ACKNOWLEDGE);
        Queue queue = session.createQueue("n1.full");
        send(session, queue, 2);

        assertThatThrownBy(() -> send(session, queue, 1)).isInstanceOf(JMSException.class);
    }

    @Test
    void shouldPassOnThatTheOwnerRefusesALink() throws Exception {
        Session session = session(0, Session.AUTO_ACKNOWLEDGE);
        Queue queue = session.createQueue(ABSENT);

        assertThatThrownBy(() -> session.createConsumer(queue)).isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> session.createProducer(queue)).isInstanceOf(InvalidDestinationException.class);
    }

    @Test
    void shouldBringWhatIsPublishedAnywhereToSubscribersAnywhere() throws Exception {
        Session session = session(0, Session.AUTO_ACKNOWLEDGE);
        Session atOwner = session(1, Session.AUTO_ACKNOWLEDGE);
        Topic topic = session.createTopic("n1.topic");
        MessageConsumer here = session.createConsumer(topic);
        MessageConsumer there = atOwner.createConsumer(topic);

        send(session, topic, 3);
        send(atOwner, topic, 1);

        assertThat(numbers(here, 4)).containsExactly(0, 1, 2, 0);
        assertThat(numbers(there, 4)).containsExactly(0, 1, 2, 0);
    }

    @Test
    void shouldKeepADurableSubscriptionForAClientThatComesBackToAnotherNode() throws Exception {
        Session publishing = session(0, Session.AUTO_ACKNOWLEDGE);
        Topic topic = publishing.createTopic("n1.durable");
        try (Connection first = nodes.connectAs("durable-client", 0)) {
            Session session = first.createSession(Session.AUTO_ACKNOWLEDGE);
            session.createDurableSubscriber(topic, "name").close();
        }
        send(publishing, topic, 2);
        try (Connection second = nodes.connectAs("durable-client", 1)) {
            Session session = second.createSession(Session.AUTO_ACKNOWLEDGE);
            try (MessageConsumer consumer = session.createDurableSubscriber(topic, "name")) {
                assertThat(numbers(consumer, 1)).containsExactly(0);
            }
        }
        try (Connection third = nodes.connectAs("durable-client", 0)) {
            Session session = third.createSession(Session.AUTO_ACKNOWLEDGE);
            try (MessageConsumer consumer = session.createDurableSubscriber(topic, "name")) {
                assertThat(numbers(consumer, 1)).containsExactly(1);
            }
            session.unsubscribe("name");
            assertThatThrownBy(() -> session.unsubscribe("name")).isInstanceOf(InvalidDestinationException.class);
        }
    }

    @Test
    void shouldAnswerRequestsAcrossNodes() throws Exception {
        Session asking = session(0, Session.AUTO_ACKNOWLEDGE);
        Session answering = session(1, Session.AUTO_ACKNOWLEDGE);
        Queue requests = asking.createQueue("n0.requests");
        MessageConsumer service = answering.createConsumer(requests);
        MessageProducer anonymous = answering.createProducer(null);
        TemporaryQueue answers = asking.createTemporaryQueue();
        MessageConsumer answer = asking.createConsumer(answers);

        for (int round = 0; round < 20; round++) {
            TextMessage request = asking.createTextMessage("request " + round);
            request.setJMSReplyTo(answers);
            try (MessageProducer producer = asking.createProducer(requests)) {
                producer.send(request);
            }
            Message came = receive(service);
            anonymous.send(came.getJMSReplyTo(), answering.createTextMessage("answer " + round));
            assertThat(receive(answer).getBody(String.class)).isEqualTo("answer " + round);
        }
    }

    @Test
    void shouldBringMessagesThatSayThemselvesWhereTheyGoToTheirOwnersInOrder() throws Exception {
        Session session = session(0, Session.AUTO_ACKNOWLEDGE, "jms.forceAsyncSend=true");
        MessageProducer anonymous = session.createProducer(null);
        Queue there = session.createQueue("n1.anonymous");
        Queue here = session.createQueue("n0.anonymous");

        for (int n = 0; n < 300; n++) {
            Message message = session.createMessage();
            message.setIntProperty("n", n);
            anonymous.send(n % 3 == 0 ? here : there, message);
        }

        List<Integer> all = new ArrayList<>(numbers(session.createConsumer(here), 100));
        all.addAll(numbers(session.createConsumer(there), 200));
        List<Integer> expected = new ArrayList<>(upTo(300));
        expected.removeIf(n -> n % 3 != 0);
        List<Integer> rest = new ArrayList<>(upTo(300));
        rest.removeIf(n -> n % 3 == 0);
        expected.addAll(rest);
        assertThat(all).isEqualTo(expected);
        Session waiting = session(0, Session.AUTO_ACKNOWLEDGE);
        assertThatThrownBy(
                        () -> waiting.createProducer(null).send(waiting.createQueue(ABSENT), waiting.createMessage()))
                .isInstanceOf(JMSException.class);
    }

    @Test
    void shouldKeepTheOrderOfMessagesThatGoToTheWrongNodeFirst() throws Exception {
        try (TestNodes three = new TestNodes(3)) {
            Session session = three.connect(0, "jms.forceAsyncSend=true").createSession(Session.AUTO_ACKNOWLEDGE);
            MessageProducer anonymous = session.createProducer(null);
            Queue queue = session.createQueue("n2.moving");
            for (int n = 0; n < 400; n++) {
                three.mislead(0, "n2.moving", 1 + n / 10 % 2);
                Message message = session.createMessage();
                message.setIntProperty("n", n);
                anonymous.send(queue, message);
            }
            three.mislead(0, "n2.moving", 2);

            Session atOwner = three.connect(2).createSession(Session.AUTO_ACKNOWLEDGE);
            assertThat(numbers(atOwner.createConsumer(queue), 400)).isEqualTo(upTo(400));
        }
    }

    @Test
    void shouldLeaveOtherSessionsAloneWhenOneEndsWhoseMessagesAreUnderWay() throws Exception {
        Connection connection = nodes.connect(0, "jms.forceAsyncSend=true");
        Session staying = connection.createSession(Session.AUTO_ACKNOWLEDGE);
        Queue queue = staying.createQueue("n1.staying");
        MessageConsumer consumer = staying.createConsumer(queue);
        for (int round = 0; round < 10; round++) {
            Session ending = connection.createSession(Session.AUTO_ACKNOWLEDGE);
            MessageProducer anonymous = ending.createProducer(null);
            for (int n = 0; n < 50; n++) {
                anonymous.send(ending.createQueue("n1.ending"), ending.createMessage());
            }
            ending.close();

            send(staying, queue, 1);
            assertThat(numbers(consumer, 1)).containsExactly(0);
        }
    }

    @Test
    void shouldLeaveNothingBehindOfAThousandLinks() throws Exception {
        try (Connection connection = nodes.connect(0)) {
            Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE);
            List<MessageProducer> producers = new ArrayList<>();
            for (int number = 0; number < 1_000; number++) {
                producers.add(session.createProducer(session.createQueue("n1.many." + number % 10)));
            }
            assertThat(nodes.broker(0).meter("sterna.links.forwarded")).isGreaterThanOrEqualTo(1_000);
            producers.get(999).send(session.createMessage());
            for (MessageProducer producer : producers.subList(0, 500)) {
                producer.close();
            }
        }
        // Those of other tests are closed with their class.
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(nodes.broker(0).meter("sterna.links.forwarded"))
                .isLessThan(100));
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(nodes.broker(1).meter("sterna.producers"))
                .isLessThan(100));
    }
}
