package io.sterna.store;

/** Hears what became of a lane's records. Called on the store's threads, by one at a time; must only hand over and return. */
public interface LaneListener {

    /** All records up to and including {@code position} are on stable storage. Rises from call to call. */
    void onDurable(long position);

    /** The store has failed; nothing beyond the last {@link #onDurable} position is promised. Called once at most, and last. */
    void onFailed(StoreException cause);
}
