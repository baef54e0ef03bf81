package io.sterna.cluster.table;

import io.sterna.cluster.TableContent;

/** What nodes say to each other about the table. Each may get lost, come late, and come twice. */
public sealed interface TableMessage {

    /** To a keeper: what have you accepted? */
    record Ask(long attempt) implements TableMessage {}

    /** To a keeper: promise to take nothing below this number, and say what you have accepted. */
    record Prepare(long attempt, Ballot ballot) implements TableMessage {}

    /** To a keeper: remember this, unless you have promised more. */
    record Accept(long attempt, Ballot ballot, TableContent content) implements TableMessage {}

    /**
     * From a keeper, when what it says is on its disk. It tells by the numbers whether it has done what it was asked for.
     *
     * @param attempt of the question
     * @param blank it remembers nothing, since its disk was empty, and its word counts for nothing yet
     */
    record Answer(long attempt, boolean blank, KeeperState state) implements TableMessage {}

    /** To all: the table is another one now. */
    record Changed() implements TableMessage {}
}
