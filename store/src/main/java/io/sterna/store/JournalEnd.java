package io.sterna.store;

/**
 * Where the journal goes on.
 *
 * @param position offset behind the last record
 * @param lastRecord the last record's number
 */
record JournalEnd(JournalSegment segment, long position, long lastRecord) {}
