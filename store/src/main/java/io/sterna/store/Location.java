package io.sterna.store;

/** Where a record lies in the journal: segment number above, offset in the segment below. Rises with the log. */
final class Location {
    private Location() {}

    static long of(int segment, long offset) {
        return ((long) segment << 32) | offset;
    }

    static int segment(long location) {
        return (int) (location >>> 32);
    }

    static long offset(long location) {
        return location & 0xFFFF_FFFFL;
    }
}
