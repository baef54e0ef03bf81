package io.sterna.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What one node knows of the cluster at one moment.
 *
 * @param table as it was told last
 * @param alive reports of the nodes that seem to live
 */
record Survey(TableContent table, Map<String, NodeReport> alive, SafetyRules rules) {

    /** Who hears from the same table, lately. */
    Set<String> hearing() {
        Set<String> hearing = new TreeSet<>();
        alive.forEach((node, report) -> {
            if (report.table() == table.generation()) {
                hearing.add(node);
            }
        });
        return hearing;
    }

    /** The highest generation that a replica follows which hears from this table, and so would have to leave that one. */
    long highestGeneration() {
        Set<String> hearing = hearing();
        return alive.values().stream()
                .filter(report -> hearing.contains(report.node()))
                .flatMap(report -> report.replicas().values().stream())
                .mapToLong(replica -> replica.standing().generation())
                .max()
                .orElse(0);
    }

    /** What nodes say of a partition, those whose word counts for this table. */
    Map<String, ReplicaReport> reports(int partition) {
        Map<String, ReplicaReport> reports = new TreeMap<>();
        alive.forEach((node, report) -> {
            ReplicaReport replica = report.replicas().get(partition);
            if (replica != null && rules.counts(replica.standing(), table.generation())) {
                reports.put(node, replica);
            }
        });
        return reports;
    }

    /** The same, without nodes that once had another data directory and hold nothing now. */
    Map<String, ReplicaReport> believed(int partition) {
        Map<String, ReplicaReport> reports = reports(partition);
        List<PartitionView> known = known();
        reports.entrySet()
                .removeIf(entry -> entry.getValue().standing().epoch() == 0
                        && !rules.isNew(entry.getKey(), entry.getValue().disk(), known));
        return reports;
    }

    private List<PartitionView> known() {
        List<PartitionView> known = new ArrayList<>(table.views().values());
        for (NodeReport report : alive.values()) {
            for (ReplicaReport replica : report.replicas().values()) {
                known.addAll(replica.standing().known().toList());
            }
        }
        return known;
    }

    /** Where the logs of members end that may own the partition. */
    Map<String, Position> fit(PartitionView view) {
        Map<String, Position> ends = new TreeMap<>();
        reports(view.partition()).forEach((node, report) -> {
            if (!report.failed() && rules.isMember(view, node, report.disk(), report.standing())) {
                ends.put(node, report.end());
            }
        });
        return ends;
    }
}
