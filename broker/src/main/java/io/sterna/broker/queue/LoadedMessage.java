package io.sterna.broker.queue;

/**
 * A payload that was read back.
 *
 * @param sequence the message's sequence
 * @param message its payload
 */
public record LoadedMessage(long sequence, QueueMessage message) {}
