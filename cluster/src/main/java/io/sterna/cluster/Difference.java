package io.sterna.cluster;

import io.sterna.store.LogOperation;
import java.util.List;

/**
 * One part of what has to be changed in a replica so that it holds what the owner holds.
 *
 * @param operations what to do, in this order
 * @param last nothing is different after it
 */
public record Difference(List<LogOperation> operations, boolean last) {
    public Difference {
        operations = List.copyOf(operations);
    }
}
