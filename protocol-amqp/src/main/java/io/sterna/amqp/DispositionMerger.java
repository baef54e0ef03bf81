package io.sterna.amqp;

import java.nio.ByteBuffer;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Gathers the states of consecutive deliveries into one disposition (AMQP 1.0 §2.7.6). One for each role of a session.
 */
final class DispositionMerger {
    /** {@code accepted} and {@code released} as they are on the wire, since nearly all states are one of them. */
    private static final byte[] ACCEPTED = {0x00, 0x53, 0x24, 0x45};

    private static final byte[] RELEASED = {0x00, 0x53, 0x26, 0x45};

    private final boolean fromReceiver;
    private int first;
    private int last;
    private boolean settled;
    private @Nullable DeliveryState state;

    DispositionMerger(boolean fromReceiver) {
        this.fromReceiver = fromReceiver;
    }

    /** Whether {@link #add} can take this one without a flush before. */
    boolean takes(int id, boolean newSettled, DeliveryState newState) {
        return state == null || (id == last + 1 && newSettled == settled && newState.equals(state));
    }

    void add(int id, boolean newSettled, DeliveryState newState) {
        if (state == null) {
            first = id;
            settled = newSettled;
            state = newState;
        }
        last = id;
    }

    void flush(FrameWriter writer, PerformativeCodec codec, int channel, int maxFrameBytes) {
        DeliveryState said = state;
        if (said != null) {
            byte[] encoded = encode(codec, said);
            if (encoded.length > maxFrameBytes - FrameWriter.MAX_DISPOSITION_BYTES) {
                encoded = encode(codec, brief(said));
            }
            writer.disposition(channel, fromReceiver, first, last, settled, encoded);
        }
        state = null;
    }

    /** What is left of a state when all of it does not fit into a frame. */
    private static DeliveryState brief(DeliveryState state) {
        if (state instanceof DeliveryState.Rejected rejected) {
            return new DeliveryState.Rejected(rejected.error().map(AmqpError::brief));
        } else if (state instanceof DeliveryState.Modified modified) {
            return new DeliveryState.Modified(modified.deliveryFailed(), modified.undeliverableHere(), Map.of());
        }
        return state;
    }

    static byte[] encode(PerformativeCodec codec, DeliveryState state) {
        if (state instanceof DeliveryState.Accepted) {
            return ACCEPTED;
        } else if (state instanceof DeliveryState.Released) {
            return RELEASED;
        }
        ByteBuffer encoded = codec.encode(TranslateState.theirs(state));
        byte[] bytes = new byte[encoded.remaining()];
        encoded.get(bytes);
        return bytes;
    }
}
