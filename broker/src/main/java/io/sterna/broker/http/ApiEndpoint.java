package io.sterna.broker.http;

import io.sterna.broker.cluster.ClusterNode;
import io.sterna.broker.cluster.ClusterOrder;
import io.sterna.broker.management.ManagementAnswer;
import io.sterna.broker.management.ManagementRequest;
import io.sterna.broker.management.ManagementRequest.Operation;
import io.sterna.broker.management.Manager;
import io.sterna.broker.partition.NodeKind;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Management under {@code /api/v1}, see docs/management.md. Owned by the event loop on which all requests arrive.
 *
 * <p>Where there are users it asks for one; where there are none it serves only clients of this machine. It serves no pages
 * of other origins in a browser.
 */
final class ApiEndpoint {
    static final String PATH = "/api/v1/";
    private static final String NO_SUCH_OPERATION = "there is no such operation; see docs/management.md";
    private static final String FIGURES = "prometheus";
    private static final int MAX_BODY_BYTES = 64 * 1024;
    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;
    private static final int TOO_LARGE = 413;
    private static final Map<String, NodeKind> COLLECTIONS =
            Map.of("queues", NodeKind.QUEUE, "topics", NodeKind.TOPIC, "subscriptions", NodeKind.SUBSCRIPTION);

    private final Vertx vertx;
    private final Supplier<Optional<Manager>> manager;
    private final Supplier<Optional<ClusterNode>> cluster;
    private final Optional<Login> login;

    /**
     * Serves nothing yet.
     *
     * @param cluster empty for a node that is alone
     * @param login asked who it is that sends a request; empty where there are no users
     */
    ApiEndpoint(
            Vertx vertx,
            Supplier<Optional<Manager>> manager,
            Supplier<Optional<ClusterNode>> cluster,
            Optional<Login> login) {
        this.vertx = vertx;
        this.manager = manager;
        this.cluster = cluster;
        this.login = login;
    }

    /** Takes every request to {@link #PATH}. */
    void onRequest(HttpServerRequest request) {
        Optional<String> refusal = refusal(request);
        if (refusal.isPresent()) {
            refuse(request, FORBIDDEN, refusal.get());
            return;
        }
        if (length(request) > MAX_BODY_BYTES || request.headers().contains(HttpHeaders.TRANSFER_ENCODING)) {
            refuse(request, TOO_LARGE, "a body has a Content-Length, of at most " + MAX_BODY_BYTES);
            return;
        }
        if (login.isEmpty()) {
            serve(request);
            return;
        }
        request.pause();
        Context context = vertx.getOrCreateContext();
        login.get()
                .admits(request)
                .thenAccept(admitted -> context.runOnContext(now -> {
                    request.resume();
                    if (admitted) {
                        serve(request);
                    } else {
                        request.response().putHeader("WWW-Authenticate", Login.CHALLENGE);
                        refuse(request, UNAUTHORIZED, "a user of the broker and its password are needed");
                    }
                }));
    }

    private void serve(HttpServerRequest request) {
        request.body().onSuccess(body -> onBody(request, body)).onFailure(gone -> request.connection()
                .close());
    }

    /** Why a client is not served: pages of other sites could else have the browser of an operator send requests. */
    private Optional<String> refusal(HttpServerRequest request) {
        if (login.isEmpty() && !isLoopback(request)) {
            return Optional.of(
                    "management is for clients on the broker's own machine as long as there are no auth.users");
        }
        String origin = request.getHeader("Origin");
        String host = request.getHeader(HttpHeaders.HOST);
        if (origin != null && !origin.equals("http://" + host)) {
            return Optional.of("requests of pages of other origins are not served");
        }
        return Optional.empty();
    }

    private static boolean isLoopback(HttpServerRequest request) {
        String address = request.remoteAddress().hostAddress();
        return address != null
                && (address.startsWith("127.") || address.equals("::1") || address.equals("0:0:0:0:0:0:0:1"));
    }

    private static long length(HttpServerRequest request) {
        try {
            return Long.parseLong(Optional.ofNullable(request.getHeader(HttpHeaders.CONTENT_LENGTH))
                    .orElse("0"));
        } catch (NumberFormatException e) {
            return Long.MAX_VALUE;
        }
    }

    private void onBody(HttpServerRequest request, Buffer body) {
        if (request.path().equals(PATH + ClusterApi.PATH) && request.method().equals(HttpMethod.GET)) {
            onClusterRequest(request);
            return;
        }
        Map<String, Object> fields;
        try {
            fields = body.length() == 0 ? Map.of() : new JsonObject(body).getMap();
        } catch (DecodeException e) {
            refuse(request, ManagementAnswer.BAD_REQUEST, "the body is not a JSON object");
            return;
        }
        if (request.path().startsWith(PATH + ClusterApi.PATH + "/")
                && request.method().equals(HttpMethod.POST)) {
            onClusterOrder(request, new JsonObject(fields));
            return;
        }
        Optional<ManagementRequest> asked = translate(request, fields);
        Optional<Manager> serving = manager.get();
        if (asked.isEmpty()) {
            refuse(request, ManagementAnswer.NOT_FOUND, NO_SUCH_OPERATION);
        } else if (serving.isEmpty()) {
            refuse(request, ManagementAnswer.UNAVAILABLE, "not ready");
        } else {
            Context context = vertx.getOrCreateContext();
            boolean figures = asked.get().operation() == Operation.QUERY && FIGURES.equals(request.getParam("format"));
            Consumer<ManagementAnswer> answer = done -> context.runOnContext(now -> {
                if (figures && done.status() == ManagementAnswer.OK) {
                    answerWithFigures(request, done);
                } else {
                    answer(request, done);
                }
            });
            serving.get().handle(asked.get(), answer);
        }
    }

