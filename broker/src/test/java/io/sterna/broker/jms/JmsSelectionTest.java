package io.sterna.broker.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sterna.broker.testing.BrokerExtension;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import jakarta.jms.Session;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Which of the messages in a queue a consumer gets, and in which order, as Jakarta Messaging 3.1 says it. */
@Timeout(60)
class JmsSelectionTest {
    private static final String NO_PREFETCH = "jms.prefetchPolicy.all=0";

    @RegisterExtension
    static final BrokerExtension BROKER = BrokerExtension.withUsers(Map.of("admin", "admin"));

    @RegisterExtension
    final Jms jms = new Jms(BROKER);

    private Session session;
    private Queue queue;

    @BeforeEach
    void openSession() throws JMSException {
        session = open();
        queue = Jms.uniqueQueue(session);
    }

    private Session open(String... options) throws JMSException {
        String[] all = new String[options.length + 2];
        System.arraycopy(options, 0, all, 0, options.length);
        all[options.length] = "jms.username=admin";
        all[options.length + 1] = "jms.password=admin";
        return jms.session(Session.AUTO_ACKNOWLEDGE, all);
    }

    private void send(int number, String group, int priority) throws JMSException {
        try (MessageProducer producer = session.createProducer(queue)) {
            Message message = session.createMessage();
            message.setIntProperty("n", number);
            if (!group.isEmpty()) {
                message.setStringProperty("JMSXGroupID", group);
            }
            producer.setPriority(priority);
            producer.send(message);
        }
    }

    private void send(int count) throws JMSException {
        Jms.sendNumbered(session, queue, count);
    }

    private static List<Integer> numbers(QueueBrowser browser) throws JMSException {
        List<Integer> numbers = new ArrayList<>();
        for (Enumeration<?> each = browser.getEnumeration(); each.hasMoreElements(); ) {
            numbers.add(((Message) each.nextElement()).getIntProperty("n"));
        }
        return numbers;
    }

    private static List<Integer> rest(MessageConsumer consumer) throws JMSException {
        List<Integer> numbers = new ArrayList<>();
        for (Message next = consumer.receiveNoWait(); next != null; next = consumer.receiveNoWait()) {
            numbers.add(next.getIntProperty("n"));
        }
        return numbers;
    }

    /** §3.4.10: messages of higher priority come before those of lower priority; and in order within one. */
    @Test
    void shouldDeliverHigherPrioritiesFirstWhenMessagesWait() throws JMSException {
        int[] priorities = {4, 9, 0, 4, 9, 7, 0, 1};
        for (int number = 0; number < priorities.length; number++) {
            send(number, "", priorities[number]);
        }
        try (MessageConsumer consumer = session.createConsumer(queue)) {
            assertThat(Jms.receiveNumbers(consumer, 8)).containsExactly(1, 4, 5, 0, 3, 7, 2, 6);
        }
    }

    /** §3.8.1: "messages whose headers and properties match the selector"; the others stay. */
    @Test
    void shouldDeliverWhatMatchesAndLeaveTheOthersWhenAConsumerSelects() throws JMSException {
        send(10);
        try (MessageConsumer consumer = session.createConsumer(queue, "n >= 3 AND n < 6")) {
            assertThat(Jms.receiveNumbers(consumer, 3)).containsExactly(3, 4, 5);
            assertThat(rest(consumer)).isEmpty();
        }
        try (MessageConsumer consumer = session.createConsumer(queue)) {
            assertThat(Jms.receiveNumbers(consumer, 7)).containsExactly(0, 1, 2, 6, 7, 8, 9);
        }
    }

    @Test
    void shouldFindTheOneThatMatchesWhenTheBacklogIsDeeperThanATurnAllows() throws JMSException {
        send(3000);
        try (MessageConsumer consumer = open(NO_PREFETCH).createConsumer(queue, "n = 2999")) {
            assertThat(Jms.receiveNumbers(consumer, 1)).containsExactly(2999);
            assertThat(rest(consumer)).isEmpty();
        }
    }

    /** §3.8.1.1 and the exception of that name. */
    @Test
    void shouldRefuseTheConsumerWhenItsSelectorIsInvalid() {
        assertThatThrownBy(() -> session.createConsumer(queue, "n = = 3")).isInstanceOf(InvalidSelectorException.class);
        assertThatThrownBy(() -> session.createBrowser(queue, "n = = 3").getEnumeration())
                .isInstanceOf(JMSException.class);
    }

