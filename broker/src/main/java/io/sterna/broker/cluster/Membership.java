package io.sterna.broker.cluster;

import io.sterna.cluster.Member;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Who counts as a member: who is connected, and who was until a while ago, or replicas would be made anew elsewhere with each
 * restart. Owned by one event loop.
 */
final class Membership {
    /** Who is away for longer gets nothing any more, until it is back. */
    static final long PATIENCE_MILLIS = 10 * 60_000;

    private final Map<String, Known> nodes = new TreeMap<>();

    /**
     * A node.
     *
     * @param told whether it has said itself whether it is drained
     * @param goneMillis since when it is away; nothing while it is present
     */
    private record Known(Member member, boolean told, boolean present, long goneMillis) {
        private Known draining(boolean draining, boolean nowTold) {
            Member now = new Member(member.id(), member.witness(), draining);
            return new Known(now, nowTold, present, goneMillis);
        }
    }

    Membership(Member self) {
        nodes.put(self.id(), new Known(self, true, true, 0));
    }

    /** It is connected. Of one that was never heard of nobody knows whether it is drained until it says so: it gets nothing. */
    void onUp(String id, boolean witness) {
        Known before = nodes.get(id);
        boolean draining = before == null || before.member().draining();
        boolean told = before != null && before.told();
        nodes.put(id, new Known(new Member(id, witness, draining), told, true, 0));
    }

    void onDown(String id, long nowMillis) {
        nodes.computeIfPresent(id, (same, gone) -> new Known(gone.member(), gone.told(), false, nowMillis));
    }

    /** It says whether it is drained. */
    void onDraining(String id, boolean draining) {
        nodes.computeIfPresent(id, (same, known) -> known.draining(draining, true));
    }

    /**
     * The table says that they are to have replicas: so they are members that were not drained, also when this node has
     * started after them and has not heard of them.
     */
    void onPlaced(Collection<String> holders, long nowMillis) {
        for (String id : holders) {
            nodes.compute(id, (same, known) -> {
                if (known == null) {
                    return new Known(new Member(id, false, false), false, false, nowMillis);
                }
                return known.told() ? known : known.draining(false, false);
            });
        }
    }

    /** Who counts, those that are there first, by their ids. */
    List<Member> members(long nowMillis) {
        List<Member> members = new ArrayList<>();
        nodes.values().stream().filter(Known::present).map(Known::member).forEach(members::add);
        nodes.values().stream()
                .filter(each -> !each.present() && nowMillis - each.goneMillis() <= PATIENCE_MILLIS)
                .map(Known::member)
                .forEach(members::add);
        return members;
    }

    boolean isPresent(String id) {
        return present().anyMatch(id::equals);
    }

    boolean isWitness(String id) {
        return nodes.containsKey(id) && nodes.get(id).member().witness();
    }

    Stream<String> present() {
        return nodes.values().stream().filter(Known::present).map(each -> each.member()
                .id());
    }

    /** Who is there and may have replicas. */
    Stream<String> presentHolders() {
        return nodes.values().stream()
                .filter(each -> each.present()
                        && !each.member().witness()
                        && !each.member().draining())
                .map(each -> each.member().id());
    }
}
