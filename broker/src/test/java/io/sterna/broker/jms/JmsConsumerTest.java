package io.sterna.broker.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sterna.broker.testing.BrokerExtension;
import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageEOFException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageListener;
import jakarta.jms.MessageNotWriteableException;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.StreamMessage;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Consumers (Jakarta Messaging 3.1 §8). */
@Timeout(60)
class JmsConsumerTest {
    @RegisterExtension
    static final BrokerExtension BROKER = BrokerExtension.shared();

    @RegisterExtension
    final Jms jms = new Jms(BROKER);

    private Session session;
    private Queue queue;
    private Session sending;

    @BeforeEach
    void openSession() throws JMSException {
        session = jms.session(Session.AUTO_ACKNOWLEDGE);
        sending = jms.session(Session.AUTO_ACKNOWLEDGE);
        queue = Jms.uniqueQueue(session);
    }

    /** §8.8: close waits for a running listener, and returns what was not consumed. */
    @Test
    void shouldReturnUnconsumedMessagesWhenClosed() throws JMSException {
        Jms.sendNumbered(sending, queue, 10);
        MessageConsumer consumer = session.createConsumer(queue);
        assertThat(Jms.receiveNumbers(consumer, 3)).containsExactly(0, 1, 2);

        consumer.close();

        MessageConsumer next = session.createConsumer(queue);
        Message fourth = Jms.receive(next);
        assertThat(fourth.getIntProperty("n")).isEqualTo(3);
        assertThat(fourth.getJMSRedelivered()).isFalse();
        assertThat(Jms.receiveNumbers(next, 6)).containsExactly(4, 5, 6, 7, 8, 9);
    }

