package io.sterna.cluster;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
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

    /**
     * The view that the partition opens with, where there was one before.
     *
     * @param reports by node
     * @return empty when nobody knows of a view, or somebody who may know more has not reported
     */
    Optional<PartitionView> open(int partition, Map<String, ReplicaReport> reports) {
        Optional<PartitionView> highest = highest(reports.values()).filter(view -> rules.isComplete(view, reports));
        if (highest.isEmpty()) {
            return Optional.empty();
        }
        Set<String> members = highest.get().inSync().stream()
                .filter(reports::containsKey)
                .filter(node -> reports.get(node).standing().whole())
                .collect(Collectors.toCollection(TreeSet::new));
        long epoch = highestEpoch(reports.values()) + 1;
        return longest(members, reports).map(owner -> new PartitionView(partition, epoch, owner, List.copyOf(members)));
    }

    /**
     * The view that a partition opens with when an operator gives up those who have not reported, and with them what only they
     * have.
     *
     * @return empty when nobody who reported has the partition
     */
    Optional<PartitionView> force(int partition, Map<String, ReplicaReport> reports) {
        Set<String> holders = reports.entrySet().stream()
                .filter(entry -> entry.getValue().standing().whole())
                .filter(entry -> entry.getValue().standing().epoch() > 0)
                .map(Map.Entry::getKey)
                .collect(Collectors.toCollection(TreeSet::new));
        long epoch = highestEpoch(reports.values()) + FORCED_EPOCHS;
        return longest(holders, reports).map(owner -> new PartitionView(partition, epoch, owner, List.of(owner)));
    }

    private static Optional<String> longest(Set<String> nodes, Map<String, ReplicaReport> reports) {
        return nodes.stream()
                .max(Comparator.comparing((String node) -> reports.get(node).end()));
    }

    /**
     * The first view of all, where all founders have reported and nobody knows of one. Founders alone are in it, wherever
     * replicas are to be: so one of them knows on disk that there was a view, for ever.
     *
     * @param founders not empty
     */
    static Optional<PartitionView> found(
            int partition, Map<String, ReplicaReport> reports, List<String> founders, List<String> wanted) {
        if (!reports.keySet().containsAll(founders) || highest(reports.values()).isPresent()) {
            return Optional.empty();
        }
        List<String> first = wanted.stream().filter(founders::contains).toList();
        List<String> members = first.isEmpty() ? founders.subList(0, 1) : first;
        return Optional.of(new PartitionView(partition, 1, members.get(0), members));
    }
}
