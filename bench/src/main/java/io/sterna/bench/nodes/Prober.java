package io.sterna.bench.nodes;

import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.function.IntSupplier;
import org.apache.qpid.jms.JmsConnectionFactory;

/** Sends durable messages to one queue, one after the other, and connects anew whenever that fails. A thread of its own. */
final class Prober implements AutoCloseable {
    private static final String OPTIONS = "jms.prefetchPolicy.all=0&jms.sendTimeout=20000&amqp.idleTimeout=60000";
    private static final int PAUSE_MILLIS = 5;

    private final String address;
    private final IntSupplier port;
    private final Thread thread = new Thread(this::run, "prober");
    private final AtomicReference<Armed> armed = new AtomicReference<>(new Armed(Long.MAX_VALUE));
    private final LongAccumulator longestPauseNanos = new LongAccumulator(Math::max, 0);
    private volatile boolean ended;

    // Its thread.
    private long lastAcceptedNanos = System.nanoTime();

    private static final class Armed {
        private final long atNanos;
        private final CompletableFuture<Long> served = new CompletableFuture<>();

        Armed(long atNanos) {
            this.atNanos = atNanos;
        }
    }

    /** @param port of the node to connect to; asked anew for each connection */
    Prober(String address, IntSupplier port) {
        this.address = address;
        this.port = port;
        thread.setDaemon(true);
        thread.start();
    }

    /** The time until the first accepted send that began after that moment, in nanoseconds. */
    CompletableFuture<Long> servedAfter(long atNanos) {
        Armed now = new Armed(atNanos);
        armed.set(now);
        return now.served;
    }

    /**
     * The longest time without an accepted send, from the end of one to the end of the next, since this was asked before. One
     * that goes on now is not in it.
     */
    long takeLongestPause() {
        return longestPauseNanos.getThenReset();
    }

    private void run() {
        while (!ended) {
            try {
                connectAndSend();
            } catch (JMSException failed) {
                pause();
            }
        }
    }

    private void connectAndSend() throws JMSException {
        JmsConnectionFactory factory = new JmsConnectionFactory("amqp://127.0.0.1:" + port.getAsInt() + "?" + OPTIONS);
        try (Connection connection = factory.createConnection();
                Session session = connection.createSession();
                MessageProducer producer = session.createProducer(session.createQueue(address))) {
            while (!ended) {
                long begin = System.nanoTime();
                producer.send(session.createTextMessage("probe"));
                long end = System.nanoTime();
                longestPauseNanos.accumulate(end - lastAcceptedNanos);
                lastAcceptedNanos = end;
                Armed now = armed.get();
                if (begin - now.atNanos >= 0 && now.atNanos != Long.MAX_VALUE) {
                    now.served.complete(end - now.atNanos);
                }
                pause();
            }
        }
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        ended = true;
    }
}
