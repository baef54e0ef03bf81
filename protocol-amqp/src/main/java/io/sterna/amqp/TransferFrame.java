package io.sterna.amqp;

import io.sterna.amqp.codec.DecodeException;
import org.jspecify.annotations.Nullable;

/** A received transfer (AMQP 1.0 §2.7.5). One per event loop, filled again for every frame. */
final class TransferFrame {
    long handle;
    /** -1 when not set. */
    long deliveryId;

    byte @Nullable [] deliveryTag;
    /** -1 when not set. */
    long messageFormat;
    /** {@link FieldReader#UNSET}, 0 or 1. */
    int settled;

    boolean more;
    int rcvSettleMode;
    int stateOffset;
    int stateEnd;
    boolean resume;
    boolean aborted;
    byte[] frame = new byte[0];
    int payloadOffset;
    int payloadLength;

    void read(FieldReader fields, byte[] bytes, int offset, int limit) throws DecodeException {
        frame = bytes;
        payloadOffset = fields.begin(bytes, offset, limit);
        payloadLength = limit - payloadOffset;
        handle = fields.uint();
        deliveryId = fields.uint();
        deliveryTag = fields.binary();
        messageFormat = fields.uint();
        settled = fields.bool();
        more = fields.bool() == 1;
        rcvSettleMode = fields.ubyte();
        stateOffset = fields.any();
        stateEnd = fields.position();
        resume = fields.bool() == 1;
        aborted = fields.bool() == 1;
        fields.bool(); // batchable: a hint that we need not follow, since dispositions are batched anyway
        fields.finish();
        if (handle < 0) {
            throw new DecodeException(offset, "the transfer has no handle");
        }
    }
}
