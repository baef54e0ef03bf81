package io.sterna.broker.queue;

/**
 * Where a message is. Legal transitions:
 *
 * <pre>
 *   FRESH    → SCHEDULED arrived before its time
 *   SCHEDULED → FRESH    its time has come, and it is the last one
 *   SCHEDULED → RETURNED its time has come, and others are behind it
 *   FRESH    → ACQUIRED  delivered
 *   RETURNED → ACQUIRED  delivered again
 *   ACQUIRED → RETURNED  released, modified, or the consumer was lost with such a default outcome
 *   ACQUIRED → SCHEDULED as before, to be delivered again after a while
 *   any      → GONE      accepted, dead-lettered, dropped, purged, missing, queue deleted
 * </pre>
 */
enum EntryState {
    FRESH(0),
    RETURNED(1),
    ACQUIRED(2),
    SCHEDULED(3),
    GONE(4);

    private static final EntryState[] BY_CODE = {FRESH, RETURNED, ACQUIRED, SCHEDULED, GONE};

    /** Stands for it where there are millions. */
    final byte code;

    EntryState(int code) {
        this.code = (byte) code;
    }

    static EntryState of(byte code) {
        return BY_CODE[code];
    }

    boolean mayBecome(EntryState next) {
        return switch (next) {
            case FRESH -> this == SCHEDULED;
            case ACQUIRED -> this == FRESH || this == RETURNED;
            case RETURNED -> this == ACQUIRED || this == SCHEDULED;
            case SCHEDULED -> this == FRESH || this == ACQUIRED;
            case GONE -> this != GONE;
        };
    }
}
