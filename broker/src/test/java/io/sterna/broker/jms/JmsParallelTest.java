package io.sterna.broker.jms;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.broker.testing.BrokerExtension;
import jakarta.jms.BytesMessage;
import jakarta.jms.CompletionListener;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Many connections at once: nothing lost, nothing doubled, and each producer's messages in their order (Jakarta
 * Messaging 3.1 §6.2.9.2) as far as one consumer sees them.
 */
@Timeout(180)
class JmsParallelTest {
    private static final int IN_FLIGHT = 500;

    @RegisterExtension
    static final BrokerExtension BROKER = BrokerExtension.shared();

    @RegisterExtension
    final Jms jms = new Jms(BROKER);

    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void endThreads() {
        threads.shutdownNow();
    }

    /** What one consumer got: message number {@code number} of producer {@code producer}. */
    private record Got(int producer, int number) {}

    @Test
    void shouldDeliverEachMessageOnceInOrderWhenHundredThousandPassThroughOneQueue() throws Exception {
        String queue = queueName();
        List<List<Got>> received = run(queue, DeliveryMode.PERSISTENT, 8, 12_500, 4);

        assertExactlyOnceInOrder(received, 8, 12_500);
    }

    @Test
    void shouldDeliverEachMessageOnceInOrderWhenTheyAreNotPersistent() throws Exception {
        String queue = queueName();
        List<List<Got>> received = run(queue, DeliveryMode.NON_PERSISTENT, 4, 5_000, 4);

        assertExactlyOnceInOrder(received, 4, 5_000);
    }

