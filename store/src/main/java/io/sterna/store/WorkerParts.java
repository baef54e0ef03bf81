package io.sterna.store;

import java.util.NavigableMap;

/**
 * What the worker works on, built by recovery.
 *
 * @param segments journal segments that hold something needed, by number
 */
record WorkerParts(
        Disk disk,
        StoreConfig config,
        StoreState state,
        BlockStore blocks,
        JournalReader reader,
        SegmentPool pool,
        NavigableMap<Integer, JournalSegment> segments) {}
