package io.sterna.store;

/**
 * The first byte of an operation in a journal record.
 *
 * <pre>
 *   1 epoch started
 *   2 node created    | node id long | kind int | bytes int | address UTF-8 | bytes int | settings
 *   3 node deleted    | node id long
 *   4 enqueued        | queue id long | sequence long | bytes int | traits | bytes int | message
 *   5 published       | topic id long | sequence long | bytes int | traits | count int | bytes int | queue ids | bytes int
 *                     | message         queue ids as varints, each the zigzag difference to the one before
 *   6 acknowledged    | queue id long | count int | count × sequence long
 *   7 updated         | queue id long | sequence long | delivery count int | bytes int | traits | bytes int | annotations
 *   8 atomic          | count int | count × operation
 *   9 checkpoint note   see {@link RecordCodec}
 *  10 node changed    | node id long | bytes int | settings
 *  11 value put       | node id long | bytes int | key | bytes int | value
 *  12 value removed   | node id long | bytes int | key
 *  13 log restarted
 *  14 partition removed
 * </pre>
 */
final class OperationTag {
    static final int EPOCH_STARTED = 1;
    static final int NODE_CREATED = 2;
    static final int NODE_DELETED = 3;
    static final int ENQUEUED = 4;
    static final int PUBLISHED = 5;
    static final int ACKNOWLEDGED = 6;
    static final int UPDATED = 7;
    static final int ATOMIC = 8;
    static final int NOTE = 9;
    static final int NODE_CHANGED = 10;
    static final int VALUE_PUT = 11;
    static final int VALUE_REMOVED = 12;
    static final int LOG_RESTARTED = 13;
    static final int PARTITION_REMOVED = 14;

    private OperationTag() {}
}
