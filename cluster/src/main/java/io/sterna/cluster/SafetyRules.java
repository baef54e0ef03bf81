package io.sterna.cluster;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToLongFunction;

/**
 * The decisions on which it rests that nothing committed is lost, in one place. Tests put broken ones in their place, and
 * show that the simulation sees it.
 */
class SafetyRules {

    /** Nothing of an epoch before the one that we know is taken. */
    boolean isStale(long messageEpoch, long knownEpoch) {
        return messageEpoch < knownEpoch;
    }

    /**
     * Whether an owner may begin an epoch. Once only: if it has promised it before, it was another life of this process,
     * which may have appended records that were lost here and are somewhere else.
     */
    boolean mayBegin(PartitionView view, Standing standing) {
        return standing.epoch() < view.epoch();
    }

    /**
     * Who, beside the owner, has to have a record on disk before it is committed: all who are in sync, and who may have
     * become so in the meantime, if the table has done what it was asked for.
     */
    Set<String> required(PartitionView view, Optional<PartitionView> proposed) {
        Set<String> required = new HashSet<>(view.inSync());
        proposed.ifPresent(next -> required.addAll(next.inSync()));
        required.remove(view.owner());
        return required;
    }

    /** The highest index that the owner and all who are required have on disk. */
    long committed(long ownDurable, Set<String> required, ToLongFunction<String> acknowledged) {
        long committed = ownDurable;
        for (String node : required) {
            committed = Math.min(committed, acknowledged.applyAsLong(node));
        }
        return committed;
    }

    /** Whether so many are in sync that records may be told as committed. */
    boolean isEnough(PartitionView view, int minInSync) {
        return view.inSync().size() >= minInSync;
    }

    /** An owner with a shorter log than a member leaves the partition to it: the longer one has all that the others have. */
    boolean isLonger(Position other, Position own) {
        return other.compareTo(own) > 0;
    }

    /** Records are appended only after the one that was before them in the owner's log. */
    boolean follows(Position before, Position end) {
        return before.equals(end);
    }

    /** Who lacks nothing that is committed may become a member. From then on it is required. */
    boolean isCaughtUp(long acknowledged, long committed) {
        return acknowledged >= committed;
    }

    /** Whether records that came without all of their messages are forgotten when the content is made equal. */
    boolean forgetsReduced() {
        return true;
    }

    /** Who may follow an owner. */
    List<String> successors(PartitionView view, Collection<String> fit) {
        return view.inSync().stream().filter(fit::contains).toList();
    }

    /**
     * Whether a replica is a member as the view says: with the data directory that the view means, and either whole and of
     * the view's lineage, or the one that this lineage begins with.
     */
    boolean isMember(PartitionView view, String self, long disk, Standing standing) {
        boolean hasAll = standing.whole() && !isOfOtherLineage(standing, view);
        return isDiskOf(view, self, disk) && (hasAll || beginsLineage(view, self, standing));
    }

    /**
     * Who is alone in a view of a lineage that it has not taken part in yet is the one that the lineage was made of: others
     * have that lineage on disk before they become members. It begins with what it has, also when that is not all.
     */
    private static boolean beginsLineage(PartitionView view, String self, Standing standing) {
        return view.owner().equals(self)
                && view.inSync().size() == 1
                && standing.view()
                        .filter(own -> own.lineage() == view.lineage())
                        .isEmpty();
    }

    /** What is held of another lineage counts for nothing. */
    boolean isOfOtherLineage(Standing standing, PartitionView view) {
        return standing.isOfOtherLineage(view);
    }

    /** Whether a node that a view names has still what it had then. */
    boolean isDiskOf(PartitionView view, String node, long disk) {
        return view.isInSync(node, disk);
    }

    /** A replica leaves its table for one with a higher number only: what it was in a table that it left it is never again. */
    boolean mayFollow(long generation, Standing standing) {
        return generation > standing.generation();
    }

    /** A report counts when the replica follows this table, and so will never follow an older one again. */
    boolean counts(Standing standing, long generation) {
        return standing.generation() == generation;
    }

    /**
     * Whether enough nodes have reported for a partition to open again whose view the table has lost.
     *
     * @param highest the view with the highest epoch that any of them knows
     * @param reports those that count
     */
    boolean isComplete(PartitionView highest, Map<String, ReplicaReport> reports) {
        return highest.inSync().stream()
                .allMatch(node -> reports.containsKey(node) && knowsWhatFollowed(highest, node, reports.get(node)));
    }

    /**
     * Whether a member of a view still knows of the later ones that it took part in. Who has gone over to another lineage since
     * has forgotten them, and what it held.
     */
    boolean knowsWhatFollowed(PartitionView view, String node, ReplicaReport report) {
        return !report.failed() && isDiskOf(view, node, report.disk()) && !isOfOtherLineage(report.standing(), view);
    }

    /** Whether there are two histories, so that none may be chosen without an operator. */
    boolean isForked(Collection<ReplicaReport> reports) {
        return ColdStart.isForked(reports);
    }

    /**
     * Whether a node that holds nothing has never held anything: not if anybody has seen it with another data directory.
     *
     * @param known all views of all partitions that anybody knows of
     */
    boolean isNew(String node, long disk, Collection<PartitionView> known) {
        return known.stream().noneMatch(view -> view.isInSync(node) && !isDiskOf(view, node, disk));
    }
}
