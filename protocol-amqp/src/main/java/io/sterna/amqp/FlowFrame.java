package io.sterna.amqp;

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
        fields.any(); // properties: none are defined that concern us
        fields.finish();
        if (incomingWindow < 0 || nextOutgoingId < 0 || outgoingWindow < 0) {
            throw new DecodeException(offset, "the flow lacks a window or its next-outgoing-id");
        }
        if (end != limit) {
            throw new DecodeException(end, "only a transfer carries a payload");
        }
    }
}
