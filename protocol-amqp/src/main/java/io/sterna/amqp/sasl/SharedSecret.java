package io.sterna.amqp.sasl;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * How those authenticate each other who share a secret, such as the nodes of a cluster: by SCRAM-SHA-256 under a name of
 * its own, so that clients with and without a user name go on choosing among what is there for users. What is sent does
 * not give the secret away, and a server without it is refused, too. Immutable; any thread.
 */
public final class SharedSecret {
    /** The user that is known by the secret; no other can have the name. */
    public static final String USER = "$cluster";

    /** The mechanism's name. */
    static final String MECHANISM = "STERNA-SCRAM-SHA-256";

    static final ScramHash HASH = ScramHash.SHA_256;

    private static final int SALT_BYTES = 16;

    private final SaslCredentials credentials;
    private final Account account;

    /** @param secret any text; better a random one of 128 bits than a word */
    public SharedSecret(String secret) {
        byte[] key = HASH.hash(Scram.utf8(secret)); // Of any length, also of none.
        String password = Scram.base64(HASH.hmac(key, Scram.utf8("Sterna, password between nodes")));
        byte[] salt = Arrays.copyOf(HASH.hmac(key, Scram.utf8("Sterna, salt between nodes")), SALT_BYTES);
        credentials = new SaslCredentials(USER, password, Optional.of(MECHANISM));
        account = new Account(USER, PasswordHash.create(password, salt, PasswordHash.LEAST_ITERATIONS), true);
    }

    /** What one of them says to another. */
    public SaslCredentials credentials() {
        return credentials;
    }

    /** Lets those in who know the secret, besides those whom another authenticator lets in. */
    public SaslAuthenticator beside(SaslAuthenticator others, SecureRandom random) {
        return new SaslAuthenticator() {
            @Override
            public List<String> mechanisms() {
                List<String> mechanisms = new ArrayList<>(others.mechanisms());
                mechanisms.add(MECHANISM);
                return mechanisms;
            }

            @Override
            public Optional<SaslExchange> begin(String mechanism) {
                return mechanism.equals(MECHANISM)
                        ? Optional.of(new ScramExchange(HASH, user -> accountOf(user), Scram.nonce(random)))
                        : others.begin(mechanism);
            }
        };
    }

    private Account accountOf(String user) {
        return new Account(account.user(), account.hash(), user.equals(USER));
    }
}
