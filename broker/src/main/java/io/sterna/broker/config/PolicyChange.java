package io.sterna.broker.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A change of what a node's own settings say.
 *
 * @param set keys that get a value
 * @param removed keys of which they say nothing any more
 */
public record PolicyChange(PolicySettings set, List<String> removed) {
    /** Changes nothing. */
    public static final PolicyChange NONE = new PolicyChange(PolicySettings.NONE, List.of());

    public PolicyChange {
        removed = List.copyOf(removed);
    }

    /**
     * Reads a change.
     *
     * @param values texts, numbers or truth values by key; empty for a key that is to be removed
     * @throws ConfigException when a key is not known, or does not make sense for the target, or its value is wrong
     */
    public static PolicyChange of(Map<String, Optional<Object>> values, PolicyTarget target) throws ConfigException {
        Map<String, Object> set = new HashMap<>();
        List<String> removed = new ArrayList<>();
        values.forEach((key, value) -> value.ifPresentOrElse(its -> set.put(key, its), () -> removed.add(key)));
        PolicySettings.refuseUnknown(removed, target);
        if (removed.remove(QueueLimits.RING)) {
            removed.addAll(QueueLimits.MEANT_BY_RING);
        }
        return new PolicyChange(PolicySettings.of(set, target), removed);
    }

    /** What becomes of a node's own settings. */
    public PolicySettings appliedTo(PolicySettings own) {
        PolicySettings left = own;
        for (String key : removed) {
            left = left.without(key);
        }
        return set.over(left);
    }
}
