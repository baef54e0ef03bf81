package io.sterna.broker.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Shows a demonstration: as a picture that changes where there is a terminal, else as lines. Ended by any thread, else owned
 * by the main one.
 */
final class DemoDisplay {
    private static final String OTHER_SCREEN = "\033[?1049h\033[?25l";
    private static final String FORMER_SCREEN = "\033[?25h\033[?1049l";
    private static final String TOP = "\033[H";
    private static final String END_OF_LINE = "\033[K\n";
    private static final String NOTHING_BELOW = "\033[J";
    private static final int EVENTS = 8;

    /** Without a terminal there is a line each so often, also when nothing has changed. */
    private static final Duration LINE_EVERY = Duration.ofSeconds(5);

    private final PrintStream out;

    /** How the terminal was set before, as {@code stty} says it; empty without a terminal. */
    private Optional<String> terminal;

    private final Deque<String> events = new ArrayDeque<>();
    private List<String> head = List.of();
    private String lastLine = "";
    private long lastLineNanos;
    private long lookedNanos = System.nanoTime();
    private Optional<DemoLoad.Figures> lookedAt = Optional.empty();

    /** How it is at a moment. */
    record Look(List<DemoNode> nodes, Optional<ClusterView> view, Optional<DemoLoad.Figures> load) {}

    private DemoDisplay(PrintStream out, Optional<String> terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    /** Uses the terminal if both standard input and output are one; keys then come as they are typed. */
    static DemoDisplay open(PrintStream out) throws IOException, InterruptedException {
        boolean isTerminal = run("test -t 0 && test -t 1").isPresent();
        Optional<String> before = isTerminal ? run("stty -g </dev/tty") : Optional.empty();
        if (before.isPresent() && run("stty -icanon -echo </dev/tty").isPresent()) {
            out.print(OTHER_SCREEN);
            return new DemoDisplay(out, before);
        }
        return new DemoDisplay(out, Optional.empty());
    }

    /** What a command of the shell prints on standard error or output but the terminal; empty when it fails. */
    private static Optional<String> run(String command) throws IOException, InterruptedException {
        boolean asks = command.startsWith("stty -g");
        Process process = new ProcessBuilder("sh", "-c", command)
                .redirectInput(ProcessBuilder.Redirect.INHERIT)
                .redirectOutput(asks ? ProcessBuilder.Redirect.PIPE : ProcessBuilder.Redirect.INHERIT)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String said =
                asks ? new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip() : "";
        return process.waitFor() == 0 ? Optional.of(said) : Optional.empty();
    }

    /** What never changes. */
    void begin(List<DemoNode> nodes, Path directory, boolean temporary) {
        head = List.of(
                "Sterna: three nodes on this machine are one broker",
                "clients: failover:(" + nodes.stream().map(DemoNode::amqp).collect(Collectors.joining(",")) + ")",
                "data and logs: " + directory + (temporary ? ", removed at the end" : ""));
        if (terminal.isEmpty()) {
            head.forEach(out::println);
            nodes.forEach(node -> out.println(node.name() + ": " + node.amqp() + " " + node.http()));
        }
    }

    /** Something has happened. */
    void event(String what) {
        String line = LocalTime.now(ZoneId.systemDefault()).truncatedTo(ChronoUnit.SECONDS) + " " + what;
        if (terminal.isEmpty()) {
            out.println(line);
        }
        events.addFirst(line);
        if (events.size() > EVENTS) {
            events.removeLast();
        }
    }

    void show(Look look) {
        long now = System.nanoTime();
        Optional<String> load = look.load().map(figures -> loadLine(figures, now));
        lookedAt = look.load();
        lookedNanos = now;
        if (terminal.isEmpty()) {
            showLine(look, load, now);
        } else {
            showPicture(look, load);
        }
    }

    private String loadLine(DemoLoad.Figures figures, long nowNanos) {
        double seconds = Math.max(1e-3, (nowNanos - lookedNanos) / 1e9);
        long acceptedBefore = lookedAt.map(DemoLoad.Figures::accepted).orElse(0L);
        long receivedBefore = lookedAt.map(DemoLoad.Figures::received).orElse(0L);
        return String.format(
                "%.0f messages/s accepted, %.0f/s received; in all %d accepted, %d of them not received yet, %d received"
                        + " again; since the last key the slowest took %d ms",
                (figures.accepted() - acceptedBefore) / seconds,
                (figures.received() - receivedBefore) / seconds,
                figures.accepted(),
                figures.missing(),
                figures.repeated(),
                figures.slowestMillis());
    }

    private void showLine(Look look, Optional<String> load, long now) {
        String line = look.nodes().stream()
                        .map(node -> node.name() + " "
                                + look.view()
                                        .flatMap(view -> view.find(node.name()))
                                        .filter(ClusterView.Member::present)
                                        .map(member -> "owns " + member.owned())
                                        .orElse("away"))
                        .collect(Collectors.joining(", "))
                + "; " + look.view().map(DemoDisplay::partitions).orElse("no node answers yet");
        if (!line.equals(lastLine) || now - lastLineNanos > LINE_EVERY.toNanos()) {
            lastLine = line;
            lastLineNanos = now;
            out.println(LocalTime.now(ZoneId.systemDefault()).truncatedTo(ChronoUnit.SECONDS) + " " + line
                    + load.map(its -> "; " + its).orElse(""));
        }
    }

    private static String partitions(ClusterView view) {
        return view.summary()
                + view.problem().map(problem -> "; not served: " + problem).orElse("");
    }

    private void showPicture(Look look, Optional<String> load) {
        List<String> lines = new ArrayList<>(head);
        lines.add("");
        lines.add(String.format(
                "%-4s %-7s %-15s %-9s %9s %9s %9s  %s",
                "key", "node", "process", "cluster", "owns", "copies", "to come", "clients, operators"));
        for (int number = 0; number < look.nodes().size(); number++) {
            lines.add(nodeLine(number + 1, look.nodes().get(number), look.view()));
        }
        lines.add("");
        lines.add(look.view().map(DemoDisplay::partitions).orElse("no node answers yet"));
        load.ifPresent(line -> lines.addAll(List.of(line.split("; ", -1))));
        lines.add("");
        lines.add("1, 2, 3: kill that node, or start it again    q: end");
        lines.add("");
        lines.addAll(events);
        out.print(TOP + lines.stream().map(line -> line + END_OF_LINE).collect(Collectors.joining()) + NOTHING_BELOW);
        out.flush();
    }

    private static String nodeLine(int key, DemoNode node, Optional<ClusterView> view) {
        Optional<ClusterView.Member> member =
                view.flatMap(its -> its.find(node.name())).filter(ClusterView.Member::present);
        return String.format(
                "%-4d %-7s %-15s %-9s %9s %9s %9s  %s  %s",
                key,
                node.name(),
                node.pid().map(pid -> "runs as " + pid).orElse("KILLED"),
                member.isPresent() ? "there" : "away",
                member.map(its -> Integer.toString(its.owned())).orElse("-"),
                member.map(its -> Integer.toString(its.held())).orElse("-"),
                view.map(its -> Long.toString(its.copiesToCome(node.name()))).orElse("-"),
                node.amqp(),
                node.http());
    }

    /** Leaves the terminal as it was. */
    synchronized void end() {
        Optional<String> before = terminal;
        if (before.isEmpty()) {
            return;
        }
        out.print(FORMER_SCREEN);
        out.flush();
        terminal = Optional.empty();
        try {
            run("stty " + before.get() + " </dev/tty");
        } catch (IOException e) {
            out.println("the terminal can't be set back; \"stty sane\" does it");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
