package io.sterna.cluster;

import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What the table holds; views by partition, rising. */
public record TableContent(Map<Integer, PartitionView> views, Optional<Placement> placement) {
    public TableContent {
        views = Collections.unmodifiableMap(new TreeMap<>(views));
    }
}
