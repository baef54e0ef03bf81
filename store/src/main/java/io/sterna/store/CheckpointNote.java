package io.sterna.store;

/**
 * What a finished checkpoint leaves in the journal.
 *
 * @param fileNumber which file of messages it is about
 * @param version MVStore's version that is synced
 * @param fileBytes length of the file then; what lies behind it does not count
 * @param replayFrom number of the first journal record that this version may lack
 */
record CheckpointNote(int fileNumber, long version, long fileBytes, long replayFrom) {}
