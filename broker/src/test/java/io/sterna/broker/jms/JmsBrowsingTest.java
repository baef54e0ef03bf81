package io.sterna.broker.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sterna.broker.testing.BrokerExtension;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.InvalidSelectorRuntimeException;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import jakarta.jms.Session;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** QueueBrowser (Jakarta Messaging 3.1 §4.1.6): a look at messages without removing them. */
@Timeout(60)
class JmsBrowsingTest {
    @RegisterExtension
    static final BrokerExtension BROKER = BrokerExtension.shared();

    @RegisterExtension
    final Jms jms = new Jms(BROKER);

    private Session session;
    private Queue queue;

    @BeforeEach
    void openSession() throws JMSException {
        session = jms.session(Session.AUTO_ACKNOWLEDGE);
        queue = Jms.uniqueQueue(session);
    }

    private static List<Integer> browse(QueueBrowser browser) throws JMSException {
        List<Integer> numbers = new ArrayList<>();
        Enumeration<?> messages = browser.getEnumeration();
        for (Object message : Collections.list(messages)) {
            numbers.add(((Message) message).getIntProperty("n"));
        }
        return numbers;
    }

    private static List<Integer> range(int from, int to) {
        return IntStream.range(from, to).boxed().toList();
    }

    /** "Used to look at messages on a queue without removing them." */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 10, 1000})
    void shouldShowAllInOrderAndLeaveThemWhenBrowsed(int prefetch) throws JMSException {
        Jms.sendNumbered(session, queue, 50);
        Session browsing = jms.session(Session.AUTO_ACKNOWLEDGE, "jms.prefetchPolicy.all=" + prefetch);

        assertThat(browse(browsing.createBrowser(queue))).isEqualTo(range(0, 50));
        assertThat(browse(browsing.createBrowser(queue))).isEqualTo(range(0, 50));
        assertThat(Jms.receiveNumbers(session.createConsumer(queue), 50)).isEqualTo(range(0, 50));
    }

    @Test
    void shouldShowNothingWhenQueueIsEmpty() throws JMSException {
        assertThat(browse(session.createBrowser(queue))).isEmpty();
    }

    @Test
    void shouldShowOnlyMatchesWhenItHasSelector() throws JMSException {
        Jms.sendNumbered(session, queue, 20);

        QueueBrowser browser = session.createBrowser(queue, "n BETWEEN 5 AND 7");

        assertThat(browser.getMessageSelector()).isEqualTo("n BETWEEN 5 AND 7");
        assertThat(browser.getQueue()).isEqualTo(queue);
        assertThat(browse(browser)).containsExactly(5, 6, 7);
    }

    @Test
    void shouldThrowInvalidSelectorWhenBrowserHasWrongOne() {
        assertThatThrownBy(() -> session.createBrowser(queue, "n = ").getEnumeration())
                .isInstanceOf(InvalidSelectorException.class);
    }

    /** Browsing does not deliver: nothing is redelivered, nothing is counted. */
    @Test
    void shouldNotCountAsDeliveryWhenMessageIsBrowsed() throws JMSException {
        Jms.sendNumbered(session, queue, 1);
        Message browsed =
                (Message) session.createBrowser(queue).getEnumeration().nextElement();
        assertThat(browsed.getIntProperty("n")).isZero();

        Message received = Jms.receive(session.createConsumer(queue));

        assertThat(received.getJMSRedelivered()).isFalse();
        assertThat(received.getIntProperty("JMSXDeliveryCount")).isOne();
    }

    /** A new enumeration looks again. */
    @Test
    void shouldShowWhatIsThereNowWhenAskedAgain() throws JMSException {
        Jms.sendNumbered(session, queue, 3);
        QueueBrowser browser = session.createBrowser(queue);
        assertThat(browse(browser)).hasSize(3);

        Jms.receiveNumbers(session.createConsumer(queue), 3);

        assertThat(browse(browser)).isEmpty();
        browser.close();
    }

    /** What another consumer holds may show or not; what it does not hold shows. */
    @Test
    void shouldBrowseBesideConsumerThatHoldsMessages() throws JMSException {
        Jms.sendNumbered(session, queue, 10);
        Session holding = jms.session(Session.CLIENT_ACKNOWLEDGE, "jms.prefetchPolicy.all=0");
        assertThat(Jms.receiveNumbers(holding.createConsumer(queue), 3)).containsExactly(0, 1, 2);

        assertThat(browse(session.createBrowser(queue))).endsWith(3, 4, 5, 6, 7, 8, 9);
    }

    @Test
    void shouldBrowseWithContext() {
        JMSContext context = jms.context(JMSContext.AUTO_ACKNOWLEDGE);
        context.createProducer().setProperty("n", 1).send(queue, "one");

        assertThat(browseUnchecked(context.createBrowser(queue))).containsExactly(1);
        assertThat(browseUnchecked(context.createBrowser(queue, "n > 1"))).isEmpty();
        assertThatThrownBy(() -> browseUnchecked(context.createBrowser(queue, "n >")))
                .isInstanceOfAny(InvalidSelectorRuntimeException.class, AssertionError.class);
    }

    private static List<Integer> browseUnchecked(QueueBrowser browser) {
        try {
            return browse(browser);
        } catch (JMSException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void shouldRefuseBrowserWhenDestinationIsNull() {
        assertThatThrownBy(() -> session.createBrowser(null)).isInstanceOf(InvalidDestinationException.class);
    }

    @Test
    void shouldRefuseToBrowseWhenClosed() throws JMSException {
        QueueBrowser browser = session.createBrowser(queue);
        browser.close();

        assertThatThrownBy(browser::getEnumeration).isInstanceOf(IllegalStateException.class);
    }
}
