package io.sterna.bench.load;

import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;

/** A consumer that counts, and insists on the numbers 0, 1, 2, … Called by one thread of the provider. */
final class Ordered implements MessageListener {

    private final Meter meter;
    private final Crew crew;

    // Provider's thread
    private long expected;

    Ordered(Meter meter, Crew crew) {
        this.meter = meter;
        this.crew = crew;
    }

    @Override
    public void onMessage(Message message) {
        try {
            long number = Bodies.number(message);
            if (number != expected) {
                crew.fail(new ScenarioFailedException("message " + number + " came instead of " + expected));
            }
            expected = number + 1;
            meter.count(1);
        } catch (JMSException e) {
            crew.fail(e);
        }
    }
}
