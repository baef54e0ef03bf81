package io.sterna.broker.partition;

/**
 * Deletes a queue that was empty and unused for as long as its policy says. Owned by the partition's loop; until it
 * starts by the thread that recovers it.
 */
final class IdleWatch {
    private final QueueNode node;
    private long idleMillis;
    private final Alarms.Alarm alarm;
    private boolean idle;

    /** @param idleMillis 0 for never */
    IdleWatch(QueueNode node, long idleMillis, Runnable delete) {
        this.node = node;
        this.idleMillis = idleMillis;
        alarm = node.loop().alarms().alarm(delete);
    }

    /** To be called when the queue may have become idle, or is so no longer. */
    void look(boolean idleNow) {
        if (idleMillis != 0 && idleNow != idle) {
            idle = idleNow;
            alarm.set(idleNow ? node.loop().nowMillis() + idleMillis : Long.MAX_VALUE);
        }
    }

    /** From now on it is so long; the time begins anew. */
    void changed(long newIdleMillis, boolean idleNow) {
        idleMillis = newIdleMillis;
        end();
        idle = false;
        look(idleNow);
    }

    void end() {
        alarm.set(Long.MAX_VALUE);
    }
}
