package io.sterna.amqp;

import java.util.ArrayDeque;

/** What a connection has to say: frames that are written, and sessions that have more to write when there is room. */
final class Outbox {
    private final OutputBuffer buffer;
    private final FrameWriter writer;
    private final ArrayDeque<Session> scheduled = new ArrayDeque<>(2);
    private long flushes;

    Outbox(LoopResources resources) {
        buffer = new OutputBuffer(resources.outputPool);
        writer = new FrameWriter(buffer, resources.codec);
    }

    FrameWriter writer() {
        return writer;
    }

    byte[] array() {
        return buffer.bytes();
    }

    int length() {
        return buffer.length();
    }

    boolean isEmpty() {
        return buffer.length() == 0 && scheduled.isEmpty();
    }

    /** Writes an AMQP frame, with less to its error when it is too large otherwise; returns whether it fitted. */
    boolean performative(int channel, Object performative, int maxFrameBytes) {
        return writer.performative(FrameWriter.AMQP, channel, performative, maxFrameBytes)
                || (Translate.shortenError(performative)
                        && writer.performative(FrameWriter.AMQP, channel, performative, maxFrameBytes));
    }

    /** Takes a session, once, whose {@link Session#flush} is to be called. */
    void schedule(Session session) {
        scheduled.addLast(session);
    }

    /** Nothing more is heard of the sessions that were to write. */
    void dropSessions() {
        scheduled.clear();
    }

    /** Lets the sessions write, in turns: one that could write more goes to the end of the line. */
    void writeSessions(int maxBytes) {
        for (int count = scheduled.size(); count > 0 && buffer.length() < maxBytes; count--) {
            Session session = scheduled.removeFirst();
            if (session.flush(maxBytes)) {
                session.schedule();
            }
        }
    }

    /** The socket has taken what was written. */
    void onTaken() {
        flushes++;
        buffer.clear();
    }

    /** How often the socket has taken something. */
    long flushes() {
        return flushes;
    }
}