    private void onClusterRequest(HttpServerRequest request) {
        Context context = vertx.getOrCreateContext();
        withCluster(
                request,
                node -> node.status(status -> context.runOnContext(now ->
                        answer(request, new ManagementAnswer(ManagementAnswer.OK, "", ClusterApi.body(status))))));
    }

    private void onClusterOrder(HttpServerRequest request, JsonObject body) {
        Optional<ClusterOrder> order;
        try {
            order = ClusterApi.order(request.path().substring((PATH + ClusterApi.PATH + "/").length()), body);
        } catch (IllegalArgumentException e) {
            refuse(request, ManagementAnswer.BAD_REQUEST, String.valueOf(e.getMessage()));
            return;
        }
        if (order.isEmpty()) {
            refuse(request, ManagementAnswer.NOT_FOUND, NO_SUCH_OPERATION);
            return;
        }
        Context context = vertx.getOrCreateContext();
        withCluster(
                request,
                node -> node.order(
                        order.get(),
                        refusal -> context.runOnContext(now -> refusal.ifPresentOrElse(
                                why -> refuse(request, ManagementAnswer.CONFLICT, why),
                                () -> answer(request, new ManagementAnswer(ManagementAnswer.OK, "", Map.of()))))));
    }

    private void withCluster(HttpServerRequest request, Consumer<ClusterNode> then) {
        cluster.get()
                .ifPresentOrElse(
                        then,
                        () -> refuse(
                                request,
                                ManagementAnswer.NOT_FOUND,
                                "this node is not part of a cluster, or has not begun yet; see cluster.enabled"));
    }

    /** @param fields of the body; settings for a node that is made or changed, else arguments, of which null is none */
    private static Optional<ManagementRequest> translate(HttpServerRequest request, Map<String, Object> fields) {
        List<String> path = Arrays.stream(
                        request.path().substring(PATH.length()).split("/", -1))
                .map(ApiEndpoint::decoded)
                .toList();
        NodeKind kind = COLLECTIONS.get(path.get(0));
        String address = path.size() > 1 ? path.get(1) : "";
        if (kind == null || (path.size() > 1 && address.isEmpty())) {
            return Optional.empty();
        }
        Map<String, Object> arguments = new HashMap<>();
        request.params().forEach(arguments::put);
        if (path.size() == 4 && path.get(2).equals("scheduled")) {
            arguments.put("message", path.get(3));
        }
        return operation(request.method(), path).map(operation -> {
            Map<String, Optional<Object>> settings = new HashMap<>();
            if (operation == Operation.CREATE || operation == Operation.UPDATE) {
                fields.forEach((key, value) -> settings.put(key, Optional.ofNullable(value)));
            } else {
                fields.forEach((key, value) -> Optional.ofNullable(value).ifPresent(its -> arguments.put(key, its)));
            }
            return new ManagementRequest(operation, Optional.of(kind), address, arguments, settings);
        });
    }

    private static Optional<Operation> operation(HttpMethod method, List<String> path) {
        String what = method + " " + path.size() + (path.size() > 2 ? " " + path.get(2) : "");
        return Optional.ofNullable(
                switch (what) {
                    case "GET 1" -> Operation.QUERY;
                    case "GET 2" -> Operation.READ;
                    case "PUT 2" -> Operation.CREATE;
                    case "PATCH 2" -> Operation.UPDATE;
                    case "DELETE 2" -> Operation.DELETE;
                    case "POST 3 purge" -> Operation.PURGE;
                    case "POST 3 redrive" -> Operation.REDRIVE;
                    case "POST 3 renew-lock" -> Operation.RENEW_LOCK;
                    case "GET 3 scheduled" -> Operation.SCHEDULED;
                    case "DELETE 3 scheduled" -> Operation.CANCEL;
                    case "DELETE 4 scheduled" -> Operation.CANCEL;
                    default -> null;
                });
    }

    private static void answerWithFigures(HttpServerRequest request, ManagementAnswer answer) {
        var response = request.response();
        if (!response.ended() && !response.closed()) {
            response.putHeader(HttpHeaders.CONTENT_TYPE, HttpEndpoint.PROMETHEUS_TEXT)
                    .end(NodeFigures.text(answer.body()));
        }
    }

    private static String decoded(String part) {
        try {
            return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException notEncoded) {
            return part;
        }
    }

    private static void refuse(HttpServerRequest request, int status, String why) {
        answer(request, new ManagementAnswer(status, why, Map.of()));
    }

    private static void answer(HttpServerRequest request, ManagementAnswer answer) {
        var response = request.response();
        if (response.ended() || response.closed()) {
            return;
        }
        response.setStatusCode(answer.status());
        if (answer.status() == ManagementAnswer.NO_CONTENT) {
            response.end();
            return;
        }
        JsonObject body = new JsonObject(new LinkedHashMap<>(answer.body()));
        if (answer.status() >= ManagementAnswer.BAD_REQUEST) {
            body.put("error", answer.description());
        }
        response.putHeader(HttpHeaders.CONTENT_TYPE, "application/json").end(body.encode());
    }
}
