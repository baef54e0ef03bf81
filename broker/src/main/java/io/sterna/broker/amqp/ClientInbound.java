package io.sterna.broker.amqp;

import io.sterna.amqp.AmqpError;
import io.sterna.amqp.Connection;
import io.sterna.amqp.ErrorCondition;
import io.sterna.amqp.ReceiverLink;
import io.sterna.broker.partition.InboundMemory;
import java.util.HashMap;
import java.util.Map;

/** What one connection has in the memory for deliveries that arrive. Owned by the connection's loop. */
final class ClientInbound implements InboundMemory.Client {
    /** What goes with a part besides its bytes, so that there can't be any number of small ones. */
    private static final int OVERHEAD_BYTES = 512;

    private final InboundMemory memory;
    private final Connection connection;
    private final Map<ReceiverLink, Integer> parts = new HashMap<>(0);
    private long partBytes;

    ClientInbound(InboundMemory memory, Connection connection) {
        this.memory = memory;
        this.connection = connection;
    }

    /** The part that a link holds takes so many bytes now; 0 when there is none any more. */
    void onBuffering(ReceiverLink link, int bytes) {
        int now = bytes == 0 ? 0 : bytes + OVERHEAD_BYTES;
        int before = parts.getOrDefault(link, 0);
        if (now == 0) {
            parts.remove(link);
        } else {
            parts.put(link, now);
        }
        partBytes += now - before;
        memory.onParts(this, now - before, Integer.signum(now) - Integer.signum(before));
    }

    @Override
    public long partBytes() {
        return partBytes;
    }

    @Override
    public void giveUpLargestPart(long mostBytes) {
        ReceiverLink largest = parts.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .orElseThrow()
                .getKey();
        onBuffering(largest, 0);
        largest.giveUp(AmqpError.of(
                ErrorCondition.RESOURCE_LIMIT_EXCEEDED,
                "messages that are being sent take more than " + mostBytes
                        + " bytes of memory, and this link's is the largest of this connection, which sends most; send again"
                        + " later, smaller messages, or fewer at a time, or give the broker a larger heap"));
    }

    @Override
    public void holdInput(boolean hold) {
        connection.holdInput(hold);
    }

    /** A message has come as a whole; {@link #onDone} follows. */
    void onWhole(long bytes) {
        memory.onWhole(this, bytes);
    }

    void onDone(long bytes) {
        memory.onDone(bytes);
    }

    /** Gives a producer no credit while it is to wait. */
    void maybeHalt(ProducerLink producer) {
        memory.maybeHalt(this, producer);
    }

    /** The connection is over, and so are its links. */
    void onClosed() {
        memory.forget(this);
    }
}
