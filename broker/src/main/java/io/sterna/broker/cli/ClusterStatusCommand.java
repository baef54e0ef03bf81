package io.sterna.broker.cli;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code bin/sterna cluster status}. */
@Command(
        name = "status",
        description = {
            "Show which nodes a cluster has, who serves which partitions, and what is not as it should be.%n",
            "    bin/sterna cluster status",
            "    bin/sterna cluster status --url http://10.0.0.2:8161 --user admin%n",
            "Where the broker has users, give one of them with --user; its password is taken from the environment"
                    + " variable STERNA_PASSWORD, or asked for.",
            "%nExit codes: 0 all partitions have an owner and all their copies; 1 some have not, or the node can't be"
                    + " asked; 2 wrong usage."
        })
final class ClusterStatusCommand implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int OK = 200;

    @Option(
            names = "--url",
            paramLabel = "URL",
            defaultValue = "http://127.0.0.1:8161",
            description = "A node's HTTP address (default ${DEFAULT-VALUE}).")
    private String url = "";

    @Option(names = "--user", paramLabel = "NAME", description = "A user of the broker.")
    private Optional<String> user = Optional.empty();

    @Option(names = "--partitions", description = "Show each partition, too.")
    private boolean each;

    @Override
    public Integer call() throws StartException, InterruptedException {
        JsonObject status = ask();
        List<JsonObject> partitions = objects(status.getJsonArray("partitions", new JsonArray()));
        System.out.println("asked " + status.getString("node")
                + Optional.ofNullable(status.getString("problem"))
                        .map(problem -> ", which serves no clients: " + problem)
                        .orElse(""));
        objects(status.getJsonArray("nodes", new JsonArray())).forEach(ClusterStatusCommand::showNode);
        List<JsonObject> ownerless = partitions.stream()
                .filter(partition -> !partition.containsKey("owner"))
                .toList();
        List<JsonObject> incomplete = partitions.stream()
                .filter(partition -> partition.containsKey("owner"))
                .filter(partition -> !texts(partition, "inSync").containsAll(texts(partition, "wanted")))
                .toList();
        System.out.println(partitions.size() + " partitions: "
                + (partitions.size() - ownerless.size() - incomplete.size()) + " as they should be, "
                + incomplete.size()
                + " with copies still to come, " + ownerless.size() + " without an owner");
        Stream<JsonObject> shown = each ? partitions.stream() : Stream.concat(ownerless.stream(), incomplete.stream());
        shown.forEach(ClusterStatusCommand::showPartition);
        boolean well = ownerless.isEmpty() && incomplete.isEmpty() && !status.containsKey("problem");
        return well ? ExitCode.OK.code() : ExitCode.FAILED.code();
    }

    private JsonObject ask() throws StartException, InterruptedException {
        try {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url).resolve("/api/v1/cluster"))
                    .timeout(PATIENCE);
            user.ifPresent(name -> request.header("Authorization", "Basic " + credentials(name)));
            HttpResponse<String> response = HttpClient.newBuilder()
                    .connectTimeout(PATIENCE)
                    .build()
                    .send(request.build(), HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() != OK) {
                throw new StartException(
                        ExitCode.FAILED, url + " answers " + response.statusCode() + ": " + response.body());
            }
            return new JsonObject(response.body());
        } catch (IllegalArgumentException e) {
            throw new StartException(ExitCode.USAGE, "--url " + url + ": " + e.getMessage());
        } catch (IOException | DecodeException e) {
            throw new StartException(
                    ExitCode.FAILED,
                    "can't ask " + url + ": "
                            + Optional.ofNullable(e.getMessage()).orElse("nobody listens there")
                            + "; name a running node with --url");
        }
    }

    private static String credentials(String name) {
        String password = Optional.ofNullable(System.getenv("STERNA_PASSWORD"))
                .or(() -> Optional.ofNullable(System.console())
                        .map(console -> new String(console.readPassword("Password of %s: ", name))))
                .orElse("");
        return Base64.getEncoder().encodeToString((name + ":" + password).getBytes(StandardCharsets.UTF_8));
    }

    private static List<JsonObject> objects(JsonArray array) {
        List<JsonObject> objects = new ArrayList<>();
        for (int index = 0; index < array.size(); index++) {
            objects.add(array.getJsonObject(index));
        }
        return objects;
    }

    private static void showNode(JsonObject node) {
        System.out.printf(
                "  %-30s %s, owns %d, has copies of %d%n",
                node.getString("id") + (node.getBoolean("witness", false) ? " (witness)" : ""),
                node.getBoolean("present", false) ? "there" : "AWAY",
                node.getInteger("owned", 0),
                node.getInteger("held", 0));
    }

    private static void showPartition(JsonObject partition) {
        System.out.printf(
                "  partition %d, epoch %d: owner %s, in sync %s, to be at %s%s%n",
                partition.getInteger("partition", -1),
                partition.getLong("epoch", 0L),
                Optional.ofNullable(partition.getString("owner")).orElse("none"),
                texts(partition, "inSync"),
                texts(partition, "wanted"),
                partition.containsKey("waitingFor") ? ", waits for " + texts(partition, "waitingFor") : "");
    }

    private static List<String> texts(JsonObject object, String name) {
        return object.getJsonArray(name, new JsonArray()).stream()
                .map(Object::toString)
                .toList();
    }
}
