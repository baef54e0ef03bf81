package io.sterna.broker.queue;

/**
 * A message in the hands of a consumer. One that goes back and is acquired once more, be it by the same consumer, is
 * another acquisition: what is said of the former does not concern the latter.
 *
 * @param sequence of the message
 * @param returns how often it had come back before
 */
public record Acquisition(long sequence, int returns) {}
