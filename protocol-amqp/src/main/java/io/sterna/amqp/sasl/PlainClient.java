package io.sterna.amqp.sasl;

import java.util.Optional;
import javax.security.sasl.SaslException;

/** The client's side of PLAIN (RFC 4616). */
record PlainClient(SaslCredentials credentials) implements SaslClientMechanism {
    @Override
    public String name() {
        return UserAuthenticator.PLAIN;
    }

    @Override
    public byte[] initialResponse() {
        return Scram.utf8("\0" + credentials.user() + "\0" + credentials.password());
    }

    @Override
    public byte[] respond(byte[] challenge) throws SaslException {
        throw new SaslException("PLAIN has no challenges");
    }

    @Override
    public void complete(Optional<byte[]> additionalData) {}
}
