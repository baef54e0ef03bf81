package io.sterna.store;

/** What the journal waits for a segment for. */
enum SegmentNeed {
    RECORD,
    /** One that gets a segment of its own: those that are free are of no use to it. */
    LONG_RECORD,
    /** Nothing is kept free for it any more, so no checkpoint will free a segment. */
    NOTE
}
