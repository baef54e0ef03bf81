package io.sterna.cluster.net;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** What all nodes of a cluster know and nobody else; it is never sent, and never printed. */
public final class ClusterSecret {
    /** A shorter one could be found by trying, from a handshake that was overheard. */
    public static final int LEAST_CHARACTERS = 16;

    private static final String ALGORITHM = "HmacSHA256";

    private final SecretKeySpec key;

    /** @throws IllegalArgumentException when it is too short */
    public ClusterSecret(String secret) {
        if (secret.length() < LEAST_CHARACTERS) {
            throw new IllegalArgumentException("the cluster's secret has " + secret.length()
                    + " characters, must have at least " + LEAST_CHARACTERS);
        }
        key = new SecretKeySpec(secret.getBytes(UTF_8), ALGORITHM);
    }

    /** Proves knowledge of the secret to who has taken part in this: a hello of each side, with a number of its own. */
    byte[] prove(String role, byte[] dialersHello, byte[] acceptorsHello) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            for (byte[] part : new byte[][] {role.getBytes(UTF_8), dialersHello, acceptorsHello}) {
                mac.update(
                        ByteBuffer.allocate(Integer.BYTES).putInt(part.length).flip());
                mac.update(part);
            }
            return mac.doFinal();
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every Java has HMAC-SHA256", impossible);
        }
    }

    @Override
    public String toString() {
        return "the cluster's secret";
    }
}
