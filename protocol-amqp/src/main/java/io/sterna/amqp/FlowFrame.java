package io.sterna.amqp;

import io.sterna.amqp.codec.AmqpValues;
import io.sterna.amqp.codec.DecodeException;

/** A received flow (AMQP 1.0 §2.7.4); fields that are not set are -1. One per event loop, filled again for every frame. */
final class FlowFrame {
    long nextIncomingId;
    long incomingWindow;
    long nextOutgoingId;
    long outgoingWindow;
    long handle;
    long deliveryCount;
    long linkCredit;
    long available;
    boolean drain;
    boolean echo;

    /** Whether it names a transaction that is to acquire what the link sends (§4.4.3). */
    boolean transactional;

    void read(FieldReader fields, byte[] bytes, int offset, int limit) throws DecodeException {
        int end = fields.begin(bytes, offset, limit);
        nextIncomingId = fields.uint();
        incomingWindow = fields.uint();
        nextOutgoingId = fields.uint();
        outgoingWindow = fields.uint();
        handle = fields.uint();
        deliveryCount = fields.uint();
        linkCredit = fields.uint();
        available = fields.uint();
        drain = fields.bool() == 1;
        echo = fields.bool() == 1;
        int properties = fields.any();
        transactional = properties >= 0 && namesTransaction(bytes, properties, fields.position());
        fields.finish();
        if (incomingWindow < 0 || nextOutgoingId < 0 || outgoingWindow < 0) {
            throw new DecodeException(offset, "the flow lacks a window or its next-outgoing-id");
        }
        if (end != limit) {
            throw new DecodeException(end, "only a transfer carries a payload");
        }
    }

    private static boolean namesTransaction(byte[] bytes, int offset, int limit) throws DecodeException {
        if (!AmqpValues.isMap(bytes, offset, limit)) {
            throw new DecodeException(offset, "the properties of a flow have to be a map");
        }
        int at = AmqpValues.itemsOffset(bytes, offset);
        for (int left = AmqpValues.count(bytes, offset, limit) / 2; left > 0; left--) {
            int value = AmqpValues.skip(bytes, at, limit);
            if (AmqpValues.isSymbol(bytes, at, limit)
                    && AmqpValues.readSymbol(bytes, at, limit).equals("txn-id")) {
                return !AmqpValues.isNull(bytes, value, limit);
            }
            at = AmqpValues.skip(bytes, value, limit);
        }
        return false;
    }
}
