package io.sterna.broker.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.Counter;
import io.sterna.broker.config.HttpConfig;
import io.sterna.store.StoreMetrics;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class HttpEndpointTest {
    private final Vertx vertx = Vertx.vertx();
    private final StoreMetrics figures = new StoreMetrics(11, 12, 13, 14, 15, 16, 17, 18);
    private final Metrics metrics = new Metrics(() -> figures);
    private final AtomicReference<Optional<String>> problem = new AtomicReference<>(Optional.empty());
    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();
    private int port;

    @BeforeEach
    void start() {
        port = HttpEndpoint.start(
                        new HttpConfig("127.0.0.1", 0),
                        vertx,
                        problem::get,
                        metrics,
                        Optional::empty,
                        Optional::empty,
                        Optional.empty())
                .await()
                .port();
    }

    @AfterEach
    void stop() {
        vertx.close().await();
        metrics.close();
    }

    @Test
    void shouldBeAliveAndReadyWhenThereIsNoProblem() throws Exception {
        assertThat(get("/healthz").statusCode()).isEqualTo(200);
        assertThat(get("/readyz").statusCode()).isEqualTo(200);
        assertThat(get("/readyz").body()).isEqualTo("ready\n");
    }

    @Test
    void shouldSayWhyWhenNotReady() throws Exception {
        problem.set(Optional.of("the store has failed: disk full"));

        assertThat(get("/readyz").statusCode()).isEqualTo(503);
        assertThat(get("/readyz").body()).isEqualTo("not ready: the store has failed: disk full\n");
        assertThat(get("/healthz").statusCode()).isEqualTo(200);
    }

    @Test
    void shouldShowTheFiguresOfProcessStoreAndBroker() throws Exception {
        Counter.builder("sterna.broker.test").register(metrics.registry()).increment(3);

        System.gc(); // meters hold weakly what they measure
        HttpResponse<String> response = get("/metrics");

        assertThat(response.headers().firstValue("content-type")).hasValue("text/plain; version=0.0.4; charset=utf-8");
        assertThat(response.body().lines())
                .contains(
                        "sterna_store_records_total 11.0",
                        "sterna_store_appended_bytes_total 12.0",
                        "sterna_store_forces_total 13.0",
                        "sterna_store_checkpoints_total 14.0",
                        "sterna_store_journal_segments 15.0",
                        "sterna_store_journal_bytes 16.0",
                        "sterna_store_messages_bytes 17.0",
                        "sterna_store_damages_total 18.0",
                        "sterna_broker_test_total 3.0")
                .anyMatch(line -> line.startsWith("jvm_memory_used_bytes{"))
                .anyMatch(line -> line.startsWith("jvm_threads_live_threads "))
                .anyMatch(line -> line.startsWith("jvm_gc_"))
                .anyMatch(line -> line.startsWith("process_cpu_usage "));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/healthz/", "/readyz/x", "/api/v2/queues", "/metrics.txt"})
    void shouldAnswerNotFoundWhenThePathIsUnknown(String path) throws Exception {
        assertThat(get(path).statusCode()).isEqualTo(404);
        assertThat(get(path).body()).contains("/healthz", "/readyz", "/metrics");
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE", "OPTIONS"})
    void shouldNameTheAllowedMethodsWhenAnotherIsUsed(String method) throws Exception {
        HttpResponse<String> response = send(request("/healthz").method(method, BodyPublishers.ofString("x")));

        assertThat(response.statusCode()).isEqualTo(405);
        assertThat(response.headers().firstValue("allow")).hasValue("GET, HEAD");
    }

    @Test
    void shouldAnswerHeadWithoutABody() throws Exception {
        HttpResponse<String> response = send(request("/healthz").method("HEAD", BodyPublishers.noBody()));

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("content-length")).hasValue("6");
        assertThat(response.body()).isEmpty();
    }

    @Test
    void shouldCloseTheConnectionWhenARequestHasABody() throws Exception {
        String answer =
                exchange("GET /healthz HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n");

        assertThat(answer).startsWith("HTTP/1.1 413 ").contains("connection: close");
    }

    @Test
    void shouldRefuseARequestLineThatIsTooLong() throws Exception {
        assertThat(exchange("GET /" + "x".repeat(5000) + " HTTP/1.1\r\n\r\n")).contains(" 414 ");
    }

    @Test
    void shouldRefuseHeadersThatAreTooLong() throws Exception {
        assertThat(exchange("GET /healthz HTTP/1.1\r\nX: " + "x".repeat(9000) + "\r\n\r\n"))
                .contains(" 431 ");
    }

    @Test
    void shouldCloseTheNewestConnectionWhenThereAreTooMany() throws Exception {
        List<Socket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < HttpEndpoint.MAX_CONNECTIONS; i++) {
                sockets.add(connect());
            }
            assertThat(answersOn(sockets.get(0))).isTrue();
            assertThat(answersOn(sockets.get(HttpEndpoint.MAX_CONNECTIONS - 1))).isTrue();
            try (Socket surplus = connect()) {
                assertThat(answersOn(surplus)).isFalse();
            }
            assertThat(answersOn(sockets.get(0))).isTrue();
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
        await().until(() -> {
            try (Socket socket = connect()) {
                return answersOn(socket);
            }
        });
    }

    @Test
    @Tag("long")
    @Timeout(90)
    void shouldCloseAConnectionThatIsIdle() throws Exception {
        try (Socket socket = connect()) {
            socket.setSoTimeout(60_000);
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send(request(path));
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(10));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(request.build(), BodyHandlers.ofString());
    }

    /** Writes raw text and reads until the server closes. */
    private String exchange(String text) throws IOException {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(10_000);
        return socket;
    }

    private static boolean answersOn(Socket socket) throws IOException {
        try {
            socket.getOutputStream()
                    .write("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            StringBuilder answer = new StringBuilder();
            while (answer.indexOf("alive\n") < 0) {
                int next = socket.getInputStream().read();
                if (next < 0) {
                    return false;
                }
                answer.append((char) next);
            }
            return true;
        } catch (SocketException e) {
            return false; // reset
        }
    }
}
