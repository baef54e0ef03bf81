package io.sterna.cluster.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.util.function.Consumer;

/** What a writer has written. */
final class Bytes {
    private Bytes() {}

    static byte[] written(Consumer<WireWriter> format) {
        WireWriter writer = new WireWriter(UnpooledByteBufAllocator.DEFAULT);
        format.accept(writer);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (ByteBuf next = writer.next(); next.isReadable(); next = writer.next()) {
            byte[] part = new byte[next.readableBytes()];
            next.readBytes(part);
            bytes.writeBytes(part);
            next.release();
        }
        return bytes.toByteArray();
    }

    static byte[] frame(FrameKind kind, byte[] body) {
        return written(writer -> {
            writer.beginFrame(kind);
            writer.putBytes(body);
            writer.endFrame();
        });
    }
}
