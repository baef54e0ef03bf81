package io.sterna.amqp;

/** When a connection has to be heard and when it is given up (AMQP 1.0 §2.4.5). Times are monotonic milliseconds. */
final class IdleTimers {
    /** We look at the time ten times a second, which is not enough for less. */
    static final long MIN_PEER_IDLE_TIMEOUT_MILLIS = 250;

    private static final long NEVER = Long.MAX_VALUE;

    private final ConnectionSettings settings;
    private final long start;
    private long now;
    private long lastReceived;
    private long lastSent;
    private long closeSent = NEVER;
    private long peerIdleTimeoutMillis;

    IdleTimers(ConnectionSettings settings, long nowMillis) {
        this.settings = settings;
        start = nowMillis;
        now = nowMillis;
        lastReceived = nowMillis;
        lastSent = nowMillis;
    }

    void now(long nowMillis) {
        now = nowMillis;
    }

    void onReceived() {
        lastReceived = now;
    }

    void onSent() {
        lastSent = now;
    }

    void onCloseSent() {
        closeSent = now;
    }

    void peerIdleTimeoutMillis(long millis) {
        peerIdleTimeoutMillis = millis;
    }

    boolean handshakeExpired() {
        return now - start >= settings.handshakeTimeoutMillis();
    }

    boolean closeExpired() {
        return closeSent != NEVER && now - closeSent >= settings.closeTimeoutMillis();
    }

    boolean peerSilent() {
        return settings.idleTimeoutMillis() > 0 && now - lastReceived >= settings.idleTimeoutMillis();
    }

    boolean heartbeatDue() {
        return peerIdleTimeoutMillis > 0 && now - lastSent >= peerIdleTimeoutMillis / 2;
    }

    long untilNext(boolean inHandshake, boolean closing) {
        long next = NEVER;
        if (inHandshake) {
            next = Math.min(next, start + settings.handshakeTimeoutMillis() - now);
        }
        if (closing) {
            return Math.max(1, closeSent == NEVER ? NEVER : closeSent + settings.closeTimeoutMillis() - now);
        }
        if (settings.idleTimeoutMillis() > 0) {
            next = Math.min(next, lastReceived + settings.idleTimeoutMillis() - now);
        }
        if (peerIdleTimeoutMillis > 0) {
            next = Math.min(next, lastSent + peerIdleTimeoutMillis / 2 - now);
        }
        return Math.max(1, next);
    }
}
