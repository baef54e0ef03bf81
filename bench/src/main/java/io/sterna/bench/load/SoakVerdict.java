package io.sterna.bench.load;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What came of a soak.
 *
 * @param restarted samples of the cycles with a restart, each of a process that is as old as the others
 * @param steady samples of the cycles of one process, which is the last of those before
 * @param killed how many of the restarts were by SIGKILL
 * @param received messages, each counted once for each subscription
 * @param again those that came again because of a restart
 * @param deepestBacklogBytes the deepest backlog of a cycle
 * @param failure what was lost, doubled, out of order or did not go on, where the soak ended early
 */
record SoakVerdict(
        List<Sample> restarted,
        List<Sample> steady,
        int killed,
        long received,
        long again,
        long deepestBacklogBytes,
        Optional<String> failure) {

    boolean passed() {
        return failure.isEmpty() && trends().stream().noneMatch(Trend::hasGrown) && isSmallWhenDrained();
    }

    /** For people, in lines. */
    List<String> toText() {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT,
                "%d cycles, %d restarts (%d SIGKILL, %d SIGTERM); %,d messages received, %,d again after a restart;"
                        + " deepest backlog %,.0f MiB",
                restarted.size() + steady.size(),
                restarted.size(),
                killed,
                restarted.size() - killed,
                received,
                again,
                deepestBacklogBytes / Soak.MIB));
        lines.add("messages        "
                + failure.map(what -> "FAILED, the soak ended there: " + what)
                        .orElse("none lost, none came back after its acknowledgement, all in order"));
        tell(lines, "one process without a restart", steady);
        tell(lines, "process to process, each after one cycle", restarted);
        lines.add("data directory  below " + Math.round(Soak.DRAINED_MIB) + " MiB after every cycle: "
                + (isSmallWhenDrained() ? "yes" : "NO"));
        lines.add("verdict: " + (passed() ? "passed" : "FAILED"));
        return lines;
    }

    private static void tell(List<String> lines, String what, List<Sample> samples) {
        List<Trend> trends = trends(samples);
        if (trends.isEmpty()) {
            lines.add(what + ": " + samples.size() + " cycles, too few to tell a trend");
            return;
        }
        lines.add(what + ", medians of the first and the last " + trends.get(0).samples() + " of " + samples.size()
                + " cycles:");
        trends.forEach(trend -> lines.add("  " + trend.toText()));
    }

    private boolean isSmallWhenDrained() {
        return restarted.stream().allMatch(SoakVerdict::isSmall)
                && steady.stream().allMatch(SoakVerdict::isSmall);
    }

    private static boolean isSmall(Sample sample) {
        return sample.values().getOrDefault(Quantity.DISK, 0.0) < Soak.DRAINED_MIB;
    }

    private List<Trend> trends() {
        List<Trend> trends = new ArrayList<>(trends(steady));
        trends.addAll(trends(restarted));
        return trends;
    }

    private static List<Trend> trends(List<Sample> samples) {
        List<Trend> trends = new ArrayList<>();
        for (Quantity quantity : Quantity.values()) {
            Trend.of(quantity, samples).ifPresent(trends::add);
        }
        return trends;
    }
}
