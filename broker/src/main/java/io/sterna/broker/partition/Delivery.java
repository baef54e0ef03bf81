package io.sterna.broker.partition;

import io.sterna.amqp.message.OutgoingMessage;

/**
 * A message on its way from a partition to a consumer.
 *
 * @param sequence names it in its queue
 * @param format the message format
 * @param message what goes on the wire
 */
public record Delivery(long sequence, int format, OutgoingMessage message) {}
