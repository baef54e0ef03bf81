package io.sterna.amqp.sasl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import javax.security.sasl.SaslException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Both sides against each other, and the server against everything else. */
class UserAuthenticatorTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Executor DIRECT = Runnable::run;
    private static final Map<String, PasswordHash> USERS = Map.of(
            "alice", PasswordHash.create("wonder,land=", RANDOM), "b=o,b", PasswordHash.create("p\u00e4ss", RANDOM));

    private final UserAuthenticator authenticator = new UserAuthenticator(USERS, true, DIRECT, RANDOM);

    @Test
    void shouldOfferStrongestFirst() {
        assertThat(authenticator.mechanisms()).containsExactly("SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN", "ANONYMOUS");
        assertThat(new UserAuthenticator(USERS, false, DIRECT, RANDOM).mechanisms())
                .containsExactly("SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN");
        assertThat(new UserAuthenticator(Map.of(), true, DIRECT, RANDOM).mechanisms())
                .containsExactly("ANONYMOUS");
    }

    @Test
    void shouldNotBeginWhenNotOffered() {
        assertThat(authenticator.begin("EXTERNAL")).isEmpty();
        assertThat(authenticator.begin("plain")).isEmpty();
        assertThat(new UserAuthenticator(USERS, false, DIRECT, RANDOM).begin("ANONYMOUS"))
                .isEmpty();
        assertThat(new UserAuthenticator(Map.of(), true, DIRECT, RANDOM).begin("PLAIN"))
                .isEmpty();
        assertThat(new UserAuthenticator(Map.of(), true, DIRECT, RANDOM).begin("SCRAM-SHA-256"))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"})
    void shouldAgreeWhenTheCredentialsAreRight(String mechanism) throws Exception {
        assertThat(play(mechanism, "alice", "wonder,land=")).isEqualTo(new Played(true, "alice"));
        assertThat(play(mechanism, "b=o,b", "pa\u0308ss")).isEqualTo(new Played(true, "b=o,b"));
        assertThat(play(mechanism, "al\u00adice", "wonder,land=")).isEqualTo(new Played(true, "alice"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"})
    void shouldFailAlikeWhenUserOrPasswordIsWrong(String mechanism) throws Exception {
        Played wrongPassword = play(mechanism, "alice", "wrong");

        assertThat(wrongPassword.ok()).isFalse();
        assertThat(wrongPassword.userOrReason()).endsWith("user unknown or password wrong");
        assertThat(play(mechanism, "nobody", "wonder,land=")).isEqualTo(wrongPassword);
        assertThat(play(mechanism, "", "x").ok()).isFalse();
    }

    private record Played(boolean ok, String userOrReason) {}

    private Played play(String mechanism, String user, String password) throws SaslException {
        SaslClientMechanism client = SaslClientMechanism.choose(
                        List.of(mechanism), Optional.of(new SaslCredentials(user, password)), RANDOM)
                .orElseThrow();
        SaslExchange exchange = authenticator.begin(client.name()).orElseThrow();
        SaslStep step = step(exchange, client.initialResponse());
        while (step instanceof SaslStep.Challenge challenge) {
            step = step(exchange, client.respond(challenge.data()));
        }
        if (step instanceof SaslStep.Success success) {
            client.complete(Optional.of(success.additionalData()));
            return new Played(true, success.user());
        }
        SaslStep.Failure failure = (SaslStep.Failure) step;
        assertThat(failure.code()).isEqualTo(SaslFailure.AUTH);
        return new Played(false, failure.reason());
    }

    @Test
    void shouldLetInWhenAnonymous() {
        SaslStep step = authenticator
                .begin("ANONYMOUS")
                .orElseThrow()
                .step(Optional.empty())
                .toCompletableFuture()
                .join();

        assertThat(step).isInstanceOfSatisfying(SaslStep.Success.class, success -> assertThat(success.user())
                .isEqualTo("anonymous"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"})
    void shouldAskWhenThereIsNoInitialResponse(String mechanism) {
        SaslExchange exchange = authenticator.begin(mechanism).orElseThrow();

        assertThat(exchange.step(Optional.empty()).toCompletableFuture().join())
                .isInstanceOfSatisfying(SaslStep.Challenge.class, challenge -> assertThat(challenge.data())
                        .isEmpty());
        assertThat(exchange.step(Optional.empty()).toCompletableFuture().join()).isInstanceOf(SaslStep.Failure.class);
    }

    @Test
    void shouldChallengeAlikeWhenTheUserIsUnknown() {
        String known = challenge("alice");
        String unknown = challenge("nobody");

        assertThat(saltAndIterations(unknown)).hasSameSizeAs(saltAndIterations(known));
        assertThat(saltAndIterations(unknown)).endsWith(",i=8192");
        assertThat(saltAndIterations(challenge("nobody"))).isEqualTo(saltAndIterations(unknown));
        assertThat(saltAndIterations(challenge("nobody2"))).isNotEqualTo(saltAndIterations(unknown));
        assertThat(saltAndIterations(challenge("alice"))).isEqualTo(saltAndIterations(known));
        assertThat(challenge("alice")).isNotEqualTo(known);
    }

    private String challenge(String user) {
        SaslStep step = step(authenticator.begin("SCRAM-SHA-256").orElseThrow(), utf8("n,,n=" + user + ",r=abc"));
        return new String(((SaslStep.Challenge) step).data(), StandardCharsets.UTF_8);
    }

    private static String saltAndIterations(String challenge) {
        return challenge.substring(challenge.indexOf(",s="));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "n",
                "n,,",
                "n,,n=alice",
                "n,,r=abc,n=alice",
                "n,,n=,r=abc",
                "n,,n=alice,r=",
                "n,,n=alice,r=a b",
                "n,,n=al=ice,r=abc",
                "n,,n=al=2cice,r=abc",
                "p=tls-unique,,n=alice,r=abc",
                "x,,n=alice,r=abc",
                "n,a=bob,n=alice,r=abc",
                "n,b=alice,n=alice,r=abc",
                "n,,m=ext,n=alice,r=abc",
                "n=alice,r=abc,,"
            })
    void shouldFailWhenTheFirstScramMessageIsWrong(String message) {
        assertAuthFailure(step(authenticator.begin("SCRAM-SHA-256").orElseThrow(), utf8(message)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"n,,n=alice,r=abc", "y,,n=alice,r=abc", "n,a=alice,n=alice,r=abc", "n,,n=alice,r=abc,x=ext"})
    void shouldChallengeWhenTheFirstScramMessageIsRight(String message) {
        assertThat(step(authenticator.begin("SCRAM-SHA-256").orElseThrow(), utf8(message)))
                .isInstanceOf(SaslStep.Challenge.class);
    }

    /** NONCE stands for the right nonce. The proofs are wrong, but that is not what is complained about. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "c=biws",
                "c=biws,r=NONCE",
                "p=AAAA",
                "c=biws,p=AAAA",
                "c=biws,r=NONCE,p=*",
                "c=biws,r=NONCE,p=AAAA",
                "c=eSws,r=NONCE,p=PROOF",
                "c=biws,r=abc,p=PROOF",
                "c=biws,r=NONCEx,p=PROOF",
                "r=NONCE,c=biws,p=PROOF"
            })
    void shouldFailWhenTheFinalScramMessageIsWrong(String message) {
        SaslExchange exchange = authenticator.begin("SCRAM-SHA-256").orElseThrow();
        SaslStep first = step(exchange, utf8("n,,n=alice,r=abc"));
        String challenge = new String(((SaslStep.Challenge) first).data(), StandardCharsets.UTF_8);
        String nonce = challenge.substring(2, challenge.indexOf(','));
        String proof = Scram.base64(new byte[32]);

        SaslStep step = step(exchange, utf8(message.replace("NONCE", nonce).replace("PROOF", proof)));

        assertAuthFailure(step);
        assertThat(((SaslStep.Failure) step).reason()).doesNotContain("password");
        assertAuthFailure(step(exchange, utf8("n,,n=alice,r=abc")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "alice",
                "\0alice",
                "\0alice\0",
                "\0\0x",
                "\0alice\0wonder,land=\0",
                "bob\0alice\0wonder,land="
            })
    void shouldFailWhenThePlainMessageIsWrong(String message) {
        SaslExchange exchange = authenticator.begin("PLAIN").orElseThrow();

        assertAuthFailure(step(exchange, utf8(message)));
        assertAuthFailure(step(exchange, utf8("\0alice\0wonder,land=")));
    }

    @Test
    void shouldLetInWhenThePlainAuthorizationIsOneself() {
        assertThat(step(authenticator.begin("PLAIN").orElseThrow(), utf8("alice\0alice\0wonder,land=")))
                .isInstanceOf(SaslStep.Success.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"})
    void shouldFailWhenTooLongOrNotUtf8(String mechanism) {
        byte[] tooLong = new byte[UserAuthenticator.MOST_RESPONSE_BYTES + 1];
        Arrays.fill(tooLong, (byte) 'a');

        assertAuthFailure(step(authenticator.begin(mechanism).orElseThrow(), tooLong));
        assertAuthFailure(step(authenticator.begin(mechanism).orElseThrow(), new byte[] {0, (byte) 0xff, 0, 'x'}));
    }

    @Test
    void shouldFailForNowWhenTheExecutorRejects() {
        Executor full = task -> {
            throw new RejectedExecutionException();
        };
        SaslExchange exchange =
                new UserAuthenticator(USERS, false, full, RANDOM).begin("PLAIN").orElseThrow();

        assertThat(step(exchange, utf8("\0alice\0x")))
                .isInstanceOfSatisfying(SaslStep.Failure.class, failure -> assertThat(failure.code())
                        .isEqualTo(SaslFailure.SYS_TEMP));
    }

    @Test
    void shouldHashOnTheExecutorWhenPlain() {
        CompletableFuture<Runnable> task = new CompletableFuture<>();
        SaslExchange exchange = new UserAuthenticator(USERS, false, task::complete, RANDOM)
                .begin("PLAIN")
                .orElseThrow();

        CompletableFuture<SaslStep> step =
                exchange.step(Optional.of(utf8("\0alice\0wonder,land="))).toCompletableFuture();

        assertThat(step).isNotDone();
        task.join().run();
        assertThat(step).isCompletedWithValueMatching(result -> result instanceof SaslStep.Success);
    }

    @Test
    void shouldRefuseToBeBuiltWhenUserNamesClashOrAreProhibited() {
        PasswordHash hash = USERS.get("alice");

        assertThatThrownBy(() -> new UserAuthenticator(Map.of("a", hash, "\u00aa", hash), false, DIRECT, RANDOM))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new UserAuthenticator(Map.of("", hash), false, DIRECT, RANDOM))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Property(tries = 500)
    void shouldOnlyEverFailWhenGarbageIsSent(
            @ForAll @Size(max = 60) byte[] first, @ForAll @Size(max = 60) byte[] second) {
        for (String mechanism : List.of("SCRAM-SHA-256", "SCRAM-SHA-512")) {
            SaslExchange exchange = authenticator.begin(mechanism).orElseThrow();
            assertAuthFailure(step(exchange, first));
            exchange = authenticator.begin(mechanism).orElseThrow();
            step(exchange, utf8("n,,n=alice,r=abc"));
            assertAuthFailure(step(exchange, second));
        }
    }

    @Property(tries = 100)
    void shouldOnlyEverFailWhenPlainGarbageIsSent(@ForAll String user, @ForAll String password) {
        assertAuthFailure(step(authenticator.begin("PLAIN").orElseThrow(), utf8("\0" + user + "\0" + password)));
    }

    private static void assertAuthFailure(SaslStep step) {
        assertThat(step).isInstanceOfSatisfying(SaslStep.Failure.class, failure -> assertThat(failure.code())
                .isEqualTo(SaslFailure.AUTH));
    }

    private static SaslStep step(SaslExchange exchange, byte[] response) {
        return exchange.step(Optional.of(response)).toCompletableFuture().join();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
