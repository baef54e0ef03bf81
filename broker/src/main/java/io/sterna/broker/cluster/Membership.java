package io.sterna.broker.cluster;

import io.sterna.cluster.Member;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Who counts as a member: who is connected, and who was until a while ago, or replicas would be made anew elsewhere with each
 * restart. Owned by one event loop.
 */
final class Membership {
    /** Who is away for longer gets nothing any more, until it is back. */
    static final long PATIENCE_MILLIS = 10 * 60_000;

    private final Map<String, Member> present = new TreeMap<>();
    private final Map<String, Away> away = new TreeMap<>();

    private record Away(Member member, long sinceMillis) {}

    Membership(Member self) {
        present.put(self.id(), self);
    }

    void onUp(Member member) {
        away.remove(member.id());
        present.put(member.id(), member);
    }

    void onDown(String id, long nowMillis) {
        Member gone = present.remove(id);
        if (gone != null) {
            away.put(id, new Away(gone, nowMillis));
        }
    }

    /** Who counts, those that are there first, by their ids. */
    List<Member> members(long nowMillis) {
        away.values().removeIf(each -> nowMillis - each.sinceMillis() > PATIENCE_MILLIS);
        List<Member> members = new ArrayList<>(present.values());
        away.values().forEach(each -> members.add(each.member()));
        return members;
    }

    boolean isPresent(String id) {
        return present.containsKey(id);
    }
}
