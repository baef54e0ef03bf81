package io.sterna.amqp;

import io.sterna.amqp.sasl.SaslAuthenticator;
import io.sterna.amqp.sasl.SaslExchange;
import io.sterna.amqp.sasl.SaslFailure;
import io.sterna.amqp.sasl.SaslStep;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** Authenticators for tests: mechanisms that are decided by a function, at once or when the test says so. */
final class TestUsers {
    private TestUsers() {}

    /** Takes {@code PLAIN} with the password {@code secret} and nothing else. */
    static SaslAuthenticator required() {
        return only(List.of("PLAIN"), response -> CompletableFuture.completedFuture(plain(response)));
    }

    private static SaslStep plain(Optional<byte[]> response) {
        String text = new String(response.orElse(new byte[0]), StandardCharsets.UTF_8);
        return text.endsWith("\0secret")
                ? new SaslStep.Success("user", new byte[0])
                : new SaslStep.Failure(SaslFailure.AUTH, "wrong password");
    }

    /** A mechanism {@code STEPS} with that many challenges, of which each response has to repeat the challenge. */
    static SaslAuthenticator steps(int challenges) {
        int[] made = {0};
        return only(List.of("STEPS"), response -> {
            boolean right = made[0] == 0
                    || response.map(bytes -> new String(bytes, StandardCharsets.UTF_8))
                            .equals(Optional.of("challenge " + made[0]));
            SaslStep step;
            if (!right) {
                step = new SaslStep.Failure(SaslFailure.AUTH, "wrong response");
            } else if (made[0] == challenges) {
                step = new SaslStep.Success("stepper", "done".getBytes(StandardCharsets.UTF_8));
            } else {
                made[0]++;
                step = new SaslStep.Challenge(("challenge " + made[0]).getBytes(StandardCharsets.UTF_8));
            }
            return CompletableFuture.completedFuture(step);
        });
    }

    /** A mechanism {@code SLOW} whose steps the test completes. */
    static SaslAuthenticator slow(CopyOnWriteArrayList<CompletableFuture<SaslStep>> pending) {
        return only(List.of("SLOW"), response -> {
            CompletableFuture<SaslStep> step = new CompletableFuture<>();
            pending.add(step);
            return step;
        });
    }

    /** Fails each attempt in a certain way. */
    static SaslAuthenticator failing(SaslFailure failure) {
        return only(
                List.of("PLAIN"),
                response -> CompletableFuture.completedFuture(new SaslStep.Failure(failure, "as the test says")));
    }

    private static SaslAuthenticator only(
            List<String> mechanisms, Function<Optional<byte[]>, CompletionStage<SaslStep>> steps) {
        return new SaslAuthenticator() {
            @Override
            public List<String> mechanisms() {
                return mechanisms;
            }

            @Override
            public Optional<SaslExchange> begin(String mechanism) {
                return mechanisms.contains(mechanism) ? Optional.of(steps::apply) : Optional.empty();
            }
        };
    }
}
