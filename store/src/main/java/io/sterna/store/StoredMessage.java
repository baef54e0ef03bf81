package io.sterna.store;

/**
 * A message as read back.
 *
 * @param sequence its place in the partition's order
 * @param message the bytes that were enqueued; the caller's own
 */
public record StoredMessage(long sequence, byte[] message) {}
