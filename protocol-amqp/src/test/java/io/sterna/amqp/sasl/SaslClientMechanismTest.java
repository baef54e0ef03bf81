package io.sterna.amqp.sasl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import javax.security.sasl.SaslException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The client's side, against servers that are not what they should be. */
class SaslClientMechanismTest {
    private static final SaslCredentials CREDENTIALS = new SaslCredentials("user", "pencil");
    private static final String SERVER_FIRST = "r=abcdef,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";

    @ParameterizedTest
    @CsvSource({
        "PLAIN ANONYMOUS SCRAM-SHA-256 SCRAM-SHA-512, SCRAM-SHA-512",
        "PLAIN SCRAM-SHA-256, SCRAM-SHA-256",
        "ANONYMOUS PLAIN, PLAIN",
        "ANONYMOUS, ''",
        "EXTERNAL GSSAPI, ''",
    })
    void shouldChooseTheStrongestWhenThereAreCredentials(String offered, String chosen) {
        assertThat(name(offered, Optional.of(CREDENTIALS))).isEqualTo(chosen);
    }

    @ParameterizedTest
    @CsvSource({"PLAIN ANONYMOUS SCRAM-SHA-256, ANONYMOUS", "PLAIN SCRAM-SHA-256, ''"})
    void shouldChooseAnonymousWhenThereAreNone(String offered, String chosen) {
        assertThat(name(offered, Optional.empty())).isEqualTo(chosen);
    }

    private static String name(String offered, Optional<SaslCredentials> credentials) {
        return SaslClientMechanism.choose(List.of(offered.split(" ")), credentials, new SecureRandom())
                .map(SaslClientMechanism::name)
                .orElse("");
    }

    @Test
    void shouldSendNameAndPasswordWhenPlain() throws Exception {
        SaslClientMechanism client = new PlainClient(CREDENTIALS);

        assertThat(client.initialResponse()).asString().isEqualTo("\0user\0pencil");
        client.complete(Optional.empty());
        assertThatThrownBy(() -> client.respond(new byte[0])).isInstanceOf(SaslException.class);
    }

    @Test
    void shouldSendNothingWhenAnonymous() throws Exception {
        SaslClientMechanism client = new AnonymousClient();

        assertThat(client.initialResponse()).isEmpty();
        client.complete(Optional.empty());
        assertThatThrownBy(() -> client.respond(new byte[0])).isInstanceOf(SaslException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "r=abcdef",
                "r=abc,s=AAAA,i=4096",
                "r=xyz,s=AAAA,i=4096",
                "s=AAAA,r=abcdef,i=4096",
                "r=abcdef,s=*,i=4096",
                "r=abcdef,s=,i=4096",
                "r=abcdef,s=AAAA,i=4095",
                "r=abcdef,s=AAAA,i=1000001",
                "r=abcdef,s=AAAA,i=99999999999",
                "r=abcdef,s=AAAA,i=-4096",
                "m=ext,r=abcdef,s=AAAA,i=4096"
            })
    void shouldRefuseWhenTheServersFirstMessageIsWrong(String message) {
        assertThatThrownBy(() -> scram().respond(utf8(message))).isInstanceOf(SaslException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "v=", "v=*", "v=AAAA", "e=other-error"})
    void shouldRefuseWhenTheServerCannotProveThatItKnowsThePassword(String message) throws Exception {
        SaslClientMechanism client = scram();
        client.respond(utf8(SERVER_FIRST));

        assertThatThrownBy(() -> client.complete(Optional.of(utf8(message)))).isInstanceOf(SaslException.class);
        assertThatThrownBy(() -> client.complete(Optional.empty())).isInstanceOf(SaslException.class);
    }

    @Test
    void shouldRefuseWhenTheServerLetsUsInWithoutAChallenge() {
        assertThatThrownBy(() -> scram().complete(Optional.of(utf8("v=AAAA")))).isInstanceOf(SaslException.class);
    }

    @Test
    void shouldAcceptWhenTheServerSignsInAChallenge() throws Exception {
        PasswordHash hash = PasswordHash.create("pencil", new byte[] {1, 2, 3}, 4096);
        SaslExchange server = new ScramExchange(ScramHash.SHA_512, user -> new Account(user, hash, true), "def");
        ScramClient client = new ScramClient(ScramHash.SHA_512, CREDENTIALS, "abc");
        SaslStep first = step(server, client.initialResponse());
        SaslStep last = step(server, client.respond(((SaslStep.Challenge) first).data()));

        assertThat(client.respond(((SaslStep.Success) last).additionalData())).isEmpty();
        client.complete(Optional.empty());
    }

    @Test
    void shouldKeepThePasswordOutOfLogs() {
        assertThat(CREDENTIALS.toString()).doesNotContain("pencil");
        assertThat(new PlainClient(CREDENTIALS).toString()).doesNotContain("pencil");
    }

    private static ScramClient scram() {
        return new ScramClient(ScramHash.SHA_256, CREDENTIALS, "abc");
    }

    private static SaslStep step(SaslExchange exchange, byte[] response) {
        return exchange.step(Optional.of(response)).toCompletableFuture().join();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
