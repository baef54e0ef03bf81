package io.sterna.broker.amqp;

import io.sterna.amqp.codec.DecodeException;
import io.sterna.broker.partition.Brake;
import io.sterna.broker.partition.BrokerMessage;
import io.sterna.broker.partition.CreationRule;
import io.sterna.broker.partition.Lookup;
import io.sterna.broker.partition.Partition;
import io.sterna.broker.partition.Partitions;
import io.sterna.broker.partition.Producer;
import io.sterna.broker.partition.Publication;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The answer to a management request on its way into the queue, often a temporary one, where the client awaits it. */
final class ReplyPublication implements Publication, Producer {
    private static final Logger log = LoggerFactory.getLogger(ReplyPublication.class);

    private final BrokerMessage message;

    private ReplyPublication(BrokerMessage message) {
        this.message = message;
    }

    /** Brings a message to a node that is there; it is lost where there is none. */
    static void publish(Partitions partitions, String address, byte[] message) {
        ReplyPublication publication;
        try {
            publication = new ReplyPublication(BrokerMessage.received(message, 0));
        } catch (DecodeException ourOwnDefect) {
            throw new IllegalStateException(ourOwnDefect);
        }
        Partition partition = partitions.of(address);
        partition.loop().run(() -> {
            if (partition.find(address, CreationRule.NEVER) instanceof Lookup.Found found) {
                found.node().publish(publication);
            } else {
                log.debug("an answer of management found no node at its reply-to");
            }
        });
    }

    @Override
    public BrokerMessage message() {
        return message;
    }

    @Override
    public Producer producer() {
        return this;
    }

    @Override
    public void onStored() {}

    @Override
    public void onDeleted() {}

    @Override
    public void onStopped(String reason) {}

    @Override
    public String containerId() {
        return "";
    }

    @Override
    public void onTight(Brake brake) {}

    @Override
    public void onRoom(Brake brake) {}
}
