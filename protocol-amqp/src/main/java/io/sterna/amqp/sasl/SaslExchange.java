package io.sterna.amqp.sasl;

import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * The server's side of one client's authentication. Owned by one thread, which makes a step only after the one before
 * has completed with a challenge.
 */
public interface SaslExchange {
    /**
     * Takes what the client sent, first the init's initial response, then the response to each challenge. Whatever
     * that is, nothing is thrown and the stage never fails: what cannot be accepted is a {@link SaslStep.Failure}.
     *
     * @param response the client's bytes, kept by nobody; empty when the init has none
     * @return the server's answer; may complete on any thread
     */
    CompletionStage<SaslStep> step(Optional<byte[]> response);
}