    /** One consumer after all producers: the whole backlog, in the order of each producer. */
    @Test
    void shouldDeliverBacklogInOrderWhenProducersAreLongDone() throws Exception {
        String queue = queueName();
        List<Future<Void>> producers = startProducers(queue, DeliveryMode.PERSISTENT, 4, 5_000);
        for (Future<Void> producer : producers) {
            producer.get();
        }

        List<List<Got>> received = List.of(consume(queue, new AtomicInteger(20_000), 1000));

        assertExactlyOnceInOrder(received, 4, 5_000);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 50})
    void shouldKeepQueuesApartWhenEachPairHasItsOwn(int prefetch) throws Exception {
        List<Future<Void>> producers = new ArrayList<>();
        List<Future<List<Got>>> consumers = new ArrayList<>();
        for (int pair = 0; pair < 10; pair++) {
            String queue = queueName();
            int producer = pair;
            producers.add(threads.submit(() -> produce(queue, DeliveryMode.PERSISTENT, producer, 300)));
            consumers.add(threads.submit(() -> consume(queue, new AtomicInteger(300), prefetch)));
        }

        for (int pair = 0; pair < 10; pair++) {
            producers.get(pair).get();
            int producer = pair;
            assertThat(consumers.get(pair).get())
                    .isEqualTo(IntStream.range(0, 300)
                            .mapToObj(n -> new Got(producer, n))
                            .toList());
        }
    }

    /** 20 MiB are some hundred frames; others go on with their small messages meanwhile. */
    @Test
    void shouldCarryTwentyMebibytesWhenSmallMessagesPassBesideIt() throws Exception {
        String queue = queueName();
        byte[] content = new byte[20 * 1024 * 1024];
        for (int i = 0; i < content.length; i++) {
            content[i] = (byte) (i ^ (i >>> 8) ^ (i >>> 16));
        }
        List<Future<Void>> small = startProducers(queueName(), DeliveryMode.PERSISTENT, 2, 500);
        Session session = jms.session(Session.CLIENT_ACKNOWLEDGE);
        BytesMessage sent = session.createBytesMessage();
        sent.writeBytes(content);
        session.createProducer(session.createQueue(queue)).send(sent);

        MessageConsumer consumer = session.createConsumer(session.createQueue(queue));
        assertThat(((BytesMessage) Jms.receive(consumer)).getBody(byte[].class)).isEqualTo(content);
        session.recover();
        Message again = Jms.receive(consumer);
        assertThat(((BytesMessage) again).getBody(byte[].class)).isEqualTo(content);
        again.acknowledge();
        assertThat(consumer.receiveNoWait()).isNull();
        for (Future<Void> producer : small) {
            producer.get();
        }
    }

    private List<List<Got>> run(String queue, int deliveryMode, int producers, int each, int consumers)
            throws Exception {
        AtomicInteger missing = new AtomicInteger(producers * each);
        List<Future<List<Got>>> receiving = new ArrayList<>();
        for (int i = 0; i < consumers; i++) {
            receiving.add(threads.submit(() -> consume(queue, missing, 1000)));
        }
        for (Future<Void> producer : startProducers(queue, deliveryMode, producers, each)) {
            producer.get();
        }
        List<List<Got>> received = new ArrayList<>();
        for (Future<List<Got>> consumer : receiving) {
            received.add(consumer.get());
        }
        return received;
    }

    private List<Future<Void>> startProducers(String queue, int deliveryMode, int producers, int each) {
        List<Callable<Void>> tasks = new ArrayList<>();
        for (int i = 0; i < producers; i++) {
            int producer = i;
            tasks.add(() -> produce(queue, deliveryMode, producer, each));
        }
        return tasks.stream().map(threads::submit).toList();
    }

    /** Sends asynchronously with a bound on what is under way, and returns when all is accepted. */
    private Void produce(String queue, int deliveryMode, int number, int count) throws Exception {
        Session session = jms.session(Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer = session.createProducer(session.createQueue(queue));
        producer.setDeliveryMode(deliveryMode);
        Semaphore window = new Semaphore(IN_FLIGHT);
        AtomicReference<Exception> failure = new AtomicReference<>();
        CompletionListener listener = new CompletionListener() {
            @Override
            public void onCompletion(Message message) {
                window.release();
            }

            @Override
            public void onException(Message message, Exception exception) {
                failure.set(exception);
                window.release();
            }
        };
        for (int n = 0; n < count; n++) {
            Message message = session.createTextMessage("payload of some length, as applications have it");
            message.setIntProperty("producer", number);
            message.setIntProperty("n", n);
            window.acquire();
            producer.send(message, listener);
        }
        assertThat(window.tryAcquire(IN_FLIGHT, 60, TimeUnit.SECONDS))
                .as("all accepted")
                .isTrue();
        assertThat(failure.get()).isNull();
        return null;
    }

    /** Receives until all consumers together have got everything; then the queue has to be empty. */
    private List<Got> consume(String queue, AtomicInteger missing, int prefetch) throws JMSException {
        Session session = jms.session(Session.AUTO_ACKNOWLEDGE, "jms.prefetchPolicy.all=" + prefetch);
        Queue source = session.createQueue(queue);
        List<Got> got = new ArrayList<>();
        MessageConsumer consumer = session.createConsumer(source);
        while (missing.get() > 0) {
            Message message = consumer.receive(200);
            if (message != null) {
                got.add(new Got(message.getIntProperty("producer"), message.getIntProperty("n")));
                missing.decrementAndGet();
            }
        }
        assertThat(consumer.receiveNoWait()).isNull();
        return got;
    }

    private static void assertExactlyOnceInOrder(List<List<Got>> received, int producers, int each) {
        boolean[][] seen = new boolean[producers][each];
        int total = 0;
        for (List<Got> ofOneConsumer : received) {
            int[] last = new int[producers];
            Arrays.fill(last, -1);
            for (Got got : ofOneConsumer) {
                assertThat(got.number())
                        .as("order of producer %s", got.producer())
                        .isGreaterThan(last[got.producer()]);
                assertThat(seen[got.producer()][got.number()])
                        .as("%s seen twice", got)
                        .isFalse();
                last[got.producer()] = got.number();
                seen[got.producer()][got.number()] = true;
                total++;
            }
        }
        assertThat(total).isEqualTo(producers * each);
    }

    private static String queueName() {
        return "jms.parallel-" + UUID.randomUUID();
    }
}
