package io.sterna.amqp;

import io.sterna.amqp.codec.DecodeException;
import java.nio.ByteBuffer;
import java.util.Optional;

/** Termini as bytes, to be kept. Any thread; costs a codec of its own, so it is not for every message. */
public final class TerminusCodec {
    private TerminusCodec() {}

    /** The terminus as it would stand in an attach. */
    public static byte[] encode(Terminus terminus) {
        Object theirs = terminus instanceof Terminus.Source source
                ? TranslateTerminus.theirs(Optional.of(source))
                : TranslateTerminus.theirTarget(Optional.of(terminus));
        if (theirs == null) {
            throw new IllegalStateException("a terminus that is there has a form");
        }
        ByteBuffer encoded = new PerformativeCodec().encode(theirs);
        byte[] bytes = new byte[encoded.remaining()];
        encoded.get(bytes);
        return bytes;
    }

    /**
     * Reads what {@link #encode} has given.
     *
     * @throws DecodeException when it is no terminus
     */
    public static Terminus decode(byte[] bytes) throws DecodeException {
        return TranslateTerminus.ours(new PerformativeCodec().decode(bytes, 0, bytes.length))
                .orElseThrow(() -> new DecodeException(0, "a terminus was expected"));
    }
}
