package io.sterna.amqp;

import io.sterna.amqp.codec.DecodeException;

/** A received disposition (AMQP 1.0 §2.7.6). One per event loop, filled again for every frame. */
final class DispositionFrame {
    boolean fromReceiver;
    int first;
    int last;
    boolean settled;
    int stateOffset;
    int stateEnd;

    void read(FieldReader fields, byte[] bytes, int offset, int limit) throws DecodeException {
        int end = fields.begin(bytes, offset, limit);
        int role = fields.bool();
        long lower = fields.uint();
        long upper = fields.uint();
        settled = fields.bool() == 1;
        stateOffset = fields.any();
        stateEnd = fields.position();
        fields.bool(); // batchable: a hint
        fields.finish();
        if (role == FieldReader.UNSET || lower < 0) {
            throw new DecodeException(offset, "the disposition lacks its role or its first delivery-id");
        }
        if (end != limit) {
            throw new DecodeException(end, "only a transfer carries a payload");
        }
        fromReceiver = role == 1;
        first = (int) lower;
        last = upper < 0 ? first : (int) upper;
    }
}
