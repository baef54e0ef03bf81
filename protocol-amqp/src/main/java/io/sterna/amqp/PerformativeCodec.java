package io.sterna.amqp;

import io.sterna.amqp.codec.AmqpValues;
import io.sterna.amqp.codec.AmqpWriter;
import io.sterna.amqp.codec.DecodeException;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import org.apache.qpid.proton.codec.AMQPDefinedTypes;
import org.apache.qpid.proton.codec.DecoderImpl;
import org.apache.qpid.proton.codec.EncoderImpl;
import org.apache.qpid.proton.codec.ReadableBuffer;
import org.apache.qpid.proton.codec.WritableBuffer;

/** Performatives and delivery states as Proton-J's objects, and back to bytes. One per event loop. */
final class PerformativeCodec {
    /** What a performative other than a transfer may grow to before we give up on it. */
    private static final int MAX_ENCODED_BYTES = 16 * 1024 * 1024;

    private final DecoderImpl decoder = new DecoderImpl();
    private final EncoderImpl encoder = new EncoderImpl(decoder);
    private ByteBuffer scratch = ByteBuffer.allocate(4 * 1024);

    PerformativeCodec() {
        AMQPDefinedTypes.registerAllTypes(decoder, encoder);
    }

    /**
     * Decodes the one value that begins at {@code offset}; it is checked first, since Proton-J's decoder trusts the sizes
     * and counts that it reads.
     *
     * @throws DecodeException when it is not well formed, lacks a mandatory field, has one of a wrong type, or ends
     *     before {@code limit}
     */
    Object decode(byte[] bytes, int offset, int limit) throws DecodeException {
        int end = AmqpValues.validate(bytes, offset, limit);
        if (end != limit) {
            throw new DecodeException(end, "only a transfer carries a payload");
        }
        if (CompositeSchema.check(bytes, offset, limit)) {
            AmqpWriter writer = new AmqpWriter(limit - offset);
            CompositeSchema.trim(bytes, offset, limit, writer);
            return decodeChecked(writer.toByteArray(), 0, writer.length());
        }
        return decodeChecked(bytes, offset, limit);
    }

    private Object decodeChecked(byte[] bytes, int offset, int limit) throws DecodeException {
        try {
            decoder.setBuffer(ReadableBuffer.ByteBufferReader.wrap(ByteBuffer.wrap(bytes, offset, limit - offset)));
            Object value = decoder.readObject();
            if (value == null) {
                throw new DecodeException(offset, "a described list was expected, not null");
            }
            return value;
        } catch (RuntimeException wrongContent) {
            // Proton-J reports what it can't take by exceptions of many kinds, all of them unchecked.
            throw new DecodeException(offset, "a field has a value that is not allowed: " + wrongContent.getMessage());
        } finally {
            decoder.setBuffer(null);
        }
    }

    /**
     * Encodes a value. The result is good until the next call.
     *
     * @throws BufferOverflowException when it would be larger than any frame
     */
    ByteBuffer encode(Object value) {
        while (true) {
            scratch.clear();
            try {
                encoder.setByteBuffer(new WritableBuffer.ByteBufferWrapper(scratch));
                encoder.writeObject(value);
                scratch.flip();
                return scratch;
            } catch (BufferOverflowException tooSmall) {
                if (scratch.capacity() >= MAX_ENCODED_BYTES) {
                    throw tooSmall;
                }
                scratch = ByteBuffer.allocate(scratch.capacity() * 2);
            }
        }
    }
}
