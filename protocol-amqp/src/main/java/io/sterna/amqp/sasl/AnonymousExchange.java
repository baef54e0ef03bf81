package io.sterna.amqp.sasl;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** ANONYMOUS (RFC 4505): whatever trace information the client sends is ignored. */
final class AnonymousExchange implements SaslExchange {
    @Override
    public CompletionStage<SaslStep> step(Optional<byte[]> response) {
        return CompletableFuture.completedStage(new SaslStep.Success(UserAuthenticator.ANONYMOUS_USER, new byte[0]));
    }
}
