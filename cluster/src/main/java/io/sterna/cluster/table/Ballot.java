package io.sterna.cluster.table;

import java.util.Comparator;

/**
 * The number of one attempt to change the table; no two attempts have the same.
 *
 * @param round above those that its node has seen
 * @param life a random number of whoever makes it, since a node's process may have forgotten what it did in its former life
 */
public record Ballot(long round, String node, long life) implements Comparable<Ballot> {
    /** Below all others. */
    public static final Ballot NONE = new Ballot(0, "", 0);

    private static final Comparator<Ballot> ORDER =
            Comparator.comparingLong(Ballot::round).thenComparing(Ballot::node).thenComparingLong(Ballot::life);

    @Override
    public int compareTo(Ballot other) {
        return ORDER.compare(this, other);
    }
}
