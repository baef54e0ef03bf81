package io.sterna.store;

/**
 * Figures of a store since it was opened.
 *
 * @param recordsAppended records made durable
 * @param bytesAppended bytes of these records, with their headers
 * @param forces forced writes of the journal
 * @param checkpoints checkpoints completed
 * @param journalSegments journal segments that hold something still needed
 * @param journalBytes size of all journal files on disk, bytes
 * @param messageStoreBytes size of the MVStore file, bytes
 * @param damages times that stored data was found to be unreadable and set aside
 */
public record StoreMetrics(
        long recordsAppended,
        long bytesAppended,
        long forces,
        long checkpoints,
        int journalSegments,
        long journalBytes,
        long messageStoreBytes,
        int damages) {}
