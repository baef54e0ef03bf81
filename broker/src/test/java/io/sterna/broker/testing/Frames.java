package io.sterna.broker.testing;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.qpid.proton.codec.AMQPDefinedTypes;
import org.apache.qpid.proton.codec.DecoderImpl;
import org.apache.qpid.proton.codec.EncoderImpl;
import org.jspecify.annotations.Nullable;

/** AMQP frames (AMQP 1.0 §2.3) by a codec that is not the broker's. */
public final class Frames {
    public static final byte[] HEADER = "AMQP\0\1\0\0".getBytes(StandardCharsets.ISO_8859_1);
    private static final int FRAME_HEADER_BYTES = 8;
    private static final int MAX_PERFORMATIVE_BYTES = 4096;

    private final DecoderImpl decoder = new DecoderImpl();
    private final EncoderImpl encoder = new EncoderImpl(decoder);

    /** A frame that was heard; one without a body has the performative {@code "heartbeat"}. */
    public record Frame(int channel, Object performative, byte[] payload) {}

    public Frames() {
        AMQPDefinedTypes.registerAllTypes(decoder, encoder);
    }

    public byte[] encode(Object performative, byte[] payload) {
        return encode(0, performative, payload);
    }

    public byte[] encode(int channel, Object performative, byte[] payload) {
        ByteBuffer buffer = ByteBuffer.allocate(MAX_PERFORMATIVE_BYTES + payload.length);
        buffer.position(FRAME_HEADER_BYTES);
        encoder.setByteBuffer(buffer);
        encoder.writeObject(performative);
        buffer.put(payload);
        buffer.putInt(0, buffer.position()).put(4, (byte) 2).putShort(6, (short) channel);
        byte[] frame = new byte[buffer.position()];
        buffer.flip().get(frame);
        return frame;
    }

    /** Takes the first frame out, or gives null when it is not complete. */
    public @Nullable Frame decode(ByteBuffer bytes) {
        if (bytes.remaining() < FRAME_HEADER_BYTES || bytes.remaining() < bytes.getInt(bytes.position())) {
            return null;
        }
        int end = bytes.position() + bytes.getInt(bytes.position());
        int channel = bytes.getShort(bytes.position() + 6);
        ByteBuffer body = bytes.duplicate().limit(end).position(bytes.position() + 4 * bytes.get(bytes.position() + 4));
        bytes.position(end);
        if (!body.hasRemaining()) {
            return new Frame(channel, "heartbeat", new byte[0]);
        }
        decoder.setByteBuffer(body);
        Object performative = decoder.readObject();
        byte[] payload = new byte[body.remaining()];
        body.get(payload);
        return new Frame(channel, performative, payload);
    }
}
