package io.sterna.cluster.table;

import io.sterna.cluster.TableContent;

/**
 * The decisions on which it rests that there is one table only, in one place. Tests put broken ones in their place, and show
 * that the simulation sees it.
 */
class TableRules {

    /** A keeper promises to take part in an attempt with a higher number only. */
    boolean mayPromise(Ballot ballot, KeeperState now) {
        return ballot.compareTo(now.promised()) > 0;
    }

    /** A keeper takes nothing older than it has promised. */
    boolean mayAccept(Ballot ballot, KeeperState now) {
        return ballot.compareTo(now.promised()) >= 0;
    }

    /** A keeper says what is on its disk. */
    boolean maySay(long version, long written) {
        return version <= written;
    }

    /** What a keeper with an empty disk says counts for nothing. */
    boolean counts(boolean blank) {
        return !blank;
    }

    /** Whether what was accepted with the highest number was accepted by a majority, and so is what the table holds. */
    boolean isAccepted(Quorum answers) {
        Ballot highest = answers.newest().accepted();
        return answers.count(each -> each.accepted().equals(highest)) >= answers.majority();
    }

    /** What follows has to be made from: a majority that has promised has nothing that is newer. */
    TableContent base(Quorum promising) {
        return promising.newest().content();
    }

    /** What a keeper with an empty disk has to be told first, by how many others. */
    int enough(int keepers) {
        return keepers - keepers / 2;
    }
}
