package io.sterna.broker.http;

import io.sterna.amqp.sasl.SaslAuthenticator;
import io.sterna.amqp.sasl.SaslStep;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Who sends a request: a user of the broker, by HTTP Basic (RFC 7617), which says what SASL PLAIN says. Any thread. */
final class Login {
    static final String CHALLENGE = "Basic realm=\"Sterna\", charset=\"UTF-8\"";
    private static final String SCHEME = "basic ";

    private final SaslAuthenticator users;

    Login(SaslAuthenticator users) {
        this.users = users;
    }

    /** Whether the request names a user with its password; completes on any thread, never fails. */
    CompletionStage<Boolean> admits(HttpServerRequest request) {
        return plainResponse(request)
                .flatMap(response -> users.begin("PLAIN").map(exchange -> exchange.step(Optional.of(response))))
                .orElseGet(() -> CompletableFuture.completedStage(new SaslStep.Challenge(new byte[0])))
                .thenApply(SaslStep.Success.class::isInstance);
    }

    private static Optional<byte[]> plainResponse(HttpServerRequest request) {
        String header = request.getHeader(HttpHeaders.AUTHORIZATION);
        if (header == null || !header.toLowerCase(Locale.ROOT).startsWith(SCHEME)) {
            return Optional.empty();
        }
        try {
            byte[] decoded =
                    Base64.getDecoder().decode(header.substring(SCHEME.length()).strip());
            String[] parts = new String(decoded, StandardCharsets.UTF_8).split(":", 2);
            return parts.length < 2
                    ? Optional.empty()
                    : Optional.of(("\0" + parts[0] + "\0" + parts[1]).getBytes(StandardCharsets.UTF_8));
        } catch (IllegalArgumentException notBase64) {
            return Optional.empty();
        }
    }
}
