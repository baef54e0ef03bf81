package io.sterna.amqp;

import io.sterna.amqp.codec.AmqpValues;
import io.sterna.amqp.codec.DecodeException;
import io.sterna.amqp.message.BodyKind;
import io.sterna.amqp.message.MessageSections;
import io.sterna.amqp.message.Slice;
import java.util.Optional;

/** What a controller asks of a transaction coordinator (AMQP 1.0 §4.5.2, §4.5.3). */
public sealed interface TransactionRequest {

    /**
     * A transaction is to begin.
     *
     * @param global whether it is to be a part of a global one
     */
    record Declare(boolean global) implements TransactionRequest {}

    /**
     * A transaction is to end.
     *
     * @param fail whether it is to be rolled back
     */
    record Discharge(byte[] transactionId, boolean fail) implements TransactionRequest {}

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
