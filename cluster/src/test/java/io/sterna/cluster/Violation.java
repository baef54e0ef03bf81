package io.sterna.cluster;

/** Something has happened that must not. */
final class Violation extends AssertionError {
    private static final long serialVersionUID = 1L;

    private final Invariant invariant;

    /** What always holds, unless there is a mistake. */
    enum Invariant {
        /** In an epoch of a lineage one life of one node accepts. */
        ONE_OWNER,

        /** What is committed stays so, and so does its order. */
        COMMITTED_STAYS,

        /** What has one name is one record, after the same one everywhere. */
        ONE_HISTORY,

        /** Messages of a producer are committed in the order in which they were accepted; sequences rise in each queue. */
        ORDER,

        /** An owner opens with what is committed. */
        OPENS_WITH_ALL,

        /** Who is in sync has on disk what is committed. */
        MEMBERS_HAVE_ALL,

        /** Where the logs of whole replicas end with the same record, they hold the same. */
        EQUAL_CONTENT,

        /** Records are told as committed only when there are as many copies as there are to be. */
        ENOUGH_COPIES,

        /** A partition begins another history only when an operator has forced it. */
        ONE_LINEAGE,

        /** When nothing fails any more, all is in sync and equal, and accepts. */
        SETTLES,

        /** The classes under test find nothing impossible. */
        NO_DEFECT
    }

    Violation(Invariant invariant, String what) {
        super(invariant + ": " + what);
        this.invariant = invariant;
    }

    Violation(Invariant invariant, String what, Throwable cause) {
        super(invariant + ": " + what, cause);
        this.invariant = invariant;
    }

    Invariant invariant() {
        return invariant;
    }
}
