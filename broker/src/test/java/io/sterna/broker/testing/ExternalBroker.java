package io.sterna.broker.testing;

import java.net.URI;
import java.util.Optional;

/** A broker that somebody else started and that somebody else ends. */
record ExternalBroker(String host, int port) implements BrokerUnderTest {
    private static final String URL_PROPERTY = "sterna.test.url";

    static Optional<BrokerUnderTest> fromSystemProperty() {
        return Optional.ofNullable(System.getProperty(URL_PROPERTY)).map(text -> {
            URI uri = URI.create(text);
            return new ExternalBroker(uri.getHost(), uri.getPort());
        });
    }

    @Override
    public void close() {
        // Not ours to end.
    }
}
