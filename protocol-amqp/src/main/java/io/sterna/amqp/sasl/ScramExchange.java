package io.sterna.amqp.sasl;

import java.security.MessageDigest;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * The server's side of SCRAM (RFC 5802, RFC 7677). The expensive hashing is the client's, so every step completes at
 * once. Owned by one thread.
 *
 * <pre>
 * client-first   n,,n=user,r=CLIENT
 * server-first   r=CLIENTSERVER,s=salt,i=iterations
 * client-final   c=biws,r=CLIENTSERVER,p=proof
 * server-final   v=signature                              in the outcome's additional data
 * </pre>
 */
final class ScramExchange implements SaslExchange {
    /**
     * Lifecycle: CLIENT_FIRST to CLIENT_FINAL by a good first message; any state to OVER by a failure or by success.
     */
    private enum State {
        CLIENT_FIRST,
        CLIENT_FINAL,
        OVER
    }

    private final ScramHash hash;
    private final Function<String, Account> accounts;
    private final String serverNonce;
    private State state = State.CLIENT_FIRST;
    private boolean prompted;

    /** What the first message said, kept for the check of the last. */
    private record First(String gs2Header, String clientFirstBare, String serverFirst, String nonce, Account account) {}

    private Optional<First> first = Optional.empty();

    ScramExchange(ScramHash hash, Function<String, Account> accounts, String serverNonce) {
        this.hash = hash;
        this.accounts = accounts;
        this.serverNonce = serverNonce;
    }

    @Override
    public CompletionStage<SaslStep> step(Optional<byte[]> response) {
        if (state == State.CLIENT_FIRST && response.isEmpty() && !prompted) {
            prompted = true;
            return CompletableFuture.completedStage(new SaslStep.Challenge(new byte[0]));
        }
        State before = state;
        state = State.OVER;
        byte[] bytes = response.orElse(new byte[0]);
        Optional<String> message =
                bytes.length > UserAuthenticator.MOST_RESPONSE_BYTES ? Optional.empty() : Scram.fromUtf8(bytes);
        if (message.isEmpty()) {
            return CompletableFuture.completedStage(failure("message is too long or not UTF-8"));
        }
        return CompletableFuture.completedStage(
                switch (before) {
                    case CLIENT_FIRST -> onClientFirst(message.get());
                    case CLIENT_FINAL -> onClientFinal(message.get(), first.orElseThrow());
                    case OVER -> failure("response after the end of the exchange");
                });
    }

    private SaslStep onClientFirst(String message) {
        String[] parts = message.split(",", -1);
        // gs2-header: channel-binding flag, optional authzid; then name and nonce, then extensions, which are ignored.
        if (parts.length < 4) {
            return failure("first message is malformed");
        }
        if (!parts[0].equals("n") && !parts[0].equals("y")) {
            return failure("channel binding is not supported");
        }
        Optional<String> user = Scram.attribute(parts[2], 'n').flatMap(Scram::unescapeName);
        Optional<String> clientNonce = Scram.attribute(parts[3], 'r').filter(Scram::isNonce);
        // A mandatory extension (m=) stands where the name should be, and is refused with this (RFC 5802 §5.1).
        if (user.isEmpty() || user.get().isEmpty() || clientNonce.isEmpty()) {
            return failure("first message is malformed");
        }
        Optional<String> actingFor = Scram.attribute(parts[1], 'a').flatMap(Scram::unescapeName);
        if (!parts[1].isEmpty() && !actingFor.equals(user)) {
            return failure("acting for another user is not supported");
        }
        Account account = accounts.apply(user.get());
        String nonce = clientNonce.get() + serverNonce;
        String serverFirst = "r=" + nonce + ",s=" + Scram.base64(account.hash().salt()) + ",i="
                + account.hash().iterations();
        String gs2Header = parts[0] + "," + parts[1] + ",";
        first = Optional.of(new First(gs2Header, message.substring(gs2Header.length()), serverFirst, nonce, account));
        state = State.CLIENT_FINAL;
        return new SaslStep.Challenge(Scram.utf8(serverFirst));
    }

    private SaslStep onClientFinal(String message, First said) {
        int proofAt = message.lastIndexOf(",p=");
        if (proofAt < 0) {
            return failure("final message has no proof");
        }
        String withoutProof = message.substring(0, proofAt);
        String[] parts = withoutProof.split(",", -1);
        Optional<byte[]> proof = Scram.fromBase64(message.substring(proofAt + 3));
        if (parts.length < 2 || proof.isEmpty() || proof.get().length != hash.lengthBytes()) {
            return failure("final message is malformed");
        }
        if (!parts[0].equals("c=" + Scram.base64(Scram.utf8(said.gs2Header())))) {
            return failure("channel binding differs from that of the first message");
        }
        if (!parts[1].equals("r=" + said.nonce())) {
            return failure("nonce differs from ours");
        }
        byte[] authMessage = Scram.utf8(said.clientFirstBare() + "," + said.serverFirst() + "," + withoutProof);
        PasswordHash.Keys keys = said.account().hash().keys(hash);
        byte[] clientKey = Scram.xor(proof.get(), hash.hmac(keys.storedKey(), authMessage));
        boolean proven = MessageDigest.isEqual(hash.hash(clientKey), keys.storedKey());
        if (!proven || !said.account().exists()) {
            return failure("user unknown or password wrong");
        }
        String serverFinal = "v=" + Scram.base64(hash.hmac(keys.serverKey(), authMessage));
        return new SaslStep.Success(said.account().user(), Scram.utf8(serverFinal));
    }

    private SaslStep failure(String reason) {
        return new SaslStep.Failure(SaslFailure.AUTH, hash.mechanism() + ": " + reason);
    }
}
