package io.sterna.broker.config;

import io.sterna.amqp.sasl.PasswordHash;
import io.sterna.amqp.sasl.UserAuthenticator;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;

/**
 * Who may connect.
 *
 * @param anonymous whether a client may connect without naming itself
 * @param users what {@code bin/sterna hash-password} printed, by user name
 */
public record AuthConfig(boolean anonymous, Map<String, PasswordHash> users) {

    public AuthConfig {
        users = Map.copyOf(users);
    }

    /** @param listeningOn what {@code amqp.host} says: nobody is let in unnamed from other machines unless asked for */
    static AuthConfig read(Section section, String listeningOn) throws ConfigException {
        boolean anonymous = section.flag("anonymous").orElseGet(() -> isLoopback(listeningOn));
        Map<String, PasswordHash> users = new HashMap<>();
        Section hashes = section.childWithAnyNames("users");
        for (String user : hashes.names()) {
            // Neither the hash nor a password put there by mistake is repeated.
            users.put(user, hashes.secret(user, PasswordHash::parse));
        }
        section.refuseUnknown();
        AuthConfig config = new AuthConfig(anonymous, users);
        try {
            config.authenticator(Runnable::run, new SecureRandom());
        } catch (IllegalArgumentException e) {
            throw section.refused("users", String.join(", ", hashes.names()), "names that differ: " + e.getMessage());
        }
        return config;
    }

    /**
     * Checks clients against these users.
     *
     * @param executor hashes passwords, some milliseconds each
     */
    public UserAuthenticator authenticator(Executor executor, SecureRandom random) {
        return new UserAuthenticator(users, anonymous, executor, random);
    }

    static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false; // listening on it will fail and say why
        }
    }
}
