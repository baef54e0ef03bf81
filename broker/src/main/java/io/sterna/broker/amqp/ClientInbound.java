package io.sterna.broker.amqp;

import io.sterna.amqp.AmqpError;
import io.sterna.amqp.Connection;
import io.sterna.amqp.ErrorCondition;
import io.sterna.amqp.ReceiverLink;
import io.sterna.broker.partition.InboundMemory;
import io.sterna.broker.partition.Producer;

/** What one connection has in the memory for deliveries that arrive. Owned by the connection's loop. */
final class ClientInbound implements InboundMemory.Client {
    /** What goes with a delivery besides its bytes, so that there can't be any number of small ones. */
    private static final int OVERHEAD_BYTES = 512;

    private final InboundMemory memory;
    private final Connection connection;

    ClientInbound(InboundMemory memory, Connection connection) {
        this.memory = memory;
        this.connection = connection;
    }

    private record LinkPart(ClientInbound client, ReceiverLink link) implements InboundMemory.Part {
        @Override
        public void giveUp(long mostBytes) {
            link.giveUp(AmqpError.of(
                    ErrorCondition.RESOURCE_LIMIT_EXCEEDED,
                    "messages that are being sent take more than " + mostBytes
                            + " bytes of memory, and others began before this link's; send again later, smaller messages,"
                            + " or fewer at a time, or give the broker a larger heap"));
        }
    }

    /** The part that a link holds takes so many bytes now; 0 when there is none any more. */
    void onBuffering(ReceiverLink link, int bytes) {
        memory.onPart(new LinkPart(this, link), bytes == 0 ? 0 : (long) bytes + OVERHEAD_BYTES);
    }

    @Override
    public void holdInput(boolean hold) {
        connection.holdInput(hold);
    }

    /** A message of so many bytes has come as a whole; {@link #onDone} follows. */
    void onWhole(long bytes) {
        memory.onWhole(this, bytes + OVERHEAD_BYTES);
    }

    void onDone(long bytes) {
        onDone(1, bytes);
    }

    void onDone(int messages, long bytes) {
        memory.onDone(bytes + (long) messages * OVERHEAD_BYTES);
    }

    /** Gives a producer no credit while it is to wait. */
    void maybeHalt(Producer producer) {
        memory.maybeHalt(this, producer);
    }

    /** The connection is over, and so are its links. */
    void onClosed() {
        memory.forget(this);
    }
}
