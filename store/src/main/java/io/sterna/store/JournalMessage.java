package io.sterna.store;

import java.nio.ByteBuffer;

/**
 * A message as its record in the journal holds it.
 *
 * @param message a view of what was read, up to the next read
 */
record JournalMessage(byte[] traits, ByteBuffer message) {

    byte[] copyMessage() {
        byte[] copy = new byte[message.remaining()];
        message.get(message.position(), copy);
        return copy;
    }
}
