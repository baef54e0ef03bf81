package io.sterna.broker.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.broker.testing.BrokerProcess;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.qpid.jms.JmsConnectionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills the broker's process while clients move tokens between queues of several partitions in transactions: after each
 * restart every token is in one place.
 */
class KillTransactionTest {
    private static final int TOKENS = 60;
    private static final int MOVERS = 3;
    private static final List<String> ADDRESSES = List.of("move.one", "move.two", "move.three", "move.four");

    @TempDir
    Path directory;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicInteger commits = new AtomicInteger();

    @AfterEach
    void stopThreads() {
        threads.shutdownNow();
    }

    @Test
    @Timeout(180)
    void shouldKeepEachTokenInOnePlaceWhenKilledDuringTransactions() throws Exception {
        killAndRestart(3, new Random().nextLong());
    }

    @Test
    @Tag("long")
    @Timeout(1_200)
    void shouldKeepEachTokenInOnePlaceWhenKilledTwentyTimes() throws Exception {
        killAndRestart(20, new Random().nextLong());
    }

    private void killAndRestart(int lives, long seed) throws Exception {
        Random random = new Random(seed);
        Path data = directory.resolve("data");
        try (BrokerProcess broker = BrokerProcess.start(data, 0, List.of())) {
            send(broker);
        }
        for (int life = 0; life < lives; life++) {
            try (BrokerProcess broker = BrokerProcess.start(data, 0, List.of())) {
                CountDownLatch enough = new CountDownLatch(40 + random.nextInt(200));
                List<Future<?>> movers = new ArrayList<>();
                for (int mover = 0; mover < MOVERS; mover++) {
                    Random its = new Random(random.nextLong());
                    movers.add(threads.submit(() -> move(broker, its, enough)));
                }
                assertThat(enough.await(60, TimeUnit.SECONDS))
                        .as("seed %s", seed)
                        .isTrue();
                broker.kill();
                for (Future<?> mover : movers) {
                    mover.get(60, TimeUnit.SECONDS);
                }
            }
        }
        try (BrokerProcess broker = BrokerProcess.start(data, 0, List.of())) {
            assertThat(drain(broker))
                    .as("seed %s, %s commits", seed, commits)
                    .containsExactlyInAnyOrderElementsOf(
                            IntStream.range(0, TOKENS).boxed().toList());
        }
    }

    private static Connection connect(BrokerProcess broker) throws JMSException {
        Connection connection = new JmsConnectionFactory(
                        broker.url() + "?jms.prefetchPolicy.all=5&jms.requestTimeout=20000&jms.connectTimeout=20000")
                .createConnection();
        connection.start();
        return connection;
    }

    private static void send(BrokerProcess broker) throws JMSException {
        try (Connection connection = connect(broker)) {
            Session session = connection.createSession(Session.SESSION_TRANSACTED);
            MessageProducer producer = session.createProducer(null);
            for (int token = 0; token < TOKENS; token++) {
                producer.send(queue(session, token), session.createTextMessage(Integer.toString(token)));
            }
            session.commit();
        }
    }

    private static Queue queue(Session session, int number) throws JMSException {
        return session.createQueue(ADDRESSES.get(Math.floorMod(number, ADDRESSES.size())));
    }

    /** Until the broker is killed: takes some tokens from a queue, and puts each into another. */
    private void move(BrokerProcess broker, Random random, CountDownLatch enough) {
        try (Connection connection = connect(broker)) {
            Session session = connection.createSession(Session.SESSION_TRANSACTED);
            MessageProducer producer = session.createProducer(null);
            List<MessageConsumer> consumers = new ArrayList<>();
            for (int number = 0; number < ADDRESSES.size(); number++) {
                consumers.add(session.createConsumer(queue(session, number)));
            }
            while (true) {
                for (int count = 1 + random.nextInt(4); count > 0; count--) {
                    Message token =
                            consumers.get(random.nextInt(consumers.size())).receive(20);
                    if (token != null) {
                        producer.send(queue(session, random.nextInt(4)), token);
                    }
                }
                if (random.nextInt(5) == 0) {
                    session.rollback();
                } else {
                    session.commit();
                    commits.incrementAndGet();
                    enough.countDown();
                }
            }
        } catch (JMSException killed) {
            return; // The connection is gone, and with it what was not committed.
        }
    }

    private static List<Integer> drain(BrokerProcess broker) throws JMSException {
        List<Integer> tokens = new ArrayList<>();
        try (Connection connection = connect(broker)) {
            Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE);
            for (int number = 0; number < ADDRESSES.size(); number++) {
                MessageConsumer consumer = session.createConsumer(queue(session, number));
                for (Message next = consumer.receive(1000); next != null; next = consumer.receive(300)) {
                    tokens.add(Integer.parseInt(next.getBody(String.class)));
                }
                consumer.close();
            }
        }
        return tokens;
    }
}
