package io.sterna.cluster;

import io.sterna.cluster.Violation.Invariant;
import io.sterna.store.LogRecord;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Knows everything that has happened to one partition, and throws when it should not have. */
final class Oracle {
    private final SimWorld world;
    private final int partition;

    /** By lineage. */
    private final Map<Long, History> histories = new LinkedHashMap<>();

    private final Map<String, String> owners = new HashMap<>();
    private final Map<String, Long> committedBy = new HashMap<>();

    Oracle(SimWorld world, int partition) {
        this.world = world;
        this.partition = partition;
    }

    private long lineage(SimNode node) {
        return node.replica(partition).view().orElseThrow().lineage();
    }

    int committedCount() {
        return histories.values().stream().mapToInt(History::committedCount).sum();
    }

    int epochs() {
        return owners.size();
    }

    int lineages() {
        return histories.size();
    }

    void onAppended(SimNode node, LogRecord record, Position before) {
        History history = histories.get(lineage(node));
        if (history == null) {
            history = new History(
                    world.contents(partition),
                    lineage(node),
                    before,
                    node.content(partition).copy());
            checkBeginning(node, history);
            histories.put(lineage(node), history);
        }
        history.onAppended(node.id(), record, before);
    }

    private void checkBeginning(SimNode node, History history) {
        if (!histories.isEmpty() && !world.wasForced(partition) && !isLostWithAllDisks(lineage(node))) {
            throw fail(Invariant.ONE_LINEAGE, node.id() + " begins anew, and nobody has forced it");
        }
        for (History former : histories.values()) {
            if (former.has(history.base())
                    && !former.modelAt(history.base().index()).holdsTheSameAs(history.model())) {
                throw fail(Invariant.OPENS_WITH_ALL, node.id() + " is forced with another content than it had");
            }
        }
    }

    /** Where no disk is left that has ever had anything of it, a partition looks like one that never was. */
    private boolean isLostWithAllDisks(long newLineage) {
        return world.nodes().stream()
                .flatMap(node -> node.disk(partition).standing().known())
                .allMatch(view -> view.lineage() == newLineage);
    }

    void onOpened(SimNode node, long epoch) {
        claim(node, epoch);
        world.note(() -> node.id() + " opens " + partition + " in epoch " + epoch);
        // It may have slept through its own replacement, and find out later: then it opens with what was committed by
        // then.
        SimContent expected = histories.get(lineage(node)).modelAt(committedBy.get(name(node)));
        if (!node.content(partition).holdsTheSameAs(expected)) {
            throw fail(
                    Invariant.OPENS_WITH_ALL,
                    node.id() + " opens with " + node.content(partition) + ", committed is " + expected);
        }
    }

    private String name(SimNode node) {
        return node.id() + " in " + lineage(node);
    }

    void onClosed(SimNode node) {
        world.note(() -> node.id() + " closes " + partition);
    }

    /** One accepting owner in each epoch; one that was restarted is another one. */
    void claim(SimNode node, long epoch) {
        String owner = node.id() + "#" + node.life();
        String before = owners.putIfAbsent(epoch + " of " + lineage(node), owner);
        if (before != null && !before.equals(owner)) {
            throw fail(Invariant.ONE_OWNER, "epoch " + epoch + " has the owners " + before + " and " + owner);
        }
    }

    void onCommitted(SimNode node, LogRecord record) {
        histories.get(lineage(node)).onCommitted(node.id(), record);
        committedBy.put(name(node), record.index());
        if (world.disksLost() == 0
                && !isGivenUp(lineage(node))
                && copies(node, Position.of(record)) < world.minInSync()) {
            throw fail(Invariant.ENOUGH_COPIES, node.id() + " tells " + record + " with one copy");
        }
    }

    /** An owner may sleep while others are forced to begin another history, and tell later what they had answered before. */
    private boolean isGivenUp(long lineage) {
        return world.table()
                .lastView(partition)
                .filter(view -> view.lineage() != lineage)
                .isPresent();
    }

    private long copies(SimNode owner, Position position) {
        long lineage = lineage(owner);
        return world.nodes().stream()
                .map(node -> node.disk(partition))
                .filter(disk -> disk.standing().view().stream().allMatch(view -> view.lineage() == lineage))
                .filter(disk -> disk.has(position))
                .count();
    }

    /** Whoever is in sync has on disk what is committed, and nothing else in its place; also when its table is lost. */
    void checkMembers() {
        PartitionView view = world.table().lastView(partition).orElse(null);
        History history = view == null ? null : histories.get(view.lineage());
        if (history == null || history.committedCount() == 0) {
            return;
        }
        Position last = history.last();
        view.disks().forEach((member, id) -> {
            SimNode node = world.node(member);
            SimDisk disk = node.disk(partition);
            if (node.diskId() == id
                    && !disk.isDamaged()
                    && !(disk.has(last) && disk.standing().whole())) {
                throw fail(
                        Invariant.MEMBERS_HAVE_ALL,
                        member + " is in sync in " + view + " and ends with " + disk.end() + ", committed is " + last
                                + ", " + disk.standing());
            }
        });
    }

    /** Why not all is well yet, when nothing goes wrong any more. */
    Optional<String> unsettled() {
        PartitionView view = world.table().view(partition).orElse(null);
        if (view == null || world.table().placement().isEmpty()) {
            return Optional.of("partition " + partition + " is not in the table");
        }
        List<String> wanted = world.table().placement().get().of(partition);
        if (!view.owner().equals(wanted.get(0))
                || !view.inSync().equals(wanted.stream().sorted().toList())) {
            return Optional.of(view + " is to be " + wanted);
        }
        SimNode owner = world.node(view.owner());
        if (!owner.replica(partition).accepts(owner.nowMillis())) {
            return Optional.of("the owner does not accept: " + view);
        }
        SimContent model = histories.get(view.lineage()).model();
        for (String member : wanted) {
            SimNode node = world.node(member);
            if (!node.content(partition).holdsTheSameAs(model)
                    || !node.disk(partition).content().holdsTheSameAs(model)) {
                return Optional.of(member + " holds " + node.content(partition) + ", committed is " + model);
            }
        }
        return Optional.empty();
    }

    private Violation fail(Invariant invariant, String what) {
        return new Violation(invariant, "partition " + partition + ": " + what);
    }
}
