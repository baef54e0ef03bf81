package io.sterna.broker.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sterna.broker.testing.BrokerExtension;
import jakarta.jms.CompletionListener;
import jakarta.jms.DeliveryMode;
import jakarta.jms.IllegalStateRuntimeException;
import jakarta.jms.InvalidDestinationRuntimeException;
import jakarta.jms.InvalidSelectorRuntimeException;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSProducer;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatRuntimeException;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The simplified API (Jakarta Messaging 3.1 §2.8, §7.10, §8.5 to §8.8). */
@Timeout(60)
class JmsContextTest {
    @RegisterExtension
    static final BrokerExtension BROKER = BrokerExtension.shared();

    @RegisterExtension
    final Jms jms = new Jms(BROKER);

    private JMSContext context;
    private Queue queue;

    @BeforeEach
    void openContext() {
        context = jms.context(JMSContext.AUTO_ACKNOWLEDGE);
        queue = context.createQueue("jms." + UUID.randomUUID());
    }

    private static long patienceMillis() {
        return Jms.PATIENCE.toMillis();
    }

    /** §7.10: methods of JMSProducer can be chained. */
    @Test
    void shouldSendWithChainedMethods() throws JMSException {
        context.createProducer()
                .setDeliveryMode(DeliveryMode.NON_PERSISTENT)
                .setPriority(8)
                .setTimeToLive(600_000)
                .setJMSCorrelationID("correlation")
                .setJMSType("type")
                .setJMSReplyTo(queue)
                .setProperty("text", "x")
                .setProperty("number", 5)
                .send(queue, "body");

        Message received = context.createConsumer(queue).receive(patienceMillis());

        assertThat(received.getBody(String.class)).isEqualTo("body");
        assertThat(received.getJMSDeliveryMode()).isEqualTo(DeliveryMode.NON_PERSISTENT);
        assertThat(received.getJMSPriority()).isEqualTo(8);
        assertThat(received.getJMSExpiration()).isPositive();
        assertThat(received.getJMSCorrelationID()).isEqualTo("correlation");
        assertThat(received.getJMSType()).isEqualTo("type");
        assertThat(received.getJMSReplyTo()).isEqualTo(queue);
        assertThat(received.getStringProperty("text")).isEqualTo("x");
        assertThat(received.getIntProperty("number")).isEqualTo(5);
    }

    /** §8.6: receiveBody gives the body of each type. */
    @Test
    void shouldReceiveBodiesOfAllTypes() {
        JMSProducer producer = context.createProducer();
        JMSConsumer consumer = context.createConsumer(queue);

        producer.send(queue, "text")
                .send(queue, new byte[] {1, 2})
                .send(queue, Map.of("k", 7))
                .send(queue, (Serializable) List.of("a").toString());

        assertThat(consumer.receiveBody(String.class, patienceMillis())).isEqualTo("text");
        assertThat(consumer.receiveBody(byte[].class, patienceMillis())).containsExactly(1, 2);
        Object map = consumer.receiveBody(Map.class, patienceMillis());
        assertThat(map).isEqualTo(Map.of("k", 7));
        assertThat(consumer.receiveBody(Serializable.class, patienceMillis())).isEqualTo("[a]");
    }

    /** §8.6: a body of another type is a MessageFormatRuntimeException, and the message is there still. */
    @Test
    void shouldThrowMessageFormatWhenBodyHasAnotherType() {
        JMSConsumer consumer = context.createConsumer(queue);
        context.createProducer().send(queue, "text");

        assertThatThrownBy(() -> consumer.receiveBody(Map.class, patienceMillis()))
                .isInstanceOf(MessageFormatRuntimeException.class);

        assertThat(consumer.receiveBody(String.class, patienceMillis())).isEqualTo("text");
    }