    /** §8.8: the methods of a closed consumer throw, but for close. */
    @Test
    void shouldRefuseToReceiveWhenClosed() throws JMSException {
        MessageConsumer consumer = session.createConsumer(queue);
        consumer.close();

        assertThatThrownBy(consumer::receive).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> consumer.receive(1)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(consumer::receiveNoWait).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(consumer::getMessageSelector).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> consumer.setMessageListener(message -> {})).isInstanceOf(IllegalStateException.class);
        assertThatCode(consumer::close).doesNotThrowAnyException();
    }

    /** §8.7: a listener may close its own consumer. */
    @Test
    void shouldCloseConsumerInItsListener() throws Exception {
        CompletableFuture<Boolean> closed = new CompletableFuture<>();
        MessageConsumer consumer = session.createConsumer(queue);
        consumer.setMessageListener(message -> {
            try {
                consumer.close();
                closed.complete(true);
            } catch (JMSException e) {
                closed.completeExceptionally(e);
            }
        });

        Jms.send(sending, queue, "x");

        assertThat(closed.get(20, TimeUnit.SECONDS)).isTrue();
        Jms.assertNothing(sending.createConsumer(queue));
    }

    /** §8.7: a listener can be replaced and taken away. */
    @Test
    void shouldUseTheListenerThatIsSet() throws JMSException {
        List<String> first = new CopyOnWriteArrayList<>();
        MessageConsumer consumer = session.createConsumer(queue);
        MessageListener listener = message -> first.add("x");
        consumer.setMessageListener(listener);
        assertThat(consumer.getMessageListener()).isSameAs(listener);
        Jms.send(sending, queue, "x");
        await().atMost(Jms.PATIENCE).until(() -> first.size() == 1);

        consumer.setMessageListener(null);

        Jms.send(sending, queue, "y");
        assertThat(Jms.receiveText(consumer)).isEqualTo("y");
    }

    /** §8.7: with a listener there is no synchronous receive. */
    @Test
    void shouldRefuseReceiveWhenListenerIsSet() throws JMSException {
        MessageConsumer consumer = session.createConsumer(queue);
        consumer.setMessageListener(message -> {});

        assertThatThrownBy(consumer::receiveNoWait).isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> consumer.receive(1)).isInstanceOf(JMSException.class);
    }

    /** §8.5: receive with 0 waits for ever; here until the message comes. */
    @Test
    void shouldWaitWithoutEndWhenTimeoutIsZero() throws Exception {
        MessageConsumer consumer = session.createConsumer(queue);
        CompletableFuture<String> received = CompletableFuture.supplyAsync(() -> {
            try {
                return consumer.receive(0).getBody(String.class);
            } catch (JMSException e) {
                throw new AssertionError(e);
            }
        });

        Jms.send(sending, queue, "x");

        assertThat(received.get(20, TimeUnit.SECONDS)).isEqualTo("x");
    }

    /** §4.1.2: "if the session … terminates without having consumed all messages, they are there for the next". */
    @Test
    void shouldKeepMessagesWhenThereIsNoConsumer() throws JMSException {
        Jms.sendNumbered(sending, queue, 100);
        jms.session(Session.AUTO_ACKNOWLEDGE).close();

        assertThat(Jms.receiveNumbers(session.createConsumer(queue), 100))
                .isSorted()
                .hasSize(100);
    }

    /** §4.1.2: each message of a queue goes to one consumer. */
    @Test
    void shouldDeliverEachMessageToOneConsumer() throws JMSException {
        List<Integer> heard = new CopyOnWriteArrayList<>();
        for (int i = 0; i < 5; i++) {
            jms.session(Session.AUTO_ACKNOWLEDGE).createConsumer(queue).setMessageListener(message -> {
                try {
                    heard.add(message.getIntProperty("n"));
                } catch (JMSException e) {
                    throw new AssertionError(e);
                }
            });
        }

        Jms.sendNumbered(sending, queue, 200);

        await().atMost(Jms.PATIENCE).until(() -> heard.size() >= 200);
        assertThat(heard)
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, 200).boxed().toList());
    }

    /** §8.7: a listener that throws gets the message again in an AUTO_ACKNOWLEDGE session; Qpid JMS releases it. */
    @Test
    void shouldDeliverAgainWhenListenerThrows() throws JMSException {
        AtomicInteger calls = new AtomicInteger();
        session.createConsumer(queue).setMessageListener(message -> {
            if (calls.incrementAndGet() < 3) {
                throw new IllegalArgumentException("not yet");
            }
        });

        Jms.send(sending, queue, "x");

        await().atMost(Jms.PATIENCE).until(() -> calls.get() == 3);
        session.close();
        Jms.assertNothing(sending.createConsumer(queue));
    }

    /** §3.5.11: JMSXDeliveryCount: 1, and one more each time. */
    @Test
    void shouldCountDeliveries() throws JMSException {
        Jms.send(sending, queue, "x");
        for (int count = 1; count <= 4; count++) {
            Connection connection = jms.connect();
            Session own = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
            Message message = Jms.receive(own.createConsumer(queue));
            assertThat(message.getIntProperty("JMSXDeliveryCount")).isEqualTo(count);
            assertThat(message.getJMSRedelivered()).isEqualTo(count > 1);
            connection.close();
        }
    }

    /** Message.getBody and isBodyAssignableTo (§3.11). */
    @Test
    void shouldGiveBodyAsTypeAskedFor() throws JMSException {
        Jms.send(sending, queue, "text");
        Message message = Jms.receive(session.createConsumer(queue));

        assertThat(message.isBodyAssignableTo(String.class)).isTrue();
        assertThat(message.isBodyAssignableTo(Map.class)).isFalse();
        assertThat(message.getBody(CharSequence.class)).isEqualTo("text");
        assertThatThrownBy(() -> message.getBody(byte[].class)).isInstanceOf(MessageFormatException.class);
    }

    /** §3.11.3 and §10.3: reading past the end of a stream or bytes message. */
    @Test
    void shouldThrowMessageEofWhenReadPastTheEnd() throws JMSException {
        StreamMessage stream = sending.createStreamMessage();
        stream.writeInt(1);
        sending.createProducer(queue).send(stream);
        BytesMessage bytes = sending.createBytesMessage();
        bytes.writeByte((byte) 1);
        sending.createProducer(queue).send(bytes);
        MessageConsumer consumer = session.createConsumer(queue);

        StreamMessage receivedStream = (StreamMessage) Jms.receive(consumer);
        assertThat(receivedStream.readInt()).isOne();
        assertThatThrownBy(receivedStream::readInt).isInstanceOf(MessageEOFException.class);
        BytesMessage receivedBytes = (BytesMessage) Jms.receive(consumer);
        assertThat(receivedBytes.readByte()).isOne();
        assertThatThrownBy(receivedBytes::readByte).isInstanceOf(MessageEOFException.class);
        assertThatThrownBy(() -> receivedBytes.writeByte((byte) 1)).isInstanceOf(MessageNotWriteableException.class);
    }
}
