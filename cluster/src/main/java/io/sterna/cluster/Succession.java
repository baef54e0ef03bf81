package io.sterna.cluster;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Who follows the owner of a partition when that one is dead, or can't be it any more. A pure function. */
final class Succession {
    private final SafetyRules rules;

    Succession(SafetyRules rules) {
        this.rules = rules;
    }

    /**
     * The view to come: those who are not fit are out, and the owner is who has the longest log. That is a hint, which may be old: whoever
     * it is finds out when it begins.
     *
     * @param ends of the logs of those who are fit, as far as they were reported
     * @param hearing who hears from the table
     * @return empty when nobody may have it, or the owner may keep it
     */
    Optional<PartitionView> next(PartitionView view, Map<String, Position> ends, Collection<String> hearing) {
        if (ends.containsKey(view.owner()) && hearing.contains(view.owner())) {
            return Optional.empty();
        }
        List<String> left = rules.successors(view, ends.keySet());
        return left.stream()
                .filter(hearing::contains)
                .max(Comparator.comparing(ends::get))
                .map(owner -> view.following(view.epoch() + 1, owner, left));
    }
}
