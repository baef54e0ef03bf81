package io.sterna.cluster.table;

import io.sterna.cluster.TableContent;

/**
 * What a keeper must not forget.
 *
 * @param promised no attempt with a lower number is answered any more
 * @param accepted the number of the attempt that the content came with
 * @param content what the table holds, if a majority has accepted the same
 */
public record KeeperState(Ballot promised, Ballot accepted, TableContent content) {
    /** Of a keeper of a new cluster. */
    static final KeeperState FIRST = new KeeperState(Ballot.NONE, Ballot.NONE, TableContent.NONE);

    public KeeperState {
        if (accepted.compareTo(promised) > 0) {
            throw new IllegalArgumentException("accepted " + accepted + ", but promised only " + promised);
        }
    }
}
