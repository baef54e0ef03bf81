package io.sterna.cluster;

import io.sterna.cluster.ReplicaMessage.Appended;
import io.sterna.cluster.ReplicaMessage.Dropped;
import io.sterna.cluster.ReplicaMessage.Join;
import io.sterna.cluster.ReplicaMessage.PartApplied;
import io.sterna.store.LogRecord;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Who is catching up with an owner, by node. Owned by the replica's loop. */
final class CatchUps {
    private final Owner owner;
    private final Map<String, CatchUp> all = new TreeMap<>();

    CatchUps(Owner owner) {
        this.owner = owner;
    }

    void onJoin(String node, Join join) {
        CatchUp known = all.get(node);
        boolean same = known != null && known.attempt() == join.attempt();
        // Who may become a member at any moment has to stay as it is.
        boolean settled = owner.view().isInSync(node) || owner.proposes(node);
        if (same || settled || !owner.context().wanted().contains(node)) {
            return;
        }
        if (known != null) {
            known.end();
        }
        CatchUp catchUp = new CatchUp(node, owner, join, owner.context().newStream());
        all.put(node, catchUp);
        catchUp.begin();
    }

    /** What a message from a node is about, unless it is over. */
    private Optional<CatchUp> find(String node, long stream) {
        return Optional.ofNullable(all.get(node)).filter(each -> each.stream() == stream);
    }

    void onAppended(String node, Appended appended) {
        Optional<CatchUp> found = find(node, appended.stream());
        found.ifPresent(each -> each.onAppended(appended.durable()));
        if (found.isEmpty()) {
            owner.send(node, new Dropped(owner.partition(), owner.epoch(), appended.stream()));
        }
    }

    void onPartApplied(String node, PartApplied applied) {
        find(node, applied.stream()).ifPresent(each -> each.onPartApplied(applied.number()));
    }

    void onDifference(long stream, Difference difference) {
        all.values().stream()
                .filter(each -> each.stream() == stream)
                .findFirst()
                .ifPresent(each -> each.onDifference(difference));
    }

    /** Nothing while it is not complete. */
    long acknowledgedBy(String node) {
        return Optional.ofNullable(all.get(node))
                .filter(CatchUp::isComplete)
                .map(CatchUp::acknowledged)
                .orElse(0L);
    }

    /** One who may become a member. */
    Optional<CatchUp> caughtUp(long committed) {
        return all.values().stream()
                .filter(CatchUp::isComplete)
                .filter(each -> owner.context().rules().isCaughtUp(each.acknowledged(), committed))
                .findFirst();
    }

    boolean isEmpty() {
        return all.isEmpty();
    }

    void onOctets(String node) {
        Optional.ofNullable(all.get(node)).ifPresent(CatchUp::onOctets);
    }

    void add(LogRecord record) {
        all.values().forEach(each -> each.add(record));
    }

    /** Sends all that was not sent. */
    void flush() {
        all.values().forEach(CatchUp::flush);
    }

    void onResumed() {
        all.values().forEach(CatchUp::onResumed);
    }

    void tick() {
        all.values().removeIf(each -> {
            if (each.isLost()) {
                each.end();
            }
            return each.isLost();
        });
        all.values().forEach(CatchUp::tick);
    }

    void end() {
        all.values().forEach(CatchUp::end);
    }
}
