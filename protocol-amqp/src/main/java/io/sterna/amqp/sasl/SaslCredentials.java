package io.sterna.amqp.sasl;

/**
 * What a client authenticates with.
 *
 * @param user the name
 * @param password the password, in clear
 */
public record SaslCredentials(String user, String password) {
    /** Leaves the password out. */
    @Override
    public String toString() {
        return "SaslCredentials[user=" + user + "]";
    }
}
