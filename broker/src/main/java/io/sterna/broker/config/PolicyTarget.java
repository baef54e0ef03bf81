package io.sterna.broker.config;

import java.util.ArrayList;
import java.util.List;

/** What a policy is for; not every key makes sense for each. */
public enum PolicyTarget {
    /** A queue. */
    QUEUE,
    /** A topic, for what is sent to it and for its subscriptions, which go when their subscribers say so. */
    TOPIC,
    /** The dead letters of a queue: what has failed for good neither expires nor fails again. */
    DEAD_LETTERS;

    /** The keys that it has, in the order in which they are shown. */
    public List<String> keys() {
        List<String> keys = new ArrayList<>(QueuePolicy.keys());
        switch (this) {
            case QUEUE -> {}
            case TOPIC -> keys.remove("auto-delete");
            case DEAD_LETTERS ->
                keys.retainAll(List.of("max-length", "max-bytes", "overflow", "ring", "max-memory", "lock-duration"));
        }
        return keys;
    }
}
