package io.sterna.amqp.sasl;

import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import javax.security.sasl.SaslException;

/**
 * The client's side of one authentication. Owned by one thread: first {@link #initialResponse}, then {@link #respond}
 * to each challenge, and {@link #complete} when the outcome is ok.
 */
public sealed interface SaslClientMechanism permits AnonymousClient, PlainClient, ScramClient {
    /**
     * Chooses the strongest mechanism that a server offers: with credentials SCRAM-SHA-512, SCRAM-SHA-256, then PLAIN,
     * and never ANONYMOUS, or only the one that they are for; without them ANONYMOUS alone. A caller that must not send the password in clear leaves
     * PLAIN out of what is offered.
     *
     * @return empty when nothing that is offered will do
     */
    static Optional<SaslClientMechanism> choose(
            List<String> offered, Optional<SaslCredentials> credentials, SecureRandom random) {
        if (credentials.isEmpty()) {
            return offered.contains(UserAuthenticator.ANONYMOUS)
                    ? Optional.of(new AnonymousClient())
                    : Optional.empty();
        }
        Optional<String> only = credentials.get().mechanism();
        if (only.isPresent()) {
            return only.filter(offered::contains)
                    .map(name -> new ScramClient(SharedSecret.HASH, credentials.get(), Scram.nonce(random)));
        }
        for (ScramHash hash : ScramHash.STRONGEST_FIRST) {
            if (offered.contains(hash.mechanism())) {
                return Optional.of(new ScramClient(hash, credentials.get(), Scram.nonce(random)));
            }
        }
        return offered.contains(UserAuthenticator.PLAIN)
                ? Optional.of(new PlainClient(credentials.get()))
                : Optional.empty();
    }

    /** The mechanism's name, for the init frame. */
    String name();

    /** What the init frame carries. */
    byte[] initialResponse();

    /**
     * Answers a challenge. SCRAM hashes the password here, which takes milliseconds.
     *
     * @throws SaslException when the challenge is not one that a server may send; the connection is to be closed
     */
    byte[] respond(byte[] challenge) throws SaslException;

    /**
     * Makes sure, when the outcome is ok, that the server is right to say so: with SCRAM it has to prove that it knows
     * the password too.
     *
     * @param additionalData of the outcome frame
     * @throws SaslException when it does not; the connection is to be closed
     */
    void complete(Optional<byte[]> additionalData) throws SaslException;
}
