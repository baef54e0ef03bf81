package io.sterna.amqp.sasl;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The example of RFC 7677 §3, played by both sides. */
class ScramVectorTest {
    private static final String CLIENT_NONCE = "rOprNGfwEbeRWgbNEkqO";
    private static final String SERVER_NONCE = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    private static final String CLIENT_FIRST = "n,,n=user,r=" + CLIENT_NONCE;
    private static final String SERVER_FIRST =
            "r=" + CLIENT_NONCE + SERVER_NONCE + ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
    private static final String CLIENT_FINAL =
            "c=biws,r=" + CLIENT_NONCE + SERVER_NONCE + ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
    private static final String SERVER_FINAL = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

    @Test
    void shouldAnswerAsTheRfcWhenServer() {
        PasswordHash hash = PasswordHash.create("pencil", Base64.getDecoder().decode("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096);
        SaslExchange exchange =
                new ScramExchange(ScramHash.SHA_256, user -> new Account(user, hash, true), SERVER_NONCE);

        assertThat(step(exchange, CLIENT_FIRST))
                .isInstanceOfSatisfying(
                        SaslStep.Challenge.class,
                        challenge -> assertThat(challenge.data()).asString().isEqualTo(SERVER_FIRST));
        assertThat(step(exchange, CLIENT_FINAL)).isInstanceOfSatisfying(SaslStep.Success.class, success -> {
            assertThat(success.user()).isEqualTo("user");
            assertThat(success.additionalData()).asString().isEqualTo(SERVER_FINAL);
        });
    }

    @Test
    void shouldSpeakAsTheRfcWhenClient() throws Exception {
        ScramClient client = new ScramClient(ScramHash.SHA_256, new SaslCredentials("user", "pencil"), CLIENT_NONCE);

        assertThat(client.initialResponse()).asString().isEqualTo(CLIENT_FIRST);
        assertThat(client.respond(Scram.utf8(SERVER_FIRST))).asString().isEqualTo(CLIENT_FINAL);
        client.complete(Optional.of(Scram.utf8(SERVER_FINAL)));
    }

    private static SaslStep step(SaslExchange exchange, String message) {
        return exchange.step(Optional.of(Scram.utf8(message)))
                .toCompletableFuture()
                .join();
    }
}
