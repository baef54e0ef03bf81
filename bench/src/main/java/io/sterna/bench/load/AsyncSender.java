package io.sterna.bench.load;

import jakarta.jms.CompletionListener;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;

/**
 * Sends without waiting for each outcome, with a limit to what is in flight. One thread sends; outcomes come on the
 * provider's.
 */
final class AsyncSender implements CompletionListener {

    /** What all asynchronous scenarios have in flight: 0 ≤ in flight ≤ 1000. */
    static final int IN_FLIGHT = 1_000;

    private static final Duration STALL = Duration.ofSeconds(30);

    private final Session session;
    private final MessageProducer producer;
    private final Bodies bodies;
    private final Crew crew;
    private final LongConsumer accepted;
    private final Semaphore window = new Semaphore(IN_FLIGHT);

    /** @param accepted told 1 for every accepted message */
    AsyncSender(
            Session session, Destination destination, int deliveryMode, Bodies bodies, Crew crew, LongConsumer accepted)
            throws JMSException {
        this.session = session;
        this.producer = session.createProducer(destination);
        this.bodies = bodies;
        this.crew = crew;
        this.accepted = accepted;
        producer.setDeliveryMode(deliveryMode);
    }

    /** Sends; waits while the limit is reached. */
    void send(long number) throws JMSException, InterruptedException, ScenarioFailedException {
        send(bodies.message(session, number));
    }

    /** Sends a message that has its body; waits while the limit is reached. */
    void send(Message message) throws JMSException, InterruptedException, ScenarioFailedException {
        acquire(1);
        producer.send(message, this);
    }

    /** Waits for the outcomes of all that was sent. */
    void awaitOutcomes() throws InterruptedException, ScenarioFailedException {
        acquire(IN_FLIGHT);
        window.release(IN_FLIGHT);
    }

    @Override
    public void onCompletion(Message message) {
        accepted.accept(1);
        window.release();
    }

    @Override
    public void onException(Message message, Exception exception) {
        crew.fail(exception);
        window.release();
    }

    private void acquire(int permits) throws InterruptedException, ScenarioFailedException {
        if (!window.tryAcquire(permits, STALL.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new ScenarioFailedException("no outcome for " + STALL.toSeconds() + " s, with "
                    + (IN_FLIGHT - window.availablePermits()) + " messages in flight");
        }
    }
}
