package io.sterna.broker.management;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.amqp.sasl.PasswordHash;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may manage over HTTP where the broker has users (RFC 7617). */
@Timeout(60)
final class HttpLoginTest {
    private static final PasswordHash HASH = PasswordHash.create("geh:eim", new SecureRandom());

    private ManagedBroker broker;

    @BeforeEach
    void start() throws Exception {
        broker = new ManagedBroker("auth.users.\"ödön\"=" + HASH, "auth.anonymous=true");
    }

    @AfterEach
    void stop() {
        broker.close();
    }

    private static String basic(String userAndPassword) {
        return "Basic " + Base64.getEncoder().encodeToString(userAndPassword.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void shouldServeAUserWithItsPassword() throws Exception {
        HttpResponse<String> made =
                broker.call("PUT", "queues/q", "{\"max-length\": 5}", "Authorization", basic("ödön:geh:eim"));
        assertThat(made.statusCode()).isEqualTo(201);
        assertThat(new JsonObject(made.body()).getInteger("max-length")).isEqualTo(5);
    }

    @ParameterizedTest
    @CsvSource({"ödön:falsch", "other:geh:eim", "ödön", ":", "anonymous:"})
    void shouldRefuseOthers(String userAndPassword) throws Exception {
        HttpResponse<String> refused = broker.call("PUT", "queues/q", "{}", "Authorization", basic(userAndPassword));
        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(refused.headers().firstValue("WWW-Authenticate"))
                .hasValue("Basic realm=\"Sterna\", charset=\"UTF-8\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Basic", "Basic ???", "Bearer abc", "SCRAM-SHA-256 a=b"})
    void shouldRefuseWhatIsNoBasicLogin(String header) throws Exception {
        assertThat(broker.call("GET", "queues", "", "Authorization", header).statusCode())
                .isEqualTo(401);
    }

    @Test
    void shouldAskNobodyForHealthAndFigures() throws Exception {
        assertThat(broker.status("GET", "queues")).isEqualTo(401);
        assertThat(broker.plainStatus("/healthz")).isEqualTo(200);
        assertThat(broker.plainStatus("/readyz")).isEqualTo(200);
        assertThat(broker.plainStatus("/metrics")).isEqualTo(200);
    }
}
