package io.sterna.amqp.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.sterna.amqp.Connection;

/** AMQP on the socket as it is. */
final class PlainBinding implements Binding {
    private final Connection connection;

    PlainBinding(Connection connection) {
        this.connection = connection;
    }

    @Override
    public void receive(byte[] bytes, int length, long nowMillis) {
        connection.receive(bytes, 0, length, nowMillis);
    }

    @Override
    public boolean hasOutput() {
        return connection.hasOutput();
    }

    @Override
    public ByteBuf pull(ByteBufAllocator allocator) {
        connection.pull(MAX_FLUSH_BYTES);
        int count = connection.outputBytes();
        if (count == 0) {
            return Unpooled.EMPTY_BUFFER;
        }
        ByteBuf buffer = allocator.directBuffer(count).writeBytes(connection.outputArray(), 0, count);
        connection.outputTaken();
        return buffer;
    }

    @Override
    public boolean wantsInput() {
        return connection.wantsInput();
    }

    @Override
    public boolean done() {
        return connection.finished() && connection.outputBytes() == 0;
    }
}
