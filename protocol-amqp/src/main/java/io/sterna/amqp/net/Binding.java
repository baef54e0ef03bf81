package io.sterna.amqp.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/** What lies between the bytes of a socket and those of an AMQP connection. Owned by the event loop of both. */
interface Binding {
    /** How much is handed to the socket at once, so that the engine's buffers need not grow. */
    int MAX_FLUSH_BYTES = 48 * 1024;

    /** Takes what the socket has read, the first {@code length} bytes of an array that is not kept, but may be written to. */
    void receive(byte[] bytes, int length, long nowMillis);

    /** Whether there may be something to {@link #pull}. */
    boolean hasOutput();

    /** What the socket is to write next; empty when there is nothing. The caller owns it. */
    ByteBuf pull(ByteBufAllocator allocator);

    /** Whether the socket should go on reading. */
    boolean wantsInput();

    /** Whether the socket is to be closed as soon as what was pulled is written. */
    boolean done();
}
