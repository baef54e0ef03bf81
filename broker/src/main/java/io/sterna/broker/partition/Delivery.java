package io.sterna.broker.partition;

import io.sterna.amqp.message.OutgoingMessage;
import io.sterna.broker.queue.Acquisition;

/**
 * A message on its way from a partition to a consumer.
 *
 * @param acquisition names it in its queue
 * @param format the message format
 * @param message what goes on the wire
 */
public record Delivery(Acquisition acquisition, int format, OutgoingMessage message) {

    /** Of its message. */
    public long sequence() {
        return acquisition.sequence();
    }
}
