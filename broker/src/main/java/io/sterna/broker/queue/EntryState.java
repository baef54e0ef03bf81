package io.sterna.broker.queue;

/**
 * Where a message is. Legal transitions:
 *
 * <pre>
 *   FRESH    → ACQUIRED  delivered
 *   RETURNED → ACQUIRED  delivered again
 *   ACQUIRED → RETURNED  released, modified, or the consumer was lost with such a default outcome
 *   any      → GONE      accepted, rejected, purged, missing, queue deleted
 * </pre>
 */
enum EntryState {
    FRESH,
    RETURNED,
    ACQUIRED,
    GONE;

    boolean mayBecome(EntryState next) {
        return switch (next) {
            case FRESH -> false;
            case ACQUIRED -> this == FRESH || this == RETURNED;
            case RETURNED -> this == ACQUIRED;
            case GONE -> this != GONE;
        };
    }
}
