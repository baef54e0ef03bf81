package io.sterna.amqp.sasl;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.spec.InvalidKeySpecException;
import java.util.List;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/** The hash functions that SCRAM is used with, and its formulas (RFC 5802 §2.2 and §3). Strongest first. */
enum ScramHash {
    SHA_512("SHA-512", "HmacSHA512", "PBKDF2WithHmacSHA512", 64),
    SHA_256("SHA-256", "HmacSHA256", "PBKDF2WithHmacSHA256", 32);

    static final List<ScramHash> STRONGEST_FIRST = List.of(values());

    private static final byte[] CLIENT_KEY = Scram.utf8("Client Key");
    private static final byte[] SERVER_KEY = Scram.utf8("Server Key");

    private final String digest;
    private final String mac;
    private final String keyDerivation;
    private final int lengthBytes;

    ScramHash(String digest, String mac, String keyDerivation, int lengthBytes) {
        this.digest = digest;
        this.mac = mac;
        this.keyDerivation = keyDerivation;
        this.lengthBytes = lengthBytes;
    }

    static Optional<ScramHash> ofMechanism(String mechanism) {
        return STRONGEST_FIRST.stream()
                .filter(hash -> hash.mechanism().equals(mechanism))
                .findFirst();
    }

    String mechanism() {
        return "SCRAM-" + digest;
    }

    /** The length of what {@link #hash} and {@link #hmac} give, in bytes. */
    int lengthBytes() {
        return lengthBytes;
    }

    /** Hi(password, salt, iterations): takes milliseconds. The password has been prepared. */
    byte[] saltedPassword(String password, byte[] salt, int iterations) {
        PBEKeySpec spec = new PBEKeySpec(password.toCharArray(), salt, iterations, 8 * lengthBytes);
        try {
            return SecretKeyFactory.getInstance(keyDerivation)
                    .generateSecret(spec)
                    .getEncoded();
        } catch (InvalidKeySpecException e) {
            throw new IllegalArgumentException("password cannot be hashed", e);
        } catch (GeneralSecurityException e) {
            throw missing(e);
        } finally {
            spec.clearPassword();
        }
    }

    byte[] clientKey(byte[] saltedPassword) {
        return hmac(saltedPassword, CLIENT_KEY);
    }

    byte[] serverKey(byte[] saltedPassword) {
        return hmac(saltedPassword, SERVER_KEY);
    }

    byte[] hash(byte[] data) {
        try {
            return MessageDigest.getInstance(digest).digest(data);
        } catch (GeneralSecurityException e) {
            throw missing(e);
        }
    }

    byte[] hmac(byte[] key, byte[] data) {
        try {
            Mac hmac = Mac.getInstance(mac);
            hmac.init(new SecretKeySpec(key, mac));
            return hmac.doFinal(data);
        } catch (GeneralSecurityException e) {
            throw missing(e);
        }
    }

    private static IllegalStateException missing(GeneralSecurityException e) {
        return new IllegalStateException("this Java runtime lacks an algorithm that every one must have", e);
    }
}
