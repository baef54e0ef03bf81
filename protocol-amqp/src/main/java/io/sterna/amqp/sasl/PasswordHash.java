package io.sterna.amqp.sasl;

import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * What is stored of a password: enough to check it, for PLAIN and for SCRAM with both hashes, and not enough to log in
 * with elsewhere (RFC 5802 §2.2 and §9). Immutable; any thread.
 *
 * <p>As text: {@code $scram$1$iterations$salt$keys$keys} with the stored and server key of SHA-256, then of SHA-512,
 * each as {@code storedKey:serverKey}; salt and keys in base64.
 */
public final class PasswordHash {
    /**
     * Twice the least that RFC 7677 §4 allows. A check for PLAIN then takes 2 ms of processor time, 10 in a cold Java
     * runtime, so that 1,000 clients that come back together are through in a few seconds; with SCRAM the client pays.
     */
    static final int DEFAULT_ITERATIONS = 8192;

    /** RFC 7677 §4. */
    static final int LEAST_ITERATIONS = 4096;

    /** About half a second; a higher count in a configuration is more likely a slip. */
    static final int MOST_ITERATIONS = 1_000_000;

    private static final int SALT_BYTES = 16;
    private static final int LONGEST_SALT_BYTES = 48;
    private static final String PREFIX = "$scram$1$";

    private final int iterations;
    private final byte[] salt;
    private final Map<ScramHash, Keys> keysByHash;

    /** The two keys that SCRAM stores. */
    record Keys(byte[] storedKey, byte[] serverKey) {}

    PasswordHash(int iterations, byte[] salt, Map<ScramHash, Keys> keysByHash) {
        this.iterations = iterations;
        this.salt = salt;
        this.keysByHash = new EnumMap<>(keysByHash);
    }

    /**
     * Hashes a password with a fresh salt. Takes milliseconds.
     *
     * @throws IllegalArgumentException when the password is empty or has characters that SASLprep (RFC 4013) prohibits,
     *     so that no client could ever send it
     */
    public static PasswordHash create(String password, SecureRandom random) {
        byte[] salt = new byte[SALT_BYTES];
        random.nextBytes(salt);
        return create(password, salt, DEFAULT_ITERATIONS);
    }

    static PasswordHash create(String password, byte[] salt, int iterations) {
        String prepared = SaslPrep.prepare(password)
                .orElseThrow(() -> new IllegalArgumentException(
                        "password is empty or has characters that SASLprep (RFC 4013) prohibits"));
        Map<ScramHash, Keys> keysByHash = new EnumMap<>(ScramHash.class);
        for (ScramHash hash : ScramHash.STRONGEST_FIRST) {
            byte[] salted = hash.saltedPassword(prepared, salt, iterations);
            keysByHash.put(hash, new Keys(hash.hash(hash.clientKey(salted)), hash.serverKey(salted)));
        }
        return new PasswordHash(iterations, salt, keysByHash);
    }

    /**
     * Reads what {@link #toString} wrote.
     *
     * @throws IllegalArgumentException when the text is something else; says what is wrong without repeating secrets
     */
    public static PasswordHash parse(String text) {
        if (!text.startsWith(PREFIX)) {
            throw new IllegalArgumentException("password hash must begin with " + PREFIX
                    + " (make one with the hash-password command; passwords themselves are not accepted)");
        }
        String[] parts = text.substring(PREFIX.length()).split("\\$", -1);
        if (parts.length != 4) {
            throw new IllegalArgumentException(
                    "password hash must have 4 parts after " + PREFIX + ", has " + parts.length);
        }
        byte[] salt = base64("salt", parts[1]);
        if (salt.length == 0 || salt.length > LONGEST_SALT_BYTES) {
            throw new IllegalArgumentException(
                    "salt of a password hash must have 1 to " + LONGEST_SALT_BYTES + " bytes");
        }
        return new PasswordHash(
                iterations(parts[0]),
                salt,
                Map.of(
                        ScramHash.SHA_256,
                        keys(ScramHash.SHA_256, parts[2]),
                        ScramHash.SHA_512,
                        keys(ScramHash.SHA_512, parts[3])));
    }

    /** Whether this is the hash of the password. Takes milliseconds, the same for every password. */
    public boolean verify(String password) {
        // What cannot be prepared is hashed all the same, so that it takes as long as any other wrong password.
        Optional<String> prepared = SaslPrep.prepare(password);
        ScramHash hash = ScramHash.SHA_256;
        byte[] salted = hash.saltedPassword(prepared.orElse(password), salt, iterations);
        boolean same = MessageDigest.isEqual(
                hash.hash(hash.clientKey(salted)), keys(hash).storedKey());
        return same && prepared.isPresent();
    }

    /** The one printable line that {@link #parse} reads; to be kept as secret as a configuration is. */
    @Override
    public String toString() {
        return PREFIX + iterations + "$" + Scram.base64(salt) + "$" + text(ScramHash.SHA_256) + "$"
                + text(ScramHash.SHA_512);
    }

    int iterations() {
        return iterations;
    }

    byte[] salt() {
        return salt;
    }

    Keys keys(ScramHash hash) {
        return Optional.ofNullable(keysByHash.get(hash)).orElseThrow();
    }

    private String text(ScramHash hash) {
        return Scram.base64(keys(hash).storedKey()) + ":"
                + Scram.base64(keys(hash).serverKey());
    }

    private static int iterations(String text) {
        boolean number = text.length() <= 7 && !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
        int iterations = number ? Integer.parseInt(text) : 0;
        if (iterations < LEAST_ITERATIONS || iterations > MOST_ITERATIONS) {
            throw new IllegalArgumentException("iterations of a password hash must be a number from " + LEAST_ITERATIONS
                    + " to " + MOST_ITERATIONS);
        }
        return iterations;
    }

    private static Keys keys(ScramHash hash, String text) {
        String[] keys = text.split(":", -1);
        boolean right = keys.length == 2
                && Arrays.stream(keys).allMatch(key -> base64("key", key).length == hash.lengthBytes());
        if (!right) {
            throw new IllegalArgumentException("keys of a password hash for " + hash.mechanism() + " must be two of "
                    + hash.lengthBytes() + " bytes, parted by a colon");
        }
        return new Keys(base64("key", keys[0]), base64("key", keys[1]));
    }

    private static byte[] base64(String name, String text) {
        return Scram.fromBase64(text)
                .orElseThrow(() -> new IllegalArgumentException(name + " of a password hash must be in base64"));
    }
}
