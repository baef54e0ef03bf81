package io.sterna.amqp.sasl;

import java.util.Optional;

/**
 * What a client authenticates with.
 *
 * @param user the name
 * @param password the password, in clear
 * @param mechanism the one that it is for; empty for any that users have
 */
public record SaslCredentials(String user, String password, Optional<String> mechanism) {
    /** Of a user. */
    public SaslCredentials(String user, String password) {
        this(user, password, Optional.empty());
    }

    /** Leaves the password out. */
    @Override
    public String toString() {
        return "SaslCredentials[user=" + user + "]";
    }
}