    /** §8.6: receiveBodyNoWait and a timed receiveBody return null when there is nothing. */
    @Test
    void shouldReturnNullWhenThereIsNoBody() {
        JMSConsumer consumer = context.createConsumer(queue);

        assertThat(consumer.receiveBodyNoWait(String.class)).isNull();
        assertThat(consumer.receiveBody(String.class, 10)).isNull();
        assertThat(consumer.receive(10)).isNull();
        assertThat(consumer.receiveNoWait()).isNull();
    }

    /** §8.7: a listener. */
    @Test
    void shouldCallListener() {
        List<String> heard = new CopyOnWriteArrayList<>();
        JMSConsumer consumer = context.createConsumer(queue);
        consumer.setMessageListener(message -> {
            try {
                heard.add(message.getBody(String.class));
            } catch (JMSException e) {
                throw new AssertionError(e);
            }
        });

        JMSContext sending = jms.context(JMSContext.AUTO_ACKNOWLEDGE);
        sending.createProducer().send(queue, "a").send(queue, "b");

        await().atMost(Jms.PATIENCE).until(() -> heard.equals(List.of("a", "b")));
    }

    /** §2.8: consumers start by themselves unless autoStart is off. */
    @Test
    void shouldNotDeliverBeforeStartWhenAutoStartIsOff() {
        context.setAutoStart(false);
        assertThat(context.getAutoStart()).isFalse();
        JMSConsumer consumer = context.createConsumer(queue);
        context.createProducer().send(queue, "x");
        assertThat(consumer.receive(50)).isNull();

        context.start();

        assertThat(consumer.receiveBody(String.class, patienceMillis())).isEqualTo("x");
        context.stop();
    }

    /** JMSContext.createContext: another session of the same connection. */
    @Test
    void shouldShareConnectionWhenContextIsMadeOfContext() {
        JMSContext second = context.createContext(JMSContext.CLIENT_ACKNOWLEDGE);
        JMSConsumer consumer = second.createConsumer(queue);
        context.createProducer().send(queue, "x");

        assertThat(second.getSessionMode()).isEqualTo(JMSContext.CLIENT_ACKNOWLEDGE);
        assertThat(consumer.receiveBody(String.class, patienceMillis())).isEqualTo("x");
        second.acknowledge();
        second.close();
        assertThat(context.createConsumer(queue).receiveNoWait()).isNull();
    }

    /** JMSContext.recover and acknowledge. */
    @Test
    void shouldRecoverAndAcknowledge() throws JMSException {
        JMSContext acknowledging = jms.context(JMSContext.CLIENT_ACKNOWLEDGE);
        JMSConsumer consumer = acknowledging.createConsumer(queue);
        context.createProducer().send(queue, "x");
        assertThat(consumer.receive(patienceMillis()).getJMSRedelivered()).isFalse();

        acknowledging.recover();

        assertThat(consumer.receive(patienceMillis()).getJMSRedelivered()).isTrue();
        acknowledging.acknowledge();
        acknowledging.close();
        assertThat(context.createConsumer(queue).receiveNoWait()).isNull();
    }

    /** §2.8: it makes messages of all types. */
    @Test
    void shouldCreateMessagesOfAllTypes() throws JMSException {
        assertThat(context.createMessage()).isNotNull();
        assertThat(context.createTextMessage()).isNotNull();
        assertThat(context.createTextMessage("x").getText()).isEqualTo("x");
        assertThat(context.createBytesMessage()).isNotNull();
        assertThat(context.createMapMessage()).isNotNull();
        assertThat(context.createStreamMessage()).isNotNull();
        assertThat(context.createObjectMessage()).isNotNull();
        assertThat(context.createObjectMessage("x").getObject()).isEqualTo("x");
    }

    @Test
    void shouldCloseConsumersWithContext() {
        JMSConsumer consumer = context.createConsumer(queue);

        context.close();

        assertThatThrownBy(consumer::receiveNoWait).isInstanceOf(IllegalStateRuntimeException.class);
        assertThatThrownBy(() -> context.createConsumer(queue)).isInstanceOf(IllegalStateRuntimeException.class);
        assertThatCode(context::close).doesNotThrowAnyException();
    }

