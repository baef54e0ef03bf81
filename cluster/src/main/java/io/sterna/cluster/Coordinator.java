package io.sterna.cluster;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What one node does for the cluster as a whole: finds new owners for the partitions of dead nodes, opens partitions that the
 * table does not know, and says where replicas are to be. Only the oldest node that seems to live acts; when two take
 * themselves for it, one of them finds the table changed. A state machine without IO. Owned by one event loop.
 */
public final class Coordinator {
    private final String self;
    private final Settings settings;
    private final PartitionTable table;
    private final ColdStart coldStart;
    private final Succession succession;
    private final Map<String, Heard> heard = new TreeMap<>();
    private final Set<Integer> forced = new HashSet<>();
    private List<Member> members = List.of();
    private Optional<TableContent> content = Optional.empty();
    private long tableHeardMillis;
    private long tickMillis;

    private record Heard(NodeReport report, long atMillis) {}

    /**
     * What the cluster is to be like.
     *
     * @param founders the nodes that the cluster begins with: a partition is new only if none of them knows of it
     * @param silenceMillis a node that is silent for so long counts as dead
     */
    public record Settings(int partitions, int backups, List<String> founders, long silenceMillis) {
        public Settings {
            founders = List.copyOf(founders);
            if (founders.isEmpty()) {
                throw new IllegalArgumentException("a cluster has founders");
            }
        }
    }

    public Coordinator(String self, Settings settings, PartitionTable table) {
        this(self, settings, table, new SafetyRules());
    }

    Coordinator(String self, Settings settings, PartitionTable table, SafetyRules rules) {
        this.self = self;
        this.settings = settings;
        this.table = table;
        coldStart = new ColdStart(rules);
        succession = new Succession(rules);
    }

    /**
     * Who is in the cluster, oldest first. Who is only away for a while stays in it, or its replicas would be made anew
     * elsewhere.
     */
    public void onMembers(List<Member> oldestFirst) {
        members = List.copyOf(oldestFirst);
    }

    public void onReport(NodeReport report, long nowMillis) {
        heard.put(report.node(), new Heard(report, nowMillis));
    }

    public void onTable(TableContent newContent, long nowMillis) {
        content = Optional.of(newContent);
        tableHeardMillis = nowMillis;
    }

    /** An operator gives up those who are missing for a partition to open. */
    public void forceOpen(int partition) {
        forced.add(partition);
    }

    /** To be called many times a second. */
    public void tick(long nowMillis) {
        if (nowMillis - tickMillis > settings.silenceMillis() / 2) {
            // This node slept: what it did not hear tells nothing of others.
            heard.replaceAll((node, last) -> new Heard(last.report(), nowMillis));
        }
        tickMillis = nowMillis;
        Set<String> alive = alive(nowMillis);
        boolean first = members.stream()
                .map(Member::id)
                .filter(alive::contains)
                .findFirst()
                .filter(self::equals)
                .isPresent();
        if (first && content.isPresent() && nowMillis - tableHeardMillis <= settings.silenceMillis()) {
            act(content.get(), alive);
        }
    }

    private Set<String> alive(long nowMillis) {
        Set<String> alive = new HashSet<>();
        heard.forEach((node, last) -> {
            if (node.equals(self) || nowMillis - last.atMillis() <= settings.silenceMillis()) {
                alive.add(node);
            }
        });
        return alive;
    }

    private void act(TableContent now, Set<String> alive) {
        maybePlace(now, alive);
        for (int partition = 0; partition < settings.partitions(); partition++) {
            Map<String, ReplicaReport> reports = reports(partition, alive);
            PartitionView view = now.views().get(partition);
            if (view == null) {
                maybeOpen(partition, now, reports);
            } else {
                forced.remove(partition);
                Map<String, Position> ends = new HashMap<>();
                reports.forEach((node, report) -> ends.put(node, report.end()));
                succession.next(view, alive, ends).ifPresent(next -> table.compareAndSet(view.epoch(), next));
            }
        }
    }

    private Map<String, ReplicaReport> reports(int partition, Set<String> alive) {
        Map<String, ReplicaReport> reports = new TreeMap<>();
        heard.forEach((node, last) -> {
            ReplicaReport report = last.report().replicas().get(partition);
            if (report != null && alive.contains(node)) {
                reports.put(node, report);
            }
        });
        return reports;
    }

    private void maybeOpen(int partition, TableContent now, Map<String, ReplicaReport> reports) {
        Optional<PartitionView> view = coldStart.open(partition, reports);
        if (view.isEmpty() && forced.contains(partition)) {
            view = coldStart.force(partition, reports);
        }
        if (view.isEmpty() && now.placement().isPresent()) {
            List<String> wanted = now.placement().get().of(partition);
            view = ColdStart.found(partition, reports, settings.founders(), wanted);
        }
        view.ifPresent(next -> table.compareAndSet(0, next));
    }

    /** Without a placement it is made from where replicas are, and so only when that is known. */
    private void maybePlace(TableContent now, Set<String> alive) {
        boolean known = now.placement().isPresent()
                || now.views().size() == settings.partitions()
                || alive.containsAll(settings.founders());
        if (known) {
            List<List<String>> previous = now.placement().map(Placement::nodes).orElseGet(() -> places(now, alive));
            List<List<String>> next = Placements.next(members, previous, settings.partitions(), settings.backups());
            if (now.placement().isEmpty() || !next.equals(previous)) {
                long version = now.placement().map(Placement::version).orElse(0L);
                table.compareAndSet(version, new Placement(version + 1, next));
            }
        }
    }

    private List<List<String>> places(TableContent now, Set<String> alive) {
        List<List<String>> places = new ArrayList<>();
        for (int partition = 0; partition < settings.partitions(); partition++) {
            PartitionView view = now.views().get(partition);
            Optional<PartitionView> highest =
                    view == null ? ColdStart.highest(reports(partition, alive).values()) : Optional.of(view);
            List<String> its = new ArrayList<>();
            highest.ifPresent(found -> {
                its.add(found.owner());
                its.addAll(found.backups());
            });
            places.add(its);
        }
        return places;
    }
}
