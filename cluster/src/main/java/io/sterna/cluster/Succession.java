package io.sterna.cluster;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Who follows the owner of a partition when that one is dead. A pure function. */
final class Succession {
    private final SafetyRules rules;

    Succession(SafetyRules rules) {
        this.rules = rules;
    }

    /**
     * The view to come: the dead are out, and the owner is who has the longest log. That is a hint, which may be old: whoever
     * it is finds out when it begins.
     *
     * @param alive who seems to live
     * @param ends of logs, as far as they were reported
     * @return empty when nobody who lives may have it, or the owner lives
     */
    Optional<PartitionView> next(PartitionView view, Collection<String> alive, Map<String, Position> ends) {
        if (alive.contains(view.owner())) {
            return Optional.empty();
        }
        List<String> left = rules.successors(view, alive);
        return left.stream()
                .max(Comparator.comparing((String node) -> ends.getOrDefault(node, Position.START)))
                .map(owner -> new PartitionView(view.partition(), view.epoch() + 1, owner, left));
    }
}