    /** §10.2: the unchecked exceptions of the simplified API. */
    @Test
    void shouldThrowUncheckedExceptions() {
        assertThatThrownBy(() -> context.createConsumer(null)).isInstanceOf(InvalidDestinationRuntimeException.class);
        assertThatThrownBy(() -> context.createConsumer(queue, "="))
                .isInstanceOf(InvalidSelectorRuntimeException.class);
        assertThatThrownBy(context::commit).isInstanceOf(IllegalStateRuntimeException.class);
        assertThatThrownBy(() -> context.createDurableConsumer(context.createTopic("jms.topic.x"), "s"))
                .isInstanceOf(IllegalStateRuntimeException.class);
    }

    /** §7.3: asynchronous sending with setAsync. */
    @Test
    void shouldSendAsynchronously() throws Exception {
        CompletableFuture<Message> completed = new CompletableFuture<>();
        context.createProducer()
                .setAsync(new CompletionListener() {
                    @Override
                    public void onCompletion(Message message) {
                        completed.complete(message);
                    }

                    @Override
                    public void onException(Message message, Exception exception) {
                        completed.completeExceptionally(exception);
                    }
                })
                .send(queue, "x");

        assertThat(completed.get(20, TimeUnit.SECONDS).getBody(String.class)).isEqualTo("x");
        assertThat(context.createConsumer(queue).receiveBody(String.class, patienceMillis()))
                .isEqualTo("x");
    }

    /** §6.2.6: "a second message listener may be safely configured even if the underlying connection has been started". */
    @Test
    void shouldTakeASecondListenerWhenTheFirstIsAtWork() throws JMSException {
        Session sending = jms.session(Session.AUTO_ACKNOWLEDGE);
        Queue second = Jms.uniqueQueue(sending);
        AtomicInteger ofFirst = new AtomicInteger();
        AtomicInteger ofSecond = new AtomicInteger();
        Jms.sendNumbered(sending, queue, 200);
        Jms.sendNumbered(sending, second, 200);
        JMSConsumer one = context.createConsumer(queue);
        JMSConsumer two = context.createConsumer(second);
        one.setMessageListener(message -> ofFirst.incrementAndGet());
        await().atMost(Jms.PATIENCE).until(() -> ofFirst.get() > 0);

        two.setMessageListener(message -> ofSecond.incrementAndGet());

        await().atMost(Jms.PATIENCE).until(() -> ofFirst.get() == 200 && ofSecond.get() == 200);
    }

    /** §6.2.6: createContext, and close of a consumer or a context, are open to other threads while one uses the session. */
    @Test
    void shouldMakeContextsAndCloseWhenAnotherThreadReceives() throws Exception {
        for (boolean closeContext : new boolean[] {false, true}) {
            JMSContext own = jms.context(JMSContext.AUTO_ACKNOWLEDGE);
            JMSConsumer consumer = own.createConsumer(queue);
            CompletableFuture<Boolean> ended = new CompletableFuture<>();
            CompletableFuture<String> heard = new CompletableFuture<>();
            Thread receiver = new Thread(() -> {
                heard.complete(consumer.receiveBody(String.class));
                ended.complete(consumer.receive() == null);
            });
            receiver.setDaemon(true);
            receiver.start();

            try (JMSContext sibling = own.createContext(JMSContext.AUTO_ACKNOWLEDGE)) {
                sibling.createProducer().send(queue, "x");
                assertThat(heard.get(patienceMillis(), TimeUnit.MILLISECONDS)).isEqualTo("x");
            }
            await().atMost(Jms.PATIENCE)
                    .until(() -> receiver.getState() == Thread.State.WAITING
                            || receiver.getState() == Thread.State.TIMED_WAITING);
            if (closeContext) {
                own.close();
            } else {
                consumer.close();
            }

            assertThat(ended.get(patienceMillis(), TimeUnit.MILLISECONDS)).isTrue();
        }
    }
}
