package io.sterna.amqp.sasl;

import java.util.List;
import java.util.Optional;

/** What a server offers for authentication. Any thread. */
public interface SaslAuthenticator {
    /** The names of the mechanisms on offer, strongest first (AMQP 1.0 §5.3.3.1). */
    List<String> mechanisms();

    /** Begins an exchange with one client; empty when the mechanism is not on offer. */
    Optional<SaslExchange> begin(String mechanism);
}
