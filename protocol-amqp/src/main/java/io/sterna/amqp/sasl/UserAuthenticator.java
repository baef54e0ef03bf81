package io.sterna.amqp.sasl;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Executor;

/**
 * Authenticates users by their password hashes: SCRAM-SHA-512, SCRAM-SHA-256 and PLAIN when there are users, ANONYMOUS
 * when that is allowed. Immutable; any thread.
 *
 * <p>Whether a user exists does not show: for a name that is not known the exchange takes the same steps over a
 * made-up hash that stays the same for as long as this object lives (RFC 5802 §9).
 */
public final class UserAuthenticator implements SaslAuthenticator {
    static final String PLAIN = "PLAIN";
    static final String ANONYMOUS = "ANONYMOUS";

    /** What the name of a client is that came by ANONYMOUS. */
    public static final String ANONYMOUS_USER = "anonymous";

    /**
     * Longest response that is looked at. SASL frames have at most 512 bytes (AMQP 1.0 §5.3.1), so that only a peer
     * which got around that limit meets this one.
     */
    static final int MOST_RESPONSE_BYTES = 1024;

    private static final int SECRET_BYTES = 32;

    private final Map<String, PasswordHash> hashByUser;
    private final List<PasswordHash> hashes;
    private final boolean anonymousAllowed;
    private final Executor executor;
    private final SecureRandom random;
    private final byte[] secret = new byte[SECRET_BYTES];

    /**
     * @param hashByUser the users
     * @param anonymousAllowed whether ANONYMOUS is offered
     * @param executor hashes passwords, some milliseconds each; when it rejects a task the client is told to try again
     *     later
     * @param random for nonces and for what is made up
     * @throws IllegalArgumentException when two users' names are the same, or one is prohibited, after SASLprep (RFC
     * 4013)
     */
    public UserAuthenticator(
            Map<String, PasswordHash> hashByUser, boolean anonymousAllowed, Executor executor, SecureRandom random) {
        this.hashByUser = new TreeMap<>();
        hashByUser.forEach((user, hash) -> {
            String prepared = SaslPrep.prepare(user)
                    .orElseThrow(() -> new IllegalArgumentException("user name is empty or prohibited: " + user));
            if (prepared.equals(SharedSecret.USER)) {
                throw new IllegalArgumentException("user name is that of the other nodes: " + user);
            }
            if (this.hashByUser.putIfAbsent(prepared, hash) != null) {
                throw new IllegalArgumentException("user name is there twice: " + user);
            }
        });
        this.hashes = List.copyOf(this.hashByUser.values());
        this.anonymousAllowed = anonymousAllowed;
        this.executor = executor;
        this.random = random;
        random.nextBytes(secret);
    }

    @Override
    public List<String> mechanisms() {
        List<String> mechanisms = new ArrayList<>();
        if (!hashes.isEmpty()) {
            ScramHash.STRONGEST_FIRST.forEach(hash -> mechanisms.add(hash.mechanism()));
            mechanisms.add(PLAIN);
        }
        if (anonymousAllowed) {
            mechanisms.add(ANONYMOUS);
        }
        return mechanisms;
    }

    @Override
    public Optional<SaslExchange> begin(String mechanism) {
        if (!mechanisms().contains(mechanism)) {
            return Optional.empty();
        }
        if (mechanism.equals(ANONYMOUS)) {
            return Optional.of(new AnonymousExchange());
        }
        if (mechanism.equals(PLAIN)) {
            return Optional.of(new PlainExchange(this::account, executor));
        }
        return ScramHash.ofMechanism(mechanism)
                .map(hash -> new ScramExchange(hash, this::account, Scram.nonce(random)));
    }

    /** The account of a user, or a made-up one. Takes the same time for both. */
    private Account account(String user) {
        Optional<String> prepared = SaslPrep.prepare(user);
        PasswordHash madeUp = madeUp(prepared.orElse(user));
        PasswordHash hash = hashByUser.getOrDefault(prepared.orElse(""), madeUp);
        return new Account(prepared.orElse(user), hash, hash != madeUp);
    }

    /** A hash that looks like those of the users there are, and always the same for a name. */
    private PasswordHash madeUp(String user) {
        ScramHash hash = ScramHash.SHA_512;
        byte[] bytes = hash.hmac(secret, Scram.utf8(user));
        // The last byte is beyond the longest salt in use, so that what it chooses does not show in the salt.
        PasswordHash like = hashes.get((bytes[bytes.length - 1] & 0xff) % hashes.size());
        byte[] salt = Arrays.copyOf(bytes, like.salt().length);
        return new PasswordHash(
                like.iterations(),
                salt,
                Map.of(
                        ScramHash.SHA_256, madeUpKeys(ScramHash.SHA_256, bytes),
                        ScramHash.SHA_512, madeUpKeys(ScramHash.SHA_512, bytes)));
    }

    private static PasswordHash.Keys madeUpKeys(ScramHash hash, byte[] bytes) {
        byte[] key = Arrays.copyOf(bytes, hash.lengthBytes());
        return new PasswordHash.Keys(key, key);
    }
}
