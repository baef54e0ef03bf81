package io.sterna.store;

/**
 * A journal file, used again and again when it has the usual size, deleted after use when it was made for one record.
 *
 * @param bytes what it can hold, header included
 * @param oversized made for one long record
 */
record SegmentFile(String name, Disk.File file, long bytes, boolean oversized) {}
