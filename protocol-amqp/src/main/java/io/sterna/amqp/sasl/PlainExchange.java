package io.sterna.amqp.sasl;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;

/**
 * The server's side of PLAIN (RFC 4616): {@code [authzid] NUL authcid NUL passwd}. Owned by one thread; the password is
 * hashed on the executor.
 */
final class PlainExchange implements SaslExchange {
    private final Function<String, Account> accounts;
    private final Executor executor;
    private boolean prompted;
    private boolean over;

    PlainExchange(Function<String, Account> accounts, Executor executor) {
        this.accounts = accounts;
        this.executor = executor;
    }

    @Override
    public CompletionStage<SaslStep> step(Optional<byte[]> response) {
        if (over) {
            return failed(SaslFailure.AUTH, "response after the end of the exchange");
        }
        if (response.isEmpty() && !prompted) {
            prompted = true;
            return CompletableFuture.completedStage(new SaslStep.Challenge(new byte[0]));
        }
        over = true;
        byte[] bytes = response.orElse(new byte[0]);
        if (bytes.length > UserAuthenticator.MOST_RESPONSE_BYTES) {
            return failed(SaslFailure.AUTH, "PLAIN response is too long");
        }
        String[] parts = Scram.fromUtf8(bytes).map(text -> text.split("\0", -1)).orElse(new String[0]);
        if (parts.length != 3 || parts[1].isEmpty() || parts[2].isEmpty()) {
            return failed(SaslFailure.AUTH, "PLAIN response is malformed");
        }
        if (!parts[0].isEmpty() && !parts[0].equals(parts[1])) {
            return failed(SaslFailure.AUTH, "acting for another user is not supported");
        }
        try {
            return CompletableFuture.supplyAsync(() -> check(parts[1], parts[2]), executor)
                    .exceptionally(e -> new SaslStep.Failure(SaslFailure.SYS, "password could not be checked: " + e));
        } catch (RejectedExecutionException e) {
            return failed(SaslFailure.SYS_TEMP, "too many passwords are being checked");
        }
    }

    private SaslStep check(String user, String password) {
        Account account = accounts.apply(user);
        return account.hash().verify(password) && account.exists()
                ? new SaslStep.Success(account.user(), new byte[0])
                : new SaslStep.Failure(SaslFailure.AUTH, "user unknown or password wrong");
    }

    private static CompletionStage<SaslStep> failed(SaslFailure code, String reason) {
        return CompletableFuture.completedStage(new SaslStep.Failure(code, reason));
    }
}
