package io.sterna.cluster;

import java.util.List;

/**
 * Why a partition has no owner and gets none by itself. An operator who opens it by force says what he saw: by then it may
 * not be so any more.
 *
 * @param epoch the highest that anybody who is there knows of, 0 for none
 * @param missing nodes that are waited for: that are away, have failed, or have lost what they had; sorted
 * @param forked there are two histories of one epoch, of which only an operator can say which one is to go on: by stopping
 *     the nodes that have the other one
 */
public record Waiting(int partition, long epoch, List<String> missing, boolean forked) {
    public Waiting {
        missing = missing.stream().sorted().toList();
    }
}
