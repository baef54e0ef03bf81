package io.sterna.amqp;

import io.sterna.amqp.codec.AmqpValues;
import io.sterna.amqp.codec.DecodeException;
import io.sterna.amqp.message.BodyKind;
import io.sterna.amqp.message.MessageSections;
import io.sterna.amqp.message.Slice;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/** What a controller asks of a transaction coordinator (AMQP 1.0 §4.5.2, §4.5.3). */
public sealed interface TransactionRequest {
    /** The beginning of a message whose body is a described list: amqp-value, and the list's small descriptor. */
    private static byte[] body(int descriptor, byte... list) {
        byte[] start = {0x00, 0x53, 0x77, 0x00, 0x53, (byte) descriptor};
        byte[] message = Arrays.copyOf(start, start.length + list.length);
        System.arraycopy(list, 0, message, start.length, list.length);
        return message;
    }

    /** The message that asks for it. */
    byte[] encode();

    /**
     * A transaction is to begin.
     *
     * @param global whether it is to be a part of a global one
     */
    record Declare(boolean global) implements TransactionRequest {
        /** A local one. */
        public static final Declare LOCAL = new Declare(false);

        @Override
        public byte[] encode() {
            if (global) {
                throw new IllegalStateException("there is no global id to tell");
            }
            return body(0x31, (byte) 0x45);
        }
    }

    /**
     * A transaction is to end.
     *
     * @param fail whether it is to be rolled back
     */
    record Discharge(byte[] transactionId, boolean fail) implements TransactionRequest {
        @Override
        public byte[] encode() {
            int idBytes = transactionId.length;
            return body(
                    0x32,
                    ByteBuffer.allocate(idBytes + 6)
                            .put((byte) 0xc0) // A list8: its bytes without this one and the next, how many values,
                            .put((byte) (idBytes + 4))
                            .put((byte) 2)
                            .put((byte) 0xa0) // a binary of up to 255 bytes,
                            .put((byte) idBytes)
                            .put(transactionId)
                            .put((byte) (fail ? 0x41 : 0x42)) // and a boolean.
                            .array());
        }
    }

    /**
     * What AMQP does not define, as a binary: for coordinators and controllers that know each other.
     *
     * @param content means something to both
     */
    record Other(byte[] content) implements TransactionRequest {
        @Override
        public byte[] encode() {
            return ByteBuffer.allocate(content.length + 8)
                    .put(new byte[] {0x00, 0x53, 0x77, (byte) 0xb0}) // An amqp-value with a binary32.
                    .putInt(content.length)
                    .put(content)
                    .array();
        }
    }

    /**
     * Reads the message of a control link. Sections other than the body are passed over (§4.2).
     *
     * @return empty when the body is a value of another type, or no value
     * @throws DecodeException when the message, or the request in it, is not well formed
     */
    static Optional<TransactionRequest> decode(byte[] message) throws DecodeException {
        MessageSections sections = MessageSections.scan(message);
        if (sections.bodyKind() != BodyKind.VALUE) {
            return Optional.empty();
        }
        Slice body = sections.body();
        int value = AmqpValues.skip(message, body.offset() + 1, body.end());
        int end = AmqpValues.validate(message, value, body.end());
        CompositeSchema.check(message, value, end);
        if (CompositeSchema.is("declare", message, value, end)) {
            int list = AmqpValues.skip(message, value + 1, end);
            return Optional.of(new Declare(isSet(message, list, end)));
        } else if (CompositeSchema.is("discharge", message, value, end)) {
            int list = AmqpValues.skip(message, value + 1, end);
            return Optional.of(discharge(message, list, end));
        } else if (AmqpValues.isBinary(message, value, end)) {
            return Optional.of(new Other(AmqpValues.readBinary(message, value, end)));
        }
        return Optional.empty();
    }

    private static boolean isSet(byte[] bytes, int list, int end) throws DecodeException {
        return AmqpValues.count(bytes, list, end) > 0
                && !AmqpValues.isNull(bytes, AmqpValues.itemsOffset(bytes, list), end);
    }

    private static Discharge discharge(byte[] bytes, int list, int end) throws DecodeException {
        int id = AmqpValues.itemsOffset(bytes, list);
        int fail = AmqpValues.skip(bytes, id, end);
        boolean failed = AmqpValues.count(bytes, list, end) > 1
                && !AmqpValues.isNull(bytes, fail, end)
                && AmqpValues.readBoolean(bytes, fail, end);
        return new Discharge(AmqpValues.readBinary(bytes, id, end), failed);
    }
}
