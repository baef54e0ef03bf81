package io.sterna.broker.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sterna.broker.testing.BrokerExtension;
import jakarta.jms.CompletionListener;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Threads of asynchronous sends (Jakarta Messaging 3.1 §7.3.7 and §7.3.8). */
@Timeout(60)
class JmsAsyncSendTest {
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

    /** What is done when a send has completed; a failure of the send fails the test. */
    @FunctionalInterface
    private interface Completed extends CompletionListener {
        @Override
        default void onException(Message message, Exception exception) {
            throw new AssertionError(exception);
        }
    }

    /** §7.3.7: "The application thread may therefore continue to use the session after performing an asynchronous send." */
    @Test
    void shouldUseTheSessionWhileACompletionListenerIsRunning() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        CompletableFuture<Boolean> released = new CompletableFuture<>();
        MessageProducer producer = session.createProducer(queue);
        Completed holding = message -> {
            entered.countDown();
            try {
                released.complete(release.await(Jms.PATIENCE.toMillis(), TimeUnit.MILLISECONDS));
            } catch (InterruptedException e) {
                released.completeExceptionally(e);
            }
        };
        producer.send(session.createTextMessage("asynchronous"), holding);
        assertThat(entered.await(Jms.PATIENCE.toMillis(), TimeUnit.MILLISECONDS))
                .isTrue();

        producer.send(session.createTextMessage("synchronous"));
        MessageConsumer consumer = session.createConsumer(queue);

        assertThat(Jms.receiveTexts(consumer, 2)).containsExactly("asynchronous", "synchronous");
        assertThat(released).isNotDone();
        release.countDown();
        assertThat(released.get(Jms.PATIENCE.toMillis(), TimeUnit.MILLISECONDS)).isTrue();
    }

    /** §7.3.8: "A session will only invoke one CompletionListener callback method at a time." */
    @Test
    void shouldCallOneCompletionListenerAtATimeWhenTheSessionHasSeveralProducers() throws JMSException {
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        AtomicInteger calls = new AtomicInteger();
        List<MessageProducer> producers = List.of(
                session.createProducer(queue),
                session.createProducer(Jms.uniqueQueue(session)),
                session.createProducer(Jms.uniqueTopic(session)));
        Completed listener = message -> {
            most.accumulateAndGet(inside.incrementAndGet(), Math::max);
            inside.decrementAndGet();
            calls.incrementAndGet();
        };

        for (int n = 0; n < 300; n++) {
            producers.get(n % producers.size()).send(session.createMessage(), listener);
        }

        await().atMost(Jms.PATIENCE).until(() -> calls.get() == 300);
        assertThat(most).hasValue(1);
    }

    /** §7.3.8: not "from the thread that is calling the asynchronous send method". */
    @Test
    void shouldCallTheCompletionListenerFromAnotherThread() throws JMSException {
        List<Thread> callers = new CopyOnWriteArrayList<>();
        MessageProducer producer = session.createProducer(queue);
        Completed listener = message -> callers.add(Thread.currentThread());

        for (int n = 0; n < 50; n++) {
            producer.send(session.createMessage(), listener);
        }

        await().atMost(Jms.PATIENCE).until(() -> callers.size() == 50);
        assertThat(callers).doesNotContain(Thread.currentThread());
    }

    /** §7.3.3: "even if a combination of synchronous and asynchronous sends has been performed". */
    @Test
    void shouldKeepTheOrderWhenSynchronousAndAsynchronousSendsTakeTurns() throws JMSException {
        MessageProducer producer = session.createProducer(queue);
        Completed listener = message -> {};
        for (int n = 0; n < 100; n++) {
            Message message = session.createMessage();
            message.setIntProperty("n", n);
            if (n % 5 == 0) {
                producer.send(message);
            } else {
                producer.send(message, listener);
            }
        }

        assertThat(Jms.receiveNumbers(session.createConsumer(queue), 100))
                .isEqualTo(IntStream.range(0, 100).boxed().toList());
    }
}
