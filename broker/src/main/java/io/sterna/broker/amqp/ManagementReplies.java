package io.sterna.broker.amqp;

import io.sterna.amqp.AmqpError;
import io.sterna.amqp.DeliveryState;
import io.sterna.amqp.OutgoingDelivery;
import io.sterna.amqp.SenderHandler;
import io.sterna.amqp.SenderLink;
import io.sterna.amqp.SettleMode;
import io.sterna.amqp.Terminus;
import io.sterna.amqp.message.OutgoingMessage;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.Consumer;

/** A link on which a client gets the answers to its management requests. Owned by the connection's loop. */
final class ManagementReplies implements SenderHandler {
    /** Of a client that asks and gives no credit; the oldest ones are lost then. */
    private static final int MAX_WAITING = 64;

    private final SenderLink link;
    private final Consumer<ManagementReplies> onGone;
    private final Deque<byte[]> waiting = new ArrayDeque<>();
    private long tag;

    ManagementReplies(SenderLink link, Consumer<ManagementReplies> onGone) {
        this.link = link;
        this.onGone = onGone;
    }

    /** What the client calls its end of the link, the target's address; empty when it gives none. */
    String address() {
        return link.remote().target().orElse(null) instanceof Terminus.Target target
                ? target.node().address().orElse("")
                : "";
    }

    void send(byte[] message) {
        if (waiting.size() == MAX_WAITING) {
            waiting.remove();
        }
        waiting.add(message);
        onCredit();
    }

    @Override
    public void onCredit() {
        while (!waiting.isEmpty() && link.credit() > 0) {
            byte[] name = ByteBuffer.allocate(Long.BYTES).putLong(0, ++tag).array();
            boolean settled = link.senderSettleMode() != SettleMode.Sender.UNSETTLED;
            link.send(name, 0, OutgoingMessage.untouched(waiting.remove()), settled, this);
        }
        if (link.drain()) {
            link.drained();
        }
    }

    @Override
    public void onDisposition(OutgoingDelivery delivery, Optional<DeliveryState> state, boolean settled) {
        if (!settled) {
            delivery.settle(state.orElse(DeliveryState.Accepted.INSTANCE));
        }
    }

    @Override
    public void onDetached(boolean closed, Optional<AmqpError> error) {
        onGone.accept(this);
        link.detach(closed, Optional.empty());
    }

    @Override
    public void onLost(boolean inOrder) {
        onGone.accept(this);
    }
}
