package io.sterna.bench.nodes;

import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.qpid.jms.JmsConnectionFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code bench/cluster --balance}. */
@Command(
        name = "cluster --balance",
        mixinStandardHelpOptions = true,
        description = {
            "Count how many queues and partitions each of three nodes owns, and what moves when a fourth one joins.%n",
            "The queues have a message each and are counted by the nodes that serve them. Since another set of names falls"
                    + " otherwise on the partitions, it is also computed how far from even sets of as many names are."
        },
        footer =
                "%nExit code: 0; 1 when a node owns 10 %% more or less queues than is even, or when more moves than the fourth"
                        + " node's share.")
public final class BalanceCommand implements Callable<Integer> {
    private static final double MOST_PERCENT = 10;
    private static final int SETS = 1_000;

    @Option(names = "--launcher", paramLabel = "FILE", required = true, hidden = true)
    private String launcher = "";

    @Option(names = "--queues", defaultValue = "1000", description = "How many (default ${DEFAULT-VALUE}).")
    private int queues;

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new BalanceCommand()).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        Path directory = Files.createTempDirectory("sterna-balance");
        System.err.println("logs are in " + directory);
        try (Nodes nodes = new Nodes(launcher, directory)) {
            List<String> three = IntStream.range(0, 3).mapToObj(nodes::id).toList();
            List<String> four = IntStream.range(0, 4).mapToObj(nodes::id).toList();
            nodes.start(0, 1, 2);
            nodes.awaitSettled(state -> three.stream().allMatch(state::ownsAny));
            fill(nodes.port(0));
            ClusterState before = nodes.awaitSettled(state -> three.stream().allMatch(state::ownsAny));
            boolean even = showSpread("three nodes", nodes, before, three);
            nodes.start(3);
            ClusterState after = nodes.awaitSettled(state -> four.stream().allMatch(state::ownsAny));
            even &= showSpread("a fourth joined", nodes, after, four);
            boolean onlyItsShare = showMoves(before, after, nodes.id(3));
            return even && onlyItsShare ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
        }
    }

    private void fill(int port) throws JMSException {
        try (Connection connection = new JmsConnectionFactory("amqp://127.0.0.1:" + port).createConnection();
                Session session = connection.createSession()) {
            for (int queue = 0; queue < queues; queue++) {
                try (MessageProducer producer = session.createProducer(session.createQueue("balance." + queue))) {
                    producer.send(session.createTextMessage("here"));
                }
            }
        }
    }

    private boolean showSpread(String title, Nodes nodes, ClusterState state, List<String> ids)
            throws IOException, InterruptedException {
        List<Long> partitions = ids.stream()
                .map(id -> state.partitions().stream()
                        .filter(its -> its.owner().filter(id::equals).isPresent())
                        .count())
                .toList();
        List<Long> counted = new ArrayList<>();
        for (int node = 0; node < ids.size(); node++) {
            counted.add(queuesOf(nodes.api(node)));
        }
        double percent = percentFromEven(counted);
        System.out.printf(
                "%s: own %s partitions and %s queues, at most %.1f %% from even%n",
                title, partitions, counted, percent);
        double[] sets = IntStream.range(0, SETS)
                .mapToDouble(set -> percentFromEven(owned(state, ids, queue -> "set" + set + "." + queue)))
                .sorted()
                .toArray();
        System.out.printf(
                "  %d other sets of %d names: p50 %.1f %%, p90 %.1f %%, worst %.1f %% from even; %d within %.0f %%%n",
                SETS,
                queues,
                sets[SETS / 2],
                sets[SETS * 9 / 10],
                sets[SETS - 1],
                Arrays.stream(sets).filter(its -> its <= MOST_PERCENT).count(),
                MOST_PERCENT);
        return percent <= MOST_PERCENT;
    }

    private static long queuesOf(NodeApi node) throws IOException, InterruptedException {
        return node.metrics()
                .lines()
                .filter(line -> line.startsWith("sterna_queues "))
                .mapToLong(line -> Math.round(Double.parseDouble(line.substring(line.indexOf(' ')))))
                .findFirst()
                .orElseThrow();
    }

    private List<Long> owned(ClusterState state, List<String> ids, IntFunction<String> name) {
        return ids.stream()
                .map(id -> IntStream.range(0, queues)
                        .filter(queue -> state.owns(id, name.apply(queue)))
                        .count())
                .toList();
    }

    /** How far the one is from even that is farthest. */
    static double percentFromEven(List<Long> loads) {
        double even = loads.stream().mapToLong(Long::longValue).average().orElseThrow();
        return loads.stream()
                        .mapToDouble(load -> Math.abs(load - even) / even)
                        .max()
                        .orElseThrow()
                * 100;
    }

    private static boolean showMoves(ClusterState before, ClusterState after, String fourth) {
        List<String> owners = new ArrayList<>();
        List<String> copies = new ArrayList<>();
        for (int partition = 0; partition < before.partitions().size(); partition++) {
            ClusterState.Partition was = before.partitions().get(partition);
            ClusterState.Partition is = after.partitions().get(partition);
            is.owner().filter(owner -> !was.owner().equals(is.owner())).ifPresent(owners::add);
            Set<String> fresh = new HashSet<>(is.inSync());
            fresh.removeAll(was.inSync());
            copies.addAll(fresh);
        }
        System.out.printf("moved: owners %s; copies %s%n", share(owners, fourth), share(copies, fourth));
        return Stream.concat(owners.stream(), copies.stream()).allMatch(fourth::equals);
    }

    private static String share(List<String> moved, String fourth) {
        long its = moved.stream().filter(fourth::equals).count();
        String others = moved.stream()
                .filter(node -> !node.equals(fourth))
                .collect(Collectors.groupingBy(node -> node, Collectors.counting()))
                .toString();
        return its + " to the fourth node, " + (moved.size() - its) + " to others"
                + (others.equals("{}") ? "" : others);
    }
}
