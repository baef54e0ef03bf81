package io.sterna.amqp;

import java.util.ArrayDeque;

/**
 * Transfers of a session that wait for room. Each link has its queue; the links that may send take turns, a frame at a
 * time, so that a large message or a peer that gives no credit holds up its own link only (AMQP 1.0 §2.6.14).
 */
final class OutgoingTransfers {
    private final Session session;
    private final TransferWindows windows;
    private final ArrayDeque<SenderLink> ready = new ArrayDeque<>(2);
    private int nextDeliveryId;

    OutgoingTransfers(Session session, TransferWindows windows) {
        this.session = session;
        this.windows = windows;
    }

    /** The link may have got something to write. */
    void offer(SenderLink link) {
        if (link.mayWrite() && link.becomeReady()) {
            ready.addLast(link);
            session.schedule();
        }
    }

    void clear() {
        ready.clear();
    }

    /** Writes as far as windows and {@code maxOutputBytes} go; returns whether more output would have let it go on. */
    boolean write(int maxOutputBytes) {
        Connection connection = session.connection();
        int maxFrameBytes = connection.maxOutgoingFrameBytes();
        while (!ready.isEmpty() && windows.canSend()) {
            if (connection.outputBytes() >= maxOutputBytes) {
                return true;
            }
            SenderLink link = ready.removeFirst();
            OutgoingDelivery delivery = link.nextToWrite();
            if (delivery != null) {
                if (!delivery.started()) {
                    delivery.start(nextDeliveryId++, connection.codec());
                    link.onStarted();
                    session.dispositions().addOutgoing(delivery);
                }
                delivery.write(connection.writer(), session.localChannel(), maxFrameBytes);
                windows.onSent();
                link.onWritten(delivery);
            }
            if (link.staysReady()) {
                ready.addLast(link);
            }
        }
        return false;
    }

    /** Gives up a delivery that the peer has a part of; without room for saying so, the detach that follows says it. */
    void abort(OutgoingDelivery delivery) {
        session.dispositions().removeOutgoing(delivery);
        if (windows.canSend() && session.localState() == EndpointState.OPEN) {
            session.connection()
                    .writer()
                    .abort(session.localChannel(), delivery.link().localHandle());
            windows.onSent();
        }
    }
}