    /** §4.1.6, QueueBrowser: it looks at the messages on a queue without removing them. */
    @Test
    void shouldShowAllMessagesAndTakeNoneWhenTheQueueIsBrowsed() throws JMSException {
        send(5);
        send(7, "", 9);
        try (QueueBrowser browser = session.createBrowser(queue)) {
            assertThat(numbers(browser)).containsExactly(7, 0, 1, 2, 3, 4);
            assertThat(numbers(browser)).hasSize(6);
        }
        try (MessageConsumer consumer = session.createConsumer(queue)) {
            assertThat(Jms.receiveNumbers(consumer, 6)).containsExactly(7, 0, 1, 2, 3, 4);
        }
    }

    @Test
    void shouldShowWhatMatchesWhenABrowserSelects() throws JMSException {
        send(2500);
        try (QueueBrowser browser = open().createBrowser(queue, "n > 2495")) {
            assertThat(numbers(browser)).containsExactly(2496, 2497, 2498, 2499);
        }
        try (QueueBrowser browser = open(NO_PREFETCH).createBrowser(queue, "n = 2")) {
            assertThat(numbers(browser)).containsExactly(2);
        }
    }

    @Test
    void shouldEndWhenAnEmptyQueueIsBrowsed() throws JMSException {
        try (QueueBrowser browser = session.createBrowser(queue)) {
            assertThat(numbers(browser)).isEmpty();
        }
    }

    /** §3.5.9, JMSXGroupID: a group stays with one consumer, in order, and goes to another when that is closed. */
    @Test
    void shouldKeepAGroupTogetherWhenThereAreSeveralConsumers() throws JMSException {
        MessageConsumer one = open().createConsumer(queue);
        MessageConsumer other = open().createConsumer(queue);
        for (int number = 0; number < 40; number++) {
            send(number, "g" + number % 4, 4);
        }
        List<Integer> ofOne = Jms.receiveNumbers(one, 20);
        List<Integer> ofOther = Jms.receiveNumbers(other, 20);
        assertThat(ofOne).isSorted();
        assertThat(ofOther).isSorted();
        assertThat(ofOne.stream().map(number -> number % 4).distinct()).hasSize(2);
        assertThat(ofOther.stream().map(number -> number % 4).distinct()).hasSize(2);

        one.close();
        int group = ofOne.get(0) % 4;
        send(100, "g" + group, 4);
        assertThat(Jms.receiveNumbers(other, 1)).containsExactly(100);
    }

    /** As ActiveMQ's destination option. */
    @Test
    @Tag("sterna")
    void shouldServeOnlyTheExclusiveConsumerUntilItIsClosed() throws JMSException {
        MessageConsumer ordinary = open().createConsumer(queue);
        Session exclusiveSession = open();
        Queue exclusively = exclusiveSession.createQueue(queue.getQueueName() + "?consumer.exclusive=true");
        MessageConsumer exclusive = exclusiveSession.createConsumer(exclusively);
        MessageConsumer second = open().createConsumer(exclusively);
        send(4);
        assertThat(Jms.receiveNumbers(exclusive, 4)).containsExactly(0, 1, 2, 3);

        exclusive.close();
        send(2);
        assertThat(Jms.receiveNumbers(second, 2)).containsExactly(0, 1);
        second.close();
        send(1);
        assertThat(Jms.receiveNumbers(ordinary, 1)).containsExactly(0);
    }

    /** As the address options of Artemis: lower ones get messages when higher ones have no credit. */
    @Test
    @Tag("sterna")
    void shouldServeTheConsumerOfHigherPriorityWhileItHasCredit() throws JMSException {
        MessageConsumer low = open().createConsumer(queue);
        Session highSession = open("jms.prefetchPolicy.all=30");
        MessageConsumer high =
                highSession.createConsumer(highSession.createQueue(queue.getQueueName() + "?consumer-priority=5"));
        send(31);
        assertThat(Jms.receiveNumbers(low, 1)).containsExactly(30);
        assertThat(Jms.receiveNumbers(high, 30)).isSorted().hasSize(30);
    }
}
