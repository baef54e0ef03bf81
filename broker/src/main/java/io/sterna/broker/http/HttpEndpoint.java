package io.sterna.broker.http;

import io.netty.handler.codec.http.HttpResponseStatus;
import io.sterna.amqp.sasl.SaslAuthenticator;
import io.sterna.broker.cluster.ClusterNode;
import io.sterna.broker.config.HttpConfig;
import io.sterna.broker.management.Manager;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers {@code /healthz}, {@code /readyz}, {@code /metrics} and {@code /api/v1}. Owned by one event loop, on which all requests arrive. */
public final class HttpEndpoint {
    private static final Logger LOG = LoggerFactory.getLogger(HttpEndpoint.class);
    static final int MAX_CONNECTIONS = 256;
    private static final int MAX_HEADER_BYTES = 8 * 1024;
    private static final int MAX_REQUEST_LINE_BYTES = 4 * 1024;
    private static final int IDLE_TIMEOUT_SECONDS = 30;
    private static final String TEXT = "text/plain; charset=utf-8";
    static final String PROMETHEUS_TEXT = "text/plain; version=0.0.4; charset=utf-8";

    private final Vertx vertx;
    private final HttpServer server;
    private final Supplier<Optional<String>> problem;
    private final Metrics metrics;
    private final ApiEndpoint api;
    private int connections;

    private HttpEndpoint(
            HttpConfig config,
            Vertx vertx,
            Supplier<Optional<String>> problem,
            Metrics metrics,
            Supplier<Optional<Manager>> manager,
            Supplier<Optional<ClusterNode>> cluster,
            Optional<SaslAuthenticator> users) {
        api = new ApiEndpoint(vertx, manager, cluster, users.map(Login::new));
        this.vertx = vertx;
        this.problem = problem;
        this.metrics = metrics;
        server = vertx.createHttpServer(new HttpServerOptions()
                        .setHost(config.host())
                        .setPort(config.port())
                        .setIdleTimeout(IDLE_TIMEOUT_SECONDS)
                        .setMaxInitialLineLength(MAX_REQUEST_LINE_BYTES)
                        .setMaxHeaderSize(MAX_HEADER_BYTES)
                        .setHttp2ClearTextEnabled(false))
                .connectionHandler(connection -> {
                    connections++;
                    connection.closeHandler(closed -> connections--);
                    if (connections > MAX_CONNECTIONS) {
                        connection.close();
                    }
                })
                .requestHandler(this::onRequest);
    }

    /**
     * Begins to listen.
     *
     * @param problem why clients are not served, empty while they are; any thread, must not block
     * @param manager does what operators ask for, empty while nothing can be done; any thread, must not block
     * @param cluster this node's part in its cluster, empty while there is none; any thread, must not block
     * @param users who may manage, offering PLAIN; empty when there are none, and only this machine may
     * @return completed when listening; failed when that is not possible
     */
    public static Future<HttpEndpoint> start(
            HttpConfig config,
            Vertx vertx,
            Supplier<Optional<String>> problem,
            Metrics metrics,
            Supplier<Optional<Manager>> manager,
            Supplier<Optional<ClusterNode>> cluster,
            Optional<SaslAuthenticator> users) {
        HttpEndpoint endpoint = new HttpEndpoint(config, vertx, problem, metrics, manager, cluster, users);
        return endpoint.server.listen().map(endpoint);
    }

    public int port() {
        return server.actualPort();
    }

    public Future<Void> stop() {
        return server.close();
    }

    private void onRequest(HttpServerRequest request) {
        String path = request.path() == null ? "" : request.path();
        if (path.startsWith(ApiEndpoint.PATH)) {
            api.onRequest(request);
            return;
        }
        boolean known = path.equals("/healthz") || path.equals("/readyz") || path.equals("/metrics");
        if (!known) {
            answer(
                    request,
                    HttpResponseStatus.NOT_FOUND,
                    "not found; there are /healthz, /readyz, /metrics and /api/v1\n");
        } else if (!request.method().equals(HttpMethod.GET) && !request.method().equals(HttpMethod.HEAD)) {
            request.response().putHeader(HttpHeaders.ALLOW, "GET, HEAD");
            answer(request, HttpResponseStatus.METHOD_NOT_ALLOWED, "only GET and HEAD are allowed here\n");
        } else if (hasBody(request)) {
            answer(request, HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE, "a request here has no body\n");
        } else if (path.equals("/healthz")) {
            answer(request, HttpResponseStatus.OK, "alive\n");
        } else if (path.equals("/readyz")) {
            onReadyRequest(request);
        } else {
            onMetricsRequest(request);
        }
    }

    private void onReadyRequest(HttpServerRequest request) {
        Optional<String> reason = problem.get();
        if (reason.isEmpty()) {
            answer(request, HttpResponseStatus.OK, "ready\n");
        } else {
            answer(request, HttpResponseStatus.SERVICE_UNAVAILABLE, "not ready: " + reason.get() + "\n");
        }
    }

    private void onMetricsRequest(HttpServerRequest request) {
        vertx.executeBlocking(metrics::scrape)
                .onSuccess(text -> answer(request, HttpResponseStatus.OK, text, PROMETHEUS_TEXT))
                .onFailure(failure -> {
                    LOG.error("Metrics cannot be read", failure);
                    answer(request, HttpResponseStatus.INTERNAL_SERVER_ERROR, "metrics cannot be read; see the log\n");
                });
    }

    private static boolean hasBody(HttpServerRequest request) {
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        return request.headers().contains(HttpHeaders.TRANSFER_ENCODING) || (length != null && !length.equals("0"));
    }

    private static void answer(HttpServerRequest request, HttpResponseStatus status, String text) {
        answer(request, status, text, TEXT);
    }

    private static void answer(HttpServerRequest request, HttpResponseStatus status, String text, String contentType) {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        var response = request.response()
                .setStatusCode(status.code())
                .putHeader(HttpHeaders.CONTENT_TYPE, contentType)
                .putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length));
        boolean last = hasBody(request);
        if (last) {
            response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        }
        Future<Void> ended =
                request.method().equals(HttpMethod.HEAD) ? response.end() : response.end(Buffer.buffer(body));
        if (last) {
            // The peer may go on sending its body for ever.
            ended.onComplete(sent -> request.connection().close());
        }
    }
}
