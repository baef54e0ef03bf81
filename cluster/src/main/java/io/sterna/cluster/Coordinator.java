package io.sterna.cluster;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongSupplier;

/**
 * What one node does for the cluster as a whole: begins tables, finds new owners for the partitions of dead nodes, opens
 * partitions that the table does not know, and says where replicas are to be. Only the oldest node acts that seems to live
 * and to hear from the table; when two take themselves for it, one of them finds the table changed. A state machine without
 * IO. Owned by one event loop.
 */
public final class Coordinator {
    private static final long FORCED_MILLIS = 10_000;

    private final String self;
    private final Settings settings;
    private final PartitionTable table;
    private final LongSupplier random;
    private final SafetyRules rules;
    private final ColdStart coldStart;
    private final Succession succession;
    private final Map<String, Heard> heard = new TreeMap<>();
    private final Map<Integer, Waiting> waiting = new TreeMap<>();
    private final Map<Integer, Forced> forced = new HashMap<>();
    private List<Member> members = List.of();
    private TableContent content = TableContent.NONE;
    private boolean tableHeard;
    private long tableHeardMillis;
    private long tickMillis;

    private record Heard(NodeReport report, long atMillis) {}

    private record Forced(Waiting seen, long untilMillis) {}

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

    /** @param random gives numbers by chance, so that two nodes don't give the same ones */
    public Coordinator(String self, Settings settings, PartitionTable table, LongSupplier random) {
        this(self, settings, table, random, new SafetyRules());
    }

