package io.sterna.broker.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sterna.broker.testing.BrokerProcess;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.qpid.jms.JmsConnectionFactory;

/**
 * Tokens that clients move between queues of several partitions in transactions, each with a note of what it has moved:
 * afterwards every token is in one place, at the end of an unbroken chain of notes, and there is a note of every transaction
 * that a client was told to be committed. Any thread.
 */
final class TokenMoves {
    private static final int TOKENS = 60;
    private static final int QUEUES = 4;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final long RECONNECT_NANOS = 50_000_000;
    private static final String VERSION = "version";

    private final List<String> queues;
    private final String notes;

    /** Moves that were committed for certain, as notes have them: token, colon, version. */
    private final Set<String> confirmed = ConcurrentHashMap.newKeySet();

    private final AtomicInteger commits = new AtomicInteger();

    /** @param prefix of the queues' names */
    TokenMoves(String prefix) {
        queues = IntStream.range(0, QUEUES)
                .mapToObj(number -> prefix + "." + number)
                .toList();
        notes = prefix + ".notes";
    }

    /** How many transactions were committed for certain. */
    int commits() {
        return commits.get();
    }

    private static Connection connect(BrokerProcess broker) throws JMSException {
        Connection connection = new JmsConnectionFactory(
                        broker.url() + "?jms.prefetchPolicy.all=5&jms.requestTimeout=20000&jms.connectTimeout=20000"
                                + "&jms.closeTimeout=5000")
                .createConnection();
        connection.start();
        return connection;
    }

    /** Puts the tokens where they begin. */
    void place(BrokerProcess broker) throws JMSException {
        try (Connection connection = connect(broker)) {
            Session session = connection.createSession(Session.SESSION_TRANSACTED);
            List<MessageProducer> producers = producers(session);
            for (int token = 0; token < TOKENS; token++) {
                producers.get(token % QUEUES).send(token(session, token, 0));
            }
            session.commit();
        }
    }

    private List<MessageProducer> producers(Session session) throws JMSException {
        List<MessageProducer> producers = new ArrayList<>();
        for (String queue : queues) {
            producers.add(session.createProducer(session.createQueue(queue)));
        }
        return producers;
    }

    private static Message token(Session session, int number, int version) throws JMSException {
        Message token = session.createTextMessage(number + ":" + version);
        token.setIntProperty(VERSION, version);
        return token;
    }

    /** The same over and over, with another connection when one is lost. */
    void keepMoving(BrokerProcess broker, Random random, BooleanSupplier ended) {
        while (!ended.getAsBoolean()) {
            move(broker, random);
            LockSupport.parkNanos(RECONNECT_NANOS);
        }
    }

    /** Until the connection is lost or this thread is interrupted: takes some tokens from queues, and puts each into another. */
    void move(BrokerProcess broker, Random random) {
        try (Connection connection = connect(broker)) {
            Session session = connection.createSession(Session.SESSION_TRANSACTED);
            List<MessageProducer> producers = producers(session);
            MessageProducer noting = session.createProducer(session.createQueue(notes));
            List<MessageConsumer> consumers = new ArrayList<>();
            for (String queue : queues) {
                consumers.add(session.createConsumer(session.createQueue(queue)));
            }
            while (!Thread.currentThread().isInterrupted()) {
                List<String> moved = new ArrayList<>();
                for (int count = 1 + random.nextInt(4); count > 0; count--) {
                    Message token = consumers.get(random.nextInt(QUEUES)).receive(20);
                    if (token != null) {
                        moved.add(pass(session, producers.get(random.nextInt(QUEUES)), token));
                    }
                }
                noting.send(session.createTextMessage(String.join(" ", moved)));
                if (random.nextInt(5) == 0) {
                    session.rollback();
                } else {
                    session.commit();
                    confirmed.addAll(moved);
                    commits.incrementAndGet();
                }
            }
        } catch (JMSException lost) {
            return; // The connection is gone, and with it what was not committed.
        }
    }

    private static String pass(Session session, MessageProducer target, Message token) throws JMSException {
        String name = token.getBody(String.class);
        int number = Integer.parseInt(name.substring(0, name.indexOf(':')));
        Message next = token(session, number, token.getIntProperty(VERSION) + 1);
        target.send(next);
        return next.getBody(String.class);
    }

    /**
     * All or nothing: a token has the version that the last note of it says, and there is one note of each version. Waits for
     * transactions that are not decided yet.
     */
    void check(BrokerProcess broker, String description) {
        List<String> tokens = new ArrayList<>();
        Left left = new Left(broker);
        await(description).atMost(PATIENCE).until(() -> {
            queues.forEach(queue -> tokens.addAll(left.in(queue)));
            return tokens.size() >= TOKENS;
        });
        assertThat(tokens)
                .as(description)
                .extracting(TokenMoves::numberOf)
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, TOKENS).boxed().toList());
        List<String> expected = tokens.stream().flatMap(TokenMoves::movesTo).toList();
        List<String> moves = new ArrayList<>();
        await(description).atMost(PATIENCE).until(() -> {
            left.in(notes).stream()
                    .flatMap(note -> Arrays.stream(note.split(" ")))
                    .filter(move -> !move.isEmpty())
                    .forEach(moves::add);
            return moves.size() >= expected.size();
        });
        assertThat(moves).as(description).containsExactlyInAnyOrderElementsOf(expected);
        assertThat(confirmed).as(description).isNotEmpty();
        assertThat(moves).as(description).containsAll(confirmed);
        assertThat(queues).as(description).allMatch(queue -> left.in(queue).isEmpty());
    }

    private static int numberOf(String token) {
        return Integer.parseInt(token.substring(0, token.indexOf(':')));
    }

    private static Stream<String> movesTo(String token) {
        int versions = Integer.parseInt(token.substring(token.indexOf(':') + 1));
        return IntStream.rangeClosed(1, versions).mapToObj(version -> numberOf(token) + ":" + version);
    }

    /** Takes what is left in queues, with another connection when one is lost. */
    private static final class Left {
        private final BrokerProcess broker;

        /** What was taken in a transaction of which the outcome is not known. */
        private final List<String> inDoubt = new ArrayList<>();

        private Left(BrokerProcess broker) {
            this.broker = broker;
        }

        /** Returns what has not been returned before. */
        private List<String> in(String queue) {
            List<String> fresh = new ArrayList<>();
            while (!take(queue, fresh)) {
                if (Thread.interrupted()) {
                    throw new AssertionError("interrupted while taking what is left in " + queue);
                }
            }
            return fresh;
        }

        private boolean take(String queue, List<String> fresh) {
            try (Connection connection = connect(broker)) {
                Session session = connection.createSession(Session.SESSION_TRANSACTED);
                MessageConsumer consumer = session.createConsumer(session.createQueue(queue));
                List<String> taken = new ArrayList<>();
                for (Message next = consumer.receive(1000); next != null; next = consumer.receive(300)) {
                    taken.add(next.getBody(String.class));
                }
                taken.stream().filter(text -> !inDoubt.remove(text)).forEach(fresh::add);
                inDoubt.addAll(taken);
                session.commit();
                inDoubt.removeAll(taken);
                return true;
            } catch (JMSException lost) {
                return false;
            }
        }
    }
}
