package io.sterna.broker.crash;

import jakarta.jms.Connection;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.qpid.jms.JmsConnection;
import org.apache.qpid.jms.JmsConnectionFactory;
import org.apache.qpid.jms.JmsConnectionListener;
import org.apache.qpid.jms.message.JmsInboundMessageDispatch;

/**
 * One producer and one consumer of a destination, each with a JMS connection of its own that finds another node by itself.
 * The client repeats what it sent when it does not know the outcome, so that a message may come twice, but only then.
 *
 * <p>The producer's thread has its own fields, as has the consumer's; what is asked when both have ended is the test's.
 */
final class JmsTraffic implements AutoCloseable {
    /** An acknowledgement that was given so shortly before a connection was lost may not have reached the broker. */
    private static final long ACKNOWLEDGED_NANOS = 1_000_000_000L;

    private static final long POLL_MILLIS = 100;
    private static final long EMPTY_MILLIS = 2_000;
    private static final String NUMBER = "number";

    private final String name;
    private final Connection sending;
    private final Session sendingSession;
    private final MessageProducer producer;
    private final Interruptions sendingLost = new Interruptions();
    private final Connection receiving;
    private final MessageConsumer consumer;
    private final Interruptions receivingLost = new Interruptions();

    // Producer thread; the consumer reads how many there are.
    private final AtomicInteger accepted = new AtomicInteger();
    private final Set<Integer> acceptedNumbers = new HashSet<>();
    private final Set<Integer> inDoubt = new HashSet<>();
    private final List<String> exceptions = new ArrayList<>();
    private volatile boolean stopped;
    private volatile boolean ended;

    // Consumer thread
    private final Map<Integer, Long> receivedNanos = new HashMap<>();
    private final List<Repeat> repeats = new ArrayList<>();
    private final List<String> violations = new ArrayList<>();
    private int last = -1;

    private record Repeat(int number, long firstNanos) {}

    /** When a connection was lost, and found again. Any thread. */
    private static final class Interruptions implements JmsConnectionListener {
        private final List<Long> timesNanos = new ArrayList<>();
        private final List<String> failures = new ArrayList<>();

        @Override
        public synchronized void onConnectionInterrupted(URI remote) {
            timesNanos.add(System.nanoTime());
        }

        @Override
        public synchronized void onConnectionFailure(Throwable error) {
            failures.add("connection: " + error);
        }

        @Override
        public synchronized void onSessionClosed(Session session, Throwable cause) {
            failures.add("session: " + cause);
        }

        @Override
        public synchronized void onConsumerClosed(MessageConsumer consumer, Throwable cause) {
            failures.add("consumer: " + cause);
        }

        @Override
        public synchronized void onProducerClosed(MessageProducer producer, Throwable cause) {
            failures.add("producer: " + cause);
        }

        @Override
        public void onConnectionEstablished(URI remote) {
            // Counts when it was lost before.
        }

        @Override
        public void onConnectionRestored(URI remote) {
            // That is what failover is for.
        }

        @Override
        public void onInboundMessage(JmsInboundMessageDispatch message) {
            // The consumer sees it.
        }

        synchronized int count() {
            return timesNanos.size();
        }

        synchronized boolean anyBetween(long fromNanos, long toNanos) {
            return timesNanos.stream().anyMatch(time -> time - fromNanos >= 0 && time - toNanos <= 0);
        }

        synchronized List<String> failures() {
            return List.copyOf(failures);
        }
    }

    /** @param topic whether there is a durable subscription; if not, it is a queue */
    JmsTraffic(String url, String name, boolean topic) throws JMSException {
        this.name = name;
        sending = connect(url, sendingLost);
        sendingSession = sending.createSession();
        Destination target = topic ? sendingSession.createTopic(name) : sendingSession.createQueue(name);
        receiving = connect(url, receivingLost);
        receiving.setClientID("receiver-of-" + name);
        Session session = receiving.createSession();
        consumer = topic
                ? session.createDurableConsumer((Topic) target, "all")
                : session.createConsumer(session.createQueue(name));
        producer = sendingSession.createProducer(target);
        receiving.start();
    }

    private Connection connect(String url, Interruptions lost) throws JMSException {
        Connection connection = new JmsConnectionFactory(url).createConnection();
        ((JmsConnection) connection).addConnectionListener(lost);
        return connection;
    }

    /** Sends until {@link #stop}. */
    void send() {
        for (int number = 0; !stopped; number++) {
            int lostBefore = sendingLost.count();
            try {
                Message message = sendingSession.createTextMessage(name);
                message.setIntProperty(NUMBER, number);
                producer.send(message);
                acceptedNumbers.add(number);
                accepted.incrementAndGet();
            } catch (JMSException unknown) {
                exceptions.add(unknown.toString());
                inDoubt.add(number);
            }
            if (sendingLost.count() != lostBefore) {
                inDoubt.add(number); // It may have been repeated.
            }
        }
        ended = true;
    }

    /** Receives until the producer has ended and nothing more comes. */
    void receive() {
        try {
            for (long emptySinceNanos = System.nanoTime();
                    !ended || System.nanoTime() - emptySinceNanos < EMPTY_MILLIS * 1_000_000; ) {
                Message message = consumer.receive(POLL_MILLIS);
                if (message != null) {
                    note(message.getIntProperty(NUMBER));
                    emptySinceNanos = System.nanoTime();
                }
            }
        } catch (JMSException e) {
            violations.add(name + ": the consumer got " + e);
        }
    }

    private void note(int number) {
        long now = System.nanoTime();
        Long first = receivedNanos.putIfAbsent(number, now);
        if (first != null) {
            repeats.add(new Repeat(number, first));
        } else if (number < last) {
            violations.add(name + ": number " + number + " came after " + last);
        } else {
            last = number;
        }
    }

    /** The producer sends nothing more. */
    void stop() {
        stopped = true;
    }

    /** How many messages were accepted. Any thread. */
    int accepted() {
        return accepted.get();
    }

    /** What exceptions the application had from sends; when all has ended. */
    List<String> exceptions() {
        return List.copyOf(exceptions);
    }

    /** How often a connection was lost and found again. */
    int interruptions() {
        return sendingLost.count() + receivingLost.count();
    }

    int repeats() {
        return repeats.size();
    }

    /** All broken promises; when all has ended. */
    List<String> verdict() {
        List<String> all = new ArrayList<>(violations);
        sendingLost.failures().forEach(failure -> all.add(name + ": the producer has lost its " + failure));
        receivingLost.failures().forEach(failure -> all.add(name + ": the consumer has lost its " + failure));
        acceptedNumbers.stream()
                .filter(number -> !receivedNanos.containsKey(number))
                .forEach(number -> all.add(name + ": number " + number + " was accepted and never received"));
        repeats.stream()
                .filter(repeat -> !inDoubt.contains(repeat.number()))
                .filter(repeat -> !receivingLost.anyBetween(
                        repeat.firstNanos() - ACKNOWLEDGED_NANOS, repeat.firstNanos() + ACKNOWLEDGED_NANOS))
                .forEach(repeat -> all.add(name + ": number " + repeat.number() + " came back"));
        return all;
    }

    @Override
    public void close() throws JMSException {
        sending.close();
        receiving.close();
    }
}
