package io.sterna.amqp.sasl;

import java.security.MessageDigest;
import java.util.Optional;
import javax.security.sasl.SaslException;

/** The client's side of SCRAM (RFC 5802, RFC 7677), without channel binding. Owned by one thread. */
final class ScramClient implements SaslClientMechanism {
    private static final String GS2_HEADER = "n,,";
    private static final int MOST_CHALLENGE_BYTES = 1024;

    private final ScramHash hash;
    private final SaslCredentials credentials;
    private final String clientNonce;
    private final String clientFirstBare;

    /** What the server has to sign with; there once the first challenge has been answered. */
    private Optional<byte[]> expectedSignature = Optional.empty();

    private boolean verified;

    ScramClient(ScramHash hash, SaslCredentials credentials, String clientNonce) {
        this.hash = hash;
        this.credentials = credentials;
        this.clientNonce = clientNonce;
        // A name that SASLprep refuses is sent as it is: the server then refuses it, as an unknown one.
        String user = SaslPrep.prepare(credentials.user()).orElse(credentials.user());
        this.clientFirstBare = "n=" + Scram.escapeName(user) + ",r=" + clientNonce;
    }

    @Override
    public String name() {
        return credentials.mechanism().orElse(hash.mechanism());
    }

    @Override
    public byte[] initialResponse() {
        return Scram.utf8(GS2_HEADER + clientFirstBare);
    }

    @Override
    public byte[] respond(byte[] challenge) throws SaslException {
        String message = text(challenge);
        if (expectedSignature.isEmpty()) {
            return onServerFirst(message);
        }
        // Some servers send their last message as a challenge, to be answered with an empty response (RFC 4422 §3.6).
        verify(message);
        return new byte[0];
    }

    @Override
    public void complete(Optional<byte[]> additionalData) throws SaslException {
        if (!verified) {
            verify(text(additionalData.orElse(new byte[0])));
        }
    }

    private byte[] onServerFirst(String message) throws SaslException {
        String[] parts = message.split(",", -1);
        if (parts.length < 3) {
            throw new SaslException("server's first message is malformed");
        }
        // The server's nonce has to be ours with something added, or the message is replayed (RFC 5802 §5.1).
        String nonce = Scram.attribute(parts[0], 'r')
                .filter(text -> text.startsWith(clientNonce) && text.length() > clientNonce.length())
                .orElseThrow(() -> new SaslException("server's nonce does not continue ours"));
        byte[] salt = Scram.attribute(parts[1], 's')
                .flatMap(Scram::fromBase64)
                .filter(bytes -> bytes.length > 0)
                .orElseThrow(() -> new SaslException("server's salt is malformed"));
        String password = SaslPrep.prepare(credentials.password())
                .orElseThrow(() -> new SaslException("password is empty or has prohibited characters (RFC 4013)"));
        byte[] salted = hash.saltedPassword(password, salt, iterations(parts[2]));
        String withoutProof = "c=" + Scram.base64(Scram.utf8(GS2_HEADER)) + ",r=" + nonce;
        byte[] authMessage = Scram.utf8(clientFirstBare + "," + message + "," + withoutProof);
        byte[] clientKey = hash.clientKey(salted);
        byte[] proof = Scram.xor(clientKey, hash.hmac(hash.hash(clientKey), authMessage));
        expectedSignature = Optional.of(hash.hmac(hash.serverKey(salted), authMessage));
        return Scram.utf8(withoutProof + ",p=" + Scram.base64(proof));
    }

    /** Fewer iterations would give the password away too cheaply, more would keep us busy for a server's pleasure. */
    private static int iterations(String part) throws SaslException {
        String text = Scram.attribute(part, 'i').orElse("");
        boolean number = text.matches("[1-9][0-9]{0,6}");
        int iterations = number ? Integer.parseInt(text) : 0;
        if (iterations < PasswordHash.LEAST_ITERATIONS || iterations > PasswordHash.MOST_ITERATIONS) {
            throw new SaslException("server asks for iterations outside " + PasswordHash.LEAST_ITERATIONS + " to "
                    + PasswordHash.MOST_ITERATIONS + ": " + part);
        }
        return iterations;
    }

    private void verify(String message) throws SaslException {
        byte[] expected = expectedSignature.orElseThrow(() -> new SaslException("server skipped its challenge"));
        byte[] signature =
                Scram.attribute(message, 'v').flatMap(Scram::fromBase64).orElse(new byte[0]);
        if (!MessageDigest.isEqual(expected, signature)) {
            throw new SaslException("server did not prove that it knows the password");
        }
        verified = true;
    }

    private static String text(byte[] message) throws SaslException {
        return Optional.of(message)
                .filter(bytes -> bytes.length <= MOST_CHALLENGE_BYTES)
                .flatMap(Scram::fromUtf8)
                .orElseThrow(() -> new SaslException("server's message is too long or not UTF-8"));
    }
}
