package io.sterna.bench.nodes;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** Asks a node of a cluster over HTTP. Any thread. */
public final class NodeApi {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final HttpClient http = HttpClient.newHttpClient();
    private final URI node;

    /**
     * Of a node that asks for no name and no password.
     *
     * @param node {@code http://host:port}
     */
    public NodeApi(URI node) {
        this.node = node;
    }

    /**
     * What it says of its cluster.
     *
     * @throws IOException when it does not answer, or is not a node of a cluster
     */
    public ClusterState cluster() throws IOException, InterruptedException {
        return ClusterState.of(new JsonObject(send(request("/api/v1/cluster"))));
    }

    /** What an operator asks of the cluster: {@code drain} or {@code undrain}, and of which node. */
    void order(String what, String id) throws IOException, InterruptedException {
        send(request("/api/v1/cluster/" + what)
                .POST(HttpRequest.BodyPublishers.ofString(
                        new JsonObject().put("node", id).encode())));
    }

    /** What it counts and measures, as Prometheus reads it. */
    String metrics() throws IOException, InterruptedException {
        return send(request("/metrics"));
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(node.resolve(path)).timeout(PATIENCE);
    }

    private String send(HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpResponse<String> response = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != 200) {
            throw new IOException(node + " answers " + response.statusCode() + ": " + response.body());
        }
        return response.body();
    }
}
