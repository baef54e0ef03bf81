package io.sterna.broker.cli;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;

/** Asks a running node over HTTP, see docs/management.md. Blocks, for a bounded time. Any thread. */
final class ManagementClient {
    private static final int SUCCESS = 200;
    private static final int NO_SUCCESS = 300;

    private final URI node;
    private final Optional<String> credentials;
    private final Duration patience;
    private final HttpClient http;

    /**
     * Asks nothing yet.
     *
     * @param credentials as HTTP's Basic scheme has them; empty to come as nobody
     * @param patience how long an answer may take
     */
    ManagementClient(URI node, Optional<String> credentials, Duration patience) {
        this.node = node;
        this.credentials = credentials;
        this.patience = patience;
        http = HttpClient.newBuilder().connectTimeout(patience).build();
    }

    /** The node's view of its cluster. */
    ClusterView cluster() throws StartException, InterruptedException {
        return ClusterView.of(send("cluster", Optional.empty()));
    }

    /** Has the node do something, and returns what it answers. */
    JsonObject post(String path, JsonObject body) throws StartException, InterruptedException {
        return send(path, Optional.of(body));
    }

    private JsonObject send(String path, Optional<JsonObject> body) throws StartException, InterruptedException {
        try {
            HttpRequest.Builder request =
                    HttpRequest.newBuilder(node.resolve("/api/v1/" + path)).timeout(patience);
            credentials.ifPresent(its -> request.header("Authorization", "Basic " + its));
            body.ifPresent(its -> request.POST(BodyPublishers.ofString(its.encode())));
            HttpResponse<String> response = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
            boolean done = response.statusCode() >= SUCCESS && response.statusCode() < NO_SUCCESS;
            if (!done) {
                throw new StartException(
                        ExitCode.FAILED, node + " answers " + response.statusCode() + ": " + error(response.body()));
            }
            return new JsonObject(response.body());
        } catch (IOException | DecodeException e) {
            throw new StartException(
                    ExitCode.FAILED,
                    "can't ask " + node + ": "
                            + Optional.ofNullable(e.getMessage()).orElse("nobody listens there")
                            + "; name a running node with --url");
        }
    }

    private static String error(String body) {
        try {
            return Optional.ofNullable(new JsonObject(body).getString("error")).orElse(body);
        } catch (DecodeException | ClassCastException notOurs) {
            return body;
        }
    }
}
