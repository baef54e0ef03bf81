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

    /** Who may follow a dead owner. */
    List<String> successors(PartitionView view, Collection<String> alive) {
        return view.inSync().stream().filter(alive::contains).toList();
    }

    /**
     * Whether enough nodes have reported for a partition to open again whose view the table has lost.
     *
     * @param highest the view with the highest epoch that any of them knows
     */
    boolean isComplete(PartitionView highest, Map<String, ReplicaReport> reports) {
        return reports.keySet().containsAll(highest.inSync());
    }
}
