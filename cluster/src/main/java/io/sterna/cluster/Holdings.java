package io.sterna.cluster;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a replica holds, said in ranges: since sequences are never given twice, that is enough to tell what it lacks.
 *
 * @param queues sequences of live messages, by queue
 */
public record Holdings(Map<Long, SequenceRanges> queues) {
    public Holdings {
        queues = Collections.unmodifiableMap(new TreeMap<>(queues));
    }

    public SequenceRanges of(long queueId) {
        return queues.getOrDefault(queueId, SequenceRanges.NONE);
    }
}
