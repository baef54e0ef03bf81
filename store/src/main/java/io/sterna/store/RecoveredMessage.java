package io.sterna.store;

/**
 * A message that is alive, without its bytes.
 *
 * @param sizeBytes length of the message's bytes, which {@link Store#read} gives
 * @param deliveryCount as of the last {@link LogOperation.DeliveryUpdated}, else 0
 * @param traits as of the last {@link LogOperation.DeliveryUpdated}, else those that it came with
 * @param annotations as of the last {@link LogOperation.DeliveryUpdated}, else empty
 */
public record RecoveredMessage(long sequence, int sizeBytes, int deliveryCount, byte[] traits, byte[] annotations) {}
