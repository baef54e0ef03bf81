package io.sterna.amqp.sasl;

import java.util.Optional;
import javax.security.sasl.SaslException;

/** The client's side of ANONYMOUS (RFC 4505), without trace information. */
record AnonymousClient() implements SaslClientMechanism {
    @Override
    public String name() {
        return UserAuthenticator.ANONYMOUS;
    }

    @Override
    public byte[] initialResponse() {
        return new byte[0];
    }

    @Override
    public byte[] respond(byte[] challenge) throws SaslException {
        throw new SaslException("ANONYMOUS has no challenges");
    }

    @Override
    public void complete(Optional<byte[]> additionalData) {}
}
