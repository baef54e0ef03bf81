package io.sterna.cluster;

import java.util.List;

/**
 * Where replicas are to be. It is a wish, on which no safety rests: owners bring about what it says, step by step.
 *
 * @param version rises with each change
 * @param nodes by partition; first who is to be the owner
 */
public record Placement(long version, List<List<String>> nodes) {
    public Placement {
        nodes = nodes.stream().map(List::copyOf).toList();
    }

    List<String> of(int partition) {
        return nodes.get(partition);
    }
}
