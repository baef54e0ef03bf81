package io.sterna.broker.queue;

/**
 * How many messages may still be passed over within this turn of the loop, so that a search through a deep backlog
 * holds nobody else up. Owned by the partition's event loop.
 */
final class ScanBudget {
    private final int perTurn;
    private int left;
    private boolean refused;
    private boolean exhausted;

    ScanBudget(int perTurn) {
        this.perTurn = perTurn;
        left = perTurn;
    }

    void renew() {
        left = perTurn;
        exhausted = false;
    }

    void beginSearch() {
        refused = false;
    }

    /** Says whether one more may be passed over. */
    boolean take() {
        if (left == 0) {
            refused = true;
            exhausted = true;
            return false;
        }
        left--;
        return true;
    }

    /** Whether the search has to be continued in another turn. */
    boolean refused() {
        return refused;
    }

    boolean isSpent() {
        return left == 0;
    }

    /** Somebody waits for the next turn. */
    void postpone() {
        exhausted = true;
    }

    /** Whether another turn is needed. */
    boolean exhausted() {
        return exhausted;
    }
}