    Coordinator(String self, Settings settings, PartitionTable table, LongSupplier random, SafetyRules rules) {
        this.self = self;
        this.settings = settings;
        this.table = table;
        this.random = random;
        this.rules = rules;
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

    /**
     * What this node is to tell all others: what its replicas say, whether it hears from the table, and whether it is among
     * the members as one that is drained.
     */
    public NodeReport report(Collection<ReplicaReport> replicas, long nowMillis) {
        Map<Integer, ReplicaReport> byPartition = new TreeMap<>();
        replicas.forEach(replica -> byPartition.put(replica.partition(), replica));
        long hears = hearsTable(nowMillis) ? content.generation() : NodeReport.NO_TABLE;
        boolean draining = members.stream().anyMatch(member -> member.id().equals(self) && member.draining());
        NodeReport report = new NodeReport(self, hears, draining, byPartition);
        onReport(report, nowMillis);
        return report;
    }

    public void onReport(NodeReport report, long nowMillis) {
        heard.put(report.node(), new Heard(report, nowMillis));
    }

    /** The connection to a node was closed: it counts as dead until it is heard again. */
    public void onGone(String node) {
        heard.remove(node);
    }

    public void onTable(TableContent newContent, long nowMillis) {
        content = newContent;
        tableHeard = true;
        tableHeardMillis = nowMillis;
    }

    private boolean hearsTable(long nowMillis) {
        return tableHeard && nowMillis - tableHeardMillis <= settings.silenceMillis();
    }

    /** Partitions that get no owner by themselves, as this node sees it; none while it does not hear from the table. */
    public List<Waiting> waiting() {
        return List.copyOf(waiting.values());
    }

    /**
     * An operator gives up those who are missing for a partition to open. To be told to all nodes, one of which acts: only
     * while all is as the operator saw it, and for some seconds.
     */
    public void forceOpen(Waiting seen, long nowMillis) {
        forced.put(seen.partition(), new Forced(seen, nowMillis + FORCED_MILLIS));
    }

    /** To be called many times a second. */
    public void tick(long nowMillis) {
        if (nowMillis - tickMillis > settings.silenceMillis() / 2) {
            // This node slept: what it did not hear tells nothing of others.
            heard.replaceAll((node, last) -> new Heard(last.report(), nowMillis));
        }
        tickMillis = nowMillis;
        forced.values().removeIf(request -> nowMillis > request.untilMillis());
        waiting.clear();
        if (hearsTable(nowMillis)) {
            look(new Survey(content, alive(nowMillis), rules));
        }
    }

    private Map<String, NodeReport> alive(long nowMillis) {
        Map<String, NodeReport> alive = new TreeMap<>();
        heard.forEach((node, last) -> {
            if (node.equals(self) || nowMillis - last.atMillis() <= settings.silenceMillis()) {
                alive.put(node, last.report());
            }
        });
        return alive;
    }

    private void look(Survey survey) {
        boolean acts = members.stream()
                .map(Member::id)
                .filter(survey.hearing()::contains)
                .findFirst()
                .filter(self::equals)
                .isPresent();
        long generation = content.generation();
        long highest = Math.max(generation, survey.highestGeneration());
        if (generation == TableContent.NONE.generation() || highest > generation) {
            // Replicas never go back to a table with a lower number.
            if (acts) {
                table.begin(generation, TableContent.generationAbove(highest, random.getAsLong()));
            }
            return;
        }
        if (acts) {
            maybePlace(survey);
        }
        for (int partition = 0; partition < settings.partitions(); partition++) {
            PartitionView view = content.views().get(partition);
            Optional<PartitionView> next = view == null ? opening(partition, survey) : following(view, survey);
            if (acts) {
                next.ifPresent(found -> table.compareAndSet(generation, view == null ? 0 : view.epoch(), found));
            }
        }
    }

    // ---- Views

    private Optional<PartitionView> following(PartitionView view, Survey survey) {
        Map<String, Position> fit = survey.fit(view);
        if (view.inSync().stream().noneMatch(fit::containsKey)) {
            return waits(new Waiting(view.partition(), view.epoch(), view.inSync(), false), survey);
        }
        forced.remove(view.partition());
        return succession.next(view, fit, survey.hearing());
    }

    private Optional<PartitionView> opening(int partition, Survey survey) {
        Map<String, ReplicaReport> reports = survey.reports(partition);
        Optional<PartitionView> next = coldStart.open(reports).or(() -> found(partition, survey));
        if (next.isPresent()) {
            forced.remove(partition);
            return next;
        }
        long epoch =
                ColdStart.highest(reports.values()).map(PartitionView::epoch).orElse(0L);
        List<String> missing = coldStart.missing(survey.believed(partition), settings.founders());
        return waits(new Waiting(partition, epoch, missing, rules.isForked(reports.values())), survey);
    }

    private Optional<PartitionView> waits(Waiting now, Survey survey) {
        int partition = now.partition();
        waiting.put(partition, now);
        Forced request = forced.get(partition);
        if (request == null) {
            return Optional.empty();
        }
        if (!request.seen().equals(now)) {
            forced.remove(partition);
            return Optional.empty();
        }
        return ColdStart.force(
                new ColdStart.Beginning(partition, random.getAsLong(), wanted(partition)),
                survey.reports(partition),
                now.epoch());
    }

    private Optional<PartitionView> found(int partition, Survey survey) {
        if (content.placement().isEmpty()) {
            return Optional.empty();
        }
        List<String> holders = settings.founders().stream()
                .filter(node -> members.stream()
                        .noneMatch(member -> member.witness() && member.id().equals(node)))
                .toList();
        return ColdStart.found(
                new ColdStart.Beginning(partition, random.getAsLong(), wanted(partition)),
                survey.believed(partition),
                settings.founders(),
                holders);
    }

    private List<String> wanted(int partition) {
        return content.placement().map(placement -> placement.of(partition)).orElse(List.of());
    }

    // ---- Places

    /** Without a placement it is made from where replicas are, and so only when that is known. */
    private void maybePlace(Survey survey) {
        Optional<Placement> placement = content.placement();
        boolean known = placement.isPresent()
                || content.views().size() == settings.partitions()
                || survey.alive().keySet().containsAll(settings.founders());
        if (known) {
            List<List<String>> previous = placement.map(Placement::nodes).orElseGet(() -> places(survey));
            List<List<String>> next = Placements.next(members, previous, settings.partitions(), settings.backups());
            if (placement.isEmpty() || !next.equals(previous)) {
                long version = placement.map(Placement::version).orElse(0L);
                table.compareAndSet(content.generation(), version, new Placement(version + 1, next));
            }
        }
    }

    private List<List<String>> places(Survey survey) {
        List<List<String>> places = new ArrayList<>();
        for (int partition = 0; partition < settings.partitions(); partition++) {
            PartitionView view = content.views().get(partition);
            Optional<PartitionView> highest =
                    view == null ? ColdStart.highest(survey.reports(partition).values()) : Optional.of(view);
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
