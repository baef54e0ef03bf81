package io.sterna.broker.cli;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;

/** A node of the demonstration, in a process of its own. Ended by any thread, else owned by the main one. */
final class DemoNode {
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    /** How long one may take that is to end in order. */
    private static final long STOP_SECONDS = 15;

    private final String name;
    private final Ports ports;
    private final List<String> settings;
    private final Path directory;
    private final ManagementClient management;
    private Optional<Process> process = Optional.empty();

    /** Where it listens. */
    record Ports(int amqp, int http, int cluster) {}

    /**
     * Starts nothing yet.
     *
     * @param members of its cluster, as the setting has them
     * @param directory of all nodes
     */
    DemoNode(String name, Ports ports, List<String> members, Path directory) {
        this.name = name;
        this.ports = ports;
        this.directory = directory;
        settings = List.of(
                "cluster.enabled=true",
                "cluster.node-id=" + name,
                "cluster.port=" + ports.cluster(),
                "cluster.members=" + String.join(",", members));
        management = new ManagementClient(URI.create(http()), Optional.empty(), PATIENCE);
    }

    String name() {
        return name;
    }

    String amqp() {
        return "amqp://127.0.0.1:" + ports.amqp();
    }

    String http() {
        return "http://127.0.0.1:" + ports.http();
    }

    Path log() {
        return directory.resolve(name + ".log");
    }

    /** Starts its process, as this one was started. */
    void start() throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xmx256m"); // What follows may say otherwise.
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(each -> !each.startsWith("-agentlib") && !each.startsWith("-javaagent"))
                .forEach(command::add);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName(), "run"));
        command.addAll(List.of("--data", directory.resolve(name).toString()));
        command.addAll(List.of("--port", Integer.toString(ports.amqp())));
        command.addAll(List.of("--http-port", Integer.toString(ports.http())));
        command.add("--until-parent-ends");
        settings.forEach(setting -> command.addAll(List.of("--set", setting)));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()));
        builder.environment().keySet().removeIf(variable -> variable.startsWith("STERNA_"));
        process = Optional.of(builder.start());
    }

    boolean isAlive() {
        return process.filter(Process::isAlive).isPresent();
    }

    Optional<Long> pid() {
        return process.filter(Process::isAlive).map(Process::pid);
    }

    /** With which code it has ended by itself, told once. */
    OptionalInt endedByItself() {
        if (process.isEmpty() || isAlive()) {
            return OptionalInt.empty();
        }
        int code = process.get().exitValue();
        process = Optional.empty();
        return OptionalInt.of(code);
    }

    /** Ends it at once, as a power cut would, and waits until it is gone. */
    void kill() throws InterruptedException {
        if (process.isPresent()) {
            process.get().destroyForcibly().waitFor();
            process = Optional.empty();
        }
    }

    /** Asks it to end. */
    void stop() {
        process.ifPresent(Process::destroy);
    }

    /** Waits until it has ended, and kills it when it does not. */
    void awaitEnd() throws InterruptedException {
        if (process.isPresent() && !process.get().waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
            kill();
        }
    }

    /** What it knows of the cluster; empty when it does not answer. */
    Optional<ClusterView> ask() throws InterruptedException {
        try {
            return isAlive() ? Optional.of(management.cluster()) : Optional.empty();
        } catch (StartException notYet) {
            return Optional.empty();
        }
    }

    int amqpPort() {
        return ports.amqp();
    }
}
