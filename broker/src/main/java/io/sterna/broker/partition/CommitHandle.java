package io.sterna.broker.partition;

/**
 * This node's part in a commit over partitions of several nodes, when all of it is prepared. Any thread; one of these is
 * called, once. What becomes of it goes to the {@link CommitAnswer} of the commit.
 */
public interface CommitHandle {

    /**
     * What others have to know: of the part that decides the name of the transaction, empty when there is nothing to do
     * here; of another one its partitions, a bit for each.
     */
    byte[] told();

    /**
     * All others are prepared: of the part that decides, it does; of another one, it does what was decided.
     *
     * @param others the partitions of all others, for the one that decides
     */
    void goOn(long others);

    /** Nothing was decided, and nothing will be. */
    void giveUp();

    /** Whoever was to say how it goes on is gone. What is prepared finds out; see {@link PendingTransactions}. */
    void leave();
}
