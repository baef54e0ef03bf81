package io.sterna.broker.testing;

/** A running broker, known to a test by its address only. Closing it ends it; the data directory stays. */
public interface BrokerUnderTest extends AutoCloseable {

    /** The host that the broker listens on. */
    String host();

    /** The TCP port of the AMQP listener. */
    int port();

    /** The AMQP URL, without options. */
    default String url() {
        return "amqp://" + host() + ":" + port();
    }

    /** What a Qpid JMS client has to be told to use this broker, as URI options; empty for nothing. */
    default String clientOptions() {
        return "";
    }

    /** Ends the broker in good order and waits for it; a second call does nothing. */
    @Override
    void close();
}
