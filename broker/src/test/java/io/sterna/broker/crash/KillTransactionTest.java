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
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.qpid.jms.JmsConnectionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills the broker's process while clients move tokens between queues of several partitions in transactions, each with a
 * note of what it has moved: afterwards every token is in one place, at the end of an unbroken chain of notes, and there is
 * a note of every transaction that a client was told to be committed.
 */
class KillTransactionTest {
    private static final int TOKENS = 60;
    private static final int MOVERS = 3;
    private static final List<String> ADDRESSES = List.of("move.one", "move.two", "move.three", "move.four");
    private static final String NOTES = "move.notes";
    private static final String VERSION = "version";

    @TempDir
    Path directory;

    private final ExecutorService threads = Executors.newCachedThreadPool();

    /** Moves that were committed for certain, as notes have them: token, colon, version. */
    private final Set<String> confirmed = ConcurrentHashMap.newKeySet();

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
            check(drain(broker, ADDRESSES), drain(broker, List.of(NOTES)), seed);
        }
    }

    /** All or nothing: a token has the version that the last note of it says, and there is one note of each version. */
    private void check(List<String> tokens, List<String> notes, long seed) {
        List<String> moves = notes.stream()
                .flatMap(note -> Arrays.stream(note.split(" ")))
                .filter(move -> !move.isEmpty())
                .toList();
        List<String> expected = new ArrayList<>();
        for (String token : tokens) {
            int colon = token.indexOf(':');
            for (int version = 1; version <= Integer.parseInt(token.substring(colon + 1)); version++) {
                expected.add(token.substring(0, colon + 1) + version);
            }
        }
        assertThat(tokens)
                .as("seed %s", seed)
                .extracting(token -> Integer.parseInt(token.substring(0, token.indexOf(':'))))
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, TOKENS).boxed().toList());
        assertThat(moves).as("seed %s", seed).containsExactlyInAnyOrderElementsOf(expected);
        assertThat(confirmed).isNotEmpty();
        assertThat(moves).as("seed %s", seed).containsAll(confirmed);
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
                producer.send(queue(session, token), token(session, token, 0));
            }
            session.commit();
        }
    }

    private static Message token(Session session, int number, int version) throws JMSException {
        Message token = session.createTextMessage(number + ":" + version);
        token.setIntProperty(VERSION, version);
        return token;
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
                List<String> moved = new ArrayList<>();
                for (int count = 1 + random.nextInt(4); count > 0; count--) {
                    Message token =
                            consumers.get(random.nextInt(consumers.size())).receive(20);
                    if (token != null) {
                        moved.add(pass(session, producer, token, random.nextInt(4)));
                    }
                }
                producer.send(session.createQueue(NOTES), session.createTextMessage(String.join(" ", moved)));
                if (random.nextInt(5) == 0) {
                    session.rollback();
                } else {
                    session.commit();
                    confirmed.addAll(moved);
                    enough.countDown();
                }
            }
        } catch (JMSException killed) {
            return; // The connection is gone, and with it what was not committed.
        }
    }

    private static String pass(Session session, MessageProducer producer, Message token, int target)
            throws JMSException {
        String name = token.getBody(String.class);
        int number = Integer.parseInt(name.substring(0, name.indexOf(':')));
        Message next = token(session, number, token.getIntProperty(VERSION) + 1);
        producer.send(queue(session, target), next);
        return next.getBody(String.class);
    }

    private static List<String> drain(BrokerProcess broker, List<String> addresses) throws JMSException {
        List<String> found = new ArrayList<>();
        try (Connection connection = connect(broker)) {
            Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE);
            for (String address : addresses) {
                MessageConsumer consumer = session.createConsumer(session.createQueue(address));
                for (Message next = consumer.receive(1000); next != null; next = consumer.receive(300)) {
                    found.add(next.getBody(String.class));
                }
                consumer.close();
            }
        }
        return found;
    }
}
