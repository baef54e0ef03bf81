package io.sterna.store;

/**
 * What a finished checkpoint leaves in the journal.
 *
 * @param version MVStore's version that is synced
 * @param replayFrom number of the first journal record that this version may lack
 */
record CheckpointNote(long version, long replayFrom) {}
