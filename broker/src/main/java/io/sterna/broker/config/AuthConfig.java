package io.sterna.broker.config;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Map;

/**
 * Who may connect.
 *
 * @param anonymous whether a client may connect without naming itself
 * @param passwordHashByUser what {@code bin/sterna hash-password} prints, by user name
 */
public record AuthConfig(boolean anonymous, Map<String, String> passwordHashByUser) {

    public AuthConfig {
        passwordHashByUser = Map.copyOf(passwordHashByUser);
    }

    /** @param listeningOn what {@code amqp.host} says: nobody is let in unnamed from other machines unless asked for */
    static AuthConfig read(Section section, String listeningOn) throws ConfigException {
        boolean anonymous = section.flag("anonymous").orElseGet(() -> isLoopback(listeningOn));
        AuthConfig config = new AuthConfig(anonymous, section.textByName("users"));
        section.refuseUnknown();
        return config;
    }

    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false; // listening on it will fail and say why
        }
    }
}
