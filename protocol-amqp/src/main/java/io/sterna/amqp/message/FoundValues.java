package io.sterna.amqp.message;

import io.sterna.amqp.codec.AmqpScalars;
import io.sterna.amqp.codec.AmqpValues;
import io.sterna.amqp.codec.DecodeException;
import java.util.Arrays;
import java.util.Optional;

/** Where a {@link KeyLookup} has found its keys' values in a message. Immutable; any thread. */
public final class FoundValues {
    private final byte[] bytes;
    private final int end;
    private final int[] offsets;

    FoundValues(byte[] bytes, int end, int[] offsets) {
        this.bytes = bytes;
        this.end = end;
        this.offsets = offsets;
    }

    /** Whether the key is there, with a value other than null. */
    public boolean isPresent(int index) {
        int at = offsets[index];
        try {
            return at >= 0 && !AmqpValues.isNull(bytes, at, end);
        } catch (DecodeException e) {
            throw MessageSections.changed(e);
        }
    }

    /** The value as {@link AmqpScalars#read} gives it; empty too when it is of a type that is not read. */
    public Optional<Object> value(int index) {
        int at = offsets[index];
        try {
            return at < 0 ? Optional.empty() : AmqpScalars.read(bytes, at, end);
        } catch (DecodeException e) {
            throw MessageSections.changed(e);
        }
    }

    /** Whether the value is a string or symbol. */
    public boolean isText(int index) {
        int at = offsets[index];
        try {
            return at >= 0 && AmqpValues.isText(bytes, at, end);
        } catch (DecodeException e) {
            throw MessageSections.changed(e);
        }
    }

    /** Whether the value, a string or symbol, is this text in UTF-8. Decodes nothing. */
    public boolean isText(int index, byte[] utf8) {
        int at = offsets[index];
        try {
            int start = AmqpValues.textOffset(bytes, at);
            return Arrays.equals(bytes, start, AmqpValues.skip(bytes, at, end), utf8, 0, utf8.length);
        } catch (DecodeException e) {
            throw MessageSections.changed(e);
        }
    }
}
