package io.sterna.cluster;

import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What the table holds; views by partition, rising.
 *
 * @param generation which table it is: one that takes the place of a lost one has a higher number; 0 while none has begun
 */
public record TableContent(long generation, Map<Integer, PartitionView> views, Optional<Placement> placement) {
    /** What is there before any generation has begun. */
    public static final TableContent NONE = new TableContent(0, Map.of(), Optional.empty());

    private static final int COUNT_SHIFT = 32;

    public TableContent {
        views = Collections.unmodifiableMap(new TreeMap<>(views));
        if (generation < 0) {
            throw new IllegalArgumentException("generation is " + generation);
        }
    }

    /** A table in which nothing is written yet. */
    public static TableContent begun(long generation) {
        return new TableContent(generation, Map.of(), Optional.empty());
    }

    /** A generation above another one. Two that are chosen at the same time differ in their lower half, which is random. */
    static long generationAbove(long highest, long random) {
        return ((highest >>> COUNT_SHIFT) + 1) << COUNT_SHIFT | (random & 0xffff_ffffL);
    }
}
