package io.sterna.cluster;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How a partition opens whose view the table does not know, because it was lost with a majority of those that kept it, or
 * because there was none yet. A pure function of what the nodes have on disk.
 */
final class ColdStart {
    /** Above epochs that may have been, but that nobody who reported knows of. */
    static final int FORCED_EPOCHS = 1_000;

    private final SafetyRules rules;

    /**
     * A history that begins now.
     *
     * @param lineage a random number for it
     * @param wanted where replicas are to be
     */
    record Beginning(int partition, long lineage, List<String> wanted) {}

    ColdStart(SafetyRules rules) {
        this.rules = rules;
    }

    /**
     * The view with the highest epoch that was reported. Of two with the same epoch one was only asked for, and the other one
     * has come to be in its place.
     */
    static Optional<PartitionView> highest(Collection<ReplicaReport> reports) {
        long epoch = highestEpoch(reports);
        return Stream.concat(
                        reports.stream().flatMap(report -> report.standing().view().stream()),
                        reports.stream().flatMap(report -> report.standing().proposed().stream()))
                .filter(view -> view.epoch() == epoch)
                .findFirst();
    }

    private static long highestEpoch(Collection<ReplicaReport> reports) {
        return reports.stream()
                .flatMap(report -> report.standing().known())
                .mapToLong(PartitionView::epoch)
                .max()
                .orElse(0);
    }

    /** Whether two were opened by force, by nodes that did not know of each other. */
    static boolean isForked(Collection<ReplicaReport> reports) {
        long epoch = highestEpoch(reports);
        return reports.stream()
                        .flatMap(report -> report.standing().known())
                        .filter(view -> view.epoch() == epoch)
                        .map(PartitionView::lineage)
                        .distinct()
                        .count()
                > 1;
    }

    /**
     * The view that the partition opens with, where there was one before.
     *
     * @param reports by node, those that {@linkplain SafetyRules#counts count}
     * @return empty when nobody knows of a view, or somebody who may know more has not reported
     */
    Optional<PartitionView> open(Map<String, ReplicaReport> reports) {
        Optional<PartitionView> highest = highest(reports.values())
                .filter(view -> rules.isComplete(view, reports))
                .filter(view -> !rules.isForked(reports.values()));
        if (highest.isEmpty()) {
            return Optional.empty();
        }
        Set<String> members = fit(reports, node -> highest.get().isInSync(node));
        long epoch = highestEpoch(reports.values()) + 1;
        return longest(members, reports).map(owner -> highest.get().following(epoch, owner, members));
    }

    /** Nodes of the highest view known without which it does not open; where none is known, founders. */
    List<String> missing(Map<String, ReplicaReport> reports, List<String> founders) {
        Optional<PartitionView> highest = highest(reports.values());
        return highest.map(PartitionView::inSync).orElse(founders).stream()
                .filter(node -> {
                    ReplicaReport report = reports.get(node);
                    return report == null
                            || !report.isFit()
                            || highest.filter(view -> !rules.knowsWhatFollowed(view, node, report))
                                    .isPresent();
                })
                .toList();
    }

    /**
     * The view that a partition opens with when an operator gives up those who are missing, and with them what only they
     * have. Where nobody is whole it begins with what is left, and where nobody has anything, empty.
     *
     * @param epoch the highest that is known
     * @return empty when nobody who reported could have the partition
     */
    static Optional<PartitionView> force(Beginning beginning, Map<String, ReplicaReport> reports, long epoch) {
        Set<String> holders = fit(reports, node -> reports.get(node).standing().epoch() > 0);
        Optional<String> owner = longest(holders, reports)
                .or(() -> mostLeft(reports))
                .or(() -> beginning.wanted().stream()
                        .filter(fit(reports, node -> true)::contains)
                        .findFirst());
        long inLogs = reports.values().stream()
                .mapToLong(report -> report.end().epoch())
                .max()
                .orElse(0);
        long known = Math.max(highestEpoch(reports.values()), inLogs);
        long forced = Math.max(epoch, known) + FORCED_EPOCHS;
        return owner.map(node -> PartitionView.alone(
                beginning.partition(),
                forced,
                beginning.lineage(),
                node,
                reports.get(node).disk()));
    }

    /** Of those who are not whole: a member had all and has lost some of it, others may have got no more than some. */
    private static Optional<String> mostLeft(Map<String, ReplicaReport> reports) {
        Optional<PartitionView> highest = highest(reports.values());
        return reports.keySet().stream()
                .filter(node -> !reports.get(node).failed()
                        && !reports.get(node).standing().whole())
                .max(Comparator.comparing((String node) -> highest.filter(view ->
                                        view.isInSync(node, reports.get(node).disk()))
                                .isPresent())
                        .thenComparing(node -> reports.get(node).end()));
    }

    private static Set<String> fit(Map<String, ReplicaReport> reports, Predicate<String> which) {
        return reports.keySet().stream()
                .filter(node -> reports.get(node).isFit())
                .filter(which)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Optional<String> longest(Set<String> nodes, Map<String, ReplicaReport> reports) {
        return nodes.stream()
                .max(Comparator.comparing((String node) -> reports.get(node).end()));
    }

    /**
     * The first view of all, where all founders have reported and nobody knows of one. Founders alone are in it, wherever
     * replicas are to be: so one of them knows on disk that there was a view, for ever.
     *
     * @param reports of nodes that are {@linkplain SafetyRules#isNew new}, or hold something
     * @param holders founders that may have replicas
     */
    static Optional<PartitionView> found(
            Beginning beginning, Map<String, ReplicaReport> reports, List<String> founders, List<String> holders) {
        boolean all = founders.stream()
                .allMatch(node -> reports.containsKey(node) && reports.get(node).isFit());
        if (!all || holders.isEmpty() || highest(reports.values()).isPresent()) {
            return Optional.empty();
        }
        List<String> first =
                beginning.wanted().stream().filter(holders::contains).toList();
        List<String> members = first.isEmpty() ? holders.subList(0, 1) : first;
        SortedMap<String, Long> disks = new TreeMap<>();
        members.forEach(node -> disks.put(node, reports.get(node).disk()));
        return Optional.of(new PartitionView(beginning.partition(), 1, beginning.lineage(), members.get(0), disks));
    }
}
