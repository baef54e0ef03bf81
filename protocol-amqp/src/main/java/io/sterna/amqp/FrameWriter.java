package io.sterna.amqp;

import io.sterna.amqp.message.OutgoingMessage;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Writes frames (AMQP 1.0 §2.3); those of the hot path by hand, the others through Proton-J's encoder. */
final class FrameWriter {
    static final int AMQP = 0;
    static final int SASL = 1;

    /** Frame header, descriptor, list header and the longest fields of a transfer without a state. */
    private static final int MAX_TRANSFER_BYTES = 8 + 3 + 9 + 5 + 5 + 34 + 5 + 1 + 1 + 2 + 1 + 1 + 1 + 1;

    static final int MAX_DISPOSITION_BYTES = 8 + 3 + 9 + 1 + 5 + 5 + 1 + 1;
    private static final int FLOW_BYTES = 8 + 3 + 9 + 10 * 5;

    private final OutputBuffer output;
    private final PerformativeCodec codec;
    private int at;

    FrameWriter(OutputBuffer output, PerformativeCodec codec) {
        this.output = output;
        this.codec = codec;
    }

    void protocolHeader(int protocolId) {
        byte[] header = {'A', 'M', 'Q', 'P', (byte) protocolId, 1, 0, 0};
        output.put(header, 0, header.length);
    }

    /** A frame without a body, which keeps the peer from timing out (§2.4.5). */
    void empty() {
        int start = output.reserve(FrameAssembler.HEADER_BYTES);
        header(start, FrameAssembler.HEADER_BYTES, AMQP, 0);
    }

    /**
     * A frame that carries any performative.
     *
     * @return whether it fitted into {@code maxFrameBytes}; otherwise nothing was written
     */
    boolean performative(int type, int channel, Object performative, int maxFrameBytes) {
        ByteBuffer encoded = codec.encode(performative);
        int size = FrameAssembler.HEADER_BYTES + encoded.remaining();
        if (size > maxFrameBytes) {
            return false;
        }
        int start = output.reserve(size);
        header(start, size, type, channel);
        encoded.get(output.bytes(), start + FrameAssembler.HEADER_BYTES, encoded.remaining());
        return true;
    }

    /**
     * A transfer (§2.7.5) with as much of the payload as the frame takes.
     *
     * @param from how many bytes of the payload have gone before
     * @return how many payload bytes went with it
     */
    int transfer(int channel, OutgoingDelivery delivery, boolean first, OutgoingMessage payload, int from, int max) {
        byte[] state = first ? delivery.encodedState() : null;
        int fieldBytes = MAX_TRANSFER_BYTES + (state == null ? 1 : state.length);
        int start = output.reserve(fieldBytes);
        int count = Math.max(0, Math.min(max - fieldBytes, payload.length() - from));
        byte[] bytes = output.bytes();
        int list = list32(bytes, start, Descriptors.TRANSFER);
        at = list;
        uint(bytes, delivery.link().localHandle());
        if (first) {
            uint(bytes, delivery.id() & 0xffff_ffffL);
            binary8(bytes, delivery.tag());
            uint(bytes, delivery.messageFormat() & 0xffff_ffffL);
        } else {
            unset(bytes, 3);
        }
        bool(bytes, delivery.settled());
        bool(bytes, from + count < payload.length());
        int fieldCount = 6;
        if (first && (state != null || delivery.opening().resume())) {
            unset(bytes, 1); // rcv-settle-mode as negotiated
            state(bytes, state);
            bool(bytes, delivery.opening().resume());
            bool(bytes, delivery.opening().aborted());
            fieldCount = 10;
        }
        closeList32(bytes, list, fieldCount);
        output.truncate(at);
        int payloadAt = output.reserve(count);
        payload.copyTo(from, output.bytes(), payloadAt, count);
        header(start, payloadAt + count - start, AMQP, channel);
        return count;
    }

    /** The end of a delivery that is not completed (§2.7.5, aborted). */
    void abort(int channel, long handle) {
        int start = output.reserve(MAX_TRANSFER_BYTES);
        byte[] bytes = output.bytes();
        int list = list32(bytes, start, Descriptors.TRANSFER);
        at = list;
        uint(bytes, handle);
        unset(bytes, 8);
        bool(bytes, true);
        closeList32(bytes, list, 10);
        output.truncate(at);
        header(start, at - start, AMQP, channel);
    }

    /** A disposition (§2.7.6). */
    void disposition(int channel, boolean fromReceiver, int first, int last, boolean settled, byte @Nullable [] state) {
        int start = output.reserve(MAX_DISPOSITION_BYTES + (state == null ? 1 : state.length));
        byte[] bytes = output.bytes();
        int list = list32(bytes, start, Descriptors.DISPOSITION);
        at = list;
        bool(bytes, fromReceiver);
        uint(bytes, first & 0xffff_ffffL);
        if (first == last) {
            bytes[at++] = 0x40;
        } else {
            uint(bytes, last & 0xffff_ffffL);
        }
        bool(bytes, settled);
        state(bytes, state);
        closeList32(bytes, list, 5);
        output.truncate(at);
        header(start, at - start, AMQP, channel);
    }

    /** A flow for the session alone. */
    void flow(int channel, TransferWindows session) {
        int start = output.reserve(FLOW_BYTES);
        byte[] bytes = output.bytes();
        int list = sessionFields(bytes, start, session);
        closeList32(bytes, list, 4);
        output.truncate(at);
        header(start, at - start, AMQP, channel);
    }

    /**
     * A flow for a link; a delivery-count that is not set is -1. Never says what is available (§2.7.4): that is counted
     * where the messages are, not here.
     */
    void flow(
            int channel,
            TransferWindows session,
            long handle,
            long deliveryCount,
            long linkCredit,
            boolean drain,
            boolean echo) {
        int start = output.reserve(FLOW_BYTES);
        byte[] bytes = output.bytes();
        int list = sessionFields(bytes, start, session);
        uint(bytes, handle);
        optionalUint(bytes, deliveryCount);
        uint(bytes, linkCredit);
        optionalUint(bytes, -1);
        bool(bytes, drain);
        bool(bytes, echo);
        closeList32(bytes, list, 10);
        output.truncate(at);
        header(start, at - start, AMQP, channel);
    }

    private int sessionFields(byte[] bytes, int start, TransferWindows session) {
        int list = list32(bytes, start, Descriptors.FLOW);
        at = list;
        optionalUint(bytes, session.begun() ? session.nextIncomingId() & 0xffff_ffffL : -1);
        uint(bytes, session.incomingWindow());
        uint(bytes, session.nextOutgoingId() & 0xffff_ffffL);
        uint(bytes, TransferWindows.OUTGOING_WINDOW);
        return list;
    }

    private static void header(int start, int size, int type, int channel, byte[] bytes) {
        Octets.putInt32(bytes, start, size);
        bytes[start + 4] = 2;
        bytes[start + 5] = (byte) type;
        Octets.putUint16(bytes, start + 6, channel);
    }

    private void header(int start, int size, int type, int channel) {
        header(start, size, type, channel, output.bytes());
    }

    /** Descriptor and list header; returns where the first field goes. */
    private static int list32(byte[] bytes, int start, int descriptor) {
        int position = start + FrameAssembler.HEADER_BYTES;
        bytes[position++] = 0x00;
        bytes[position++] = 0x53;
        bytes[position++] = (byte) descriptor;
        bytes[position++] = (byte) 0xd0;
        return position + 8;
    }

    private void closeList32(byte[] bytes, int firstField, int fieldCount) {
        Octets.putInt32(bytes, firstField - 8, at - firstField + 4);
        Octets.putInt32(bytes, firstField - 4, fieldCount);
    }

    private void uint(byte[] bytes, long value) {
        if (value == 0) {
            bytes[at++] = 0x43;
        } else if (value < 256) {
            bytes[at++] = 0x52;
            bytes[at++] = (byte) value;
        } else {
            bytes[at++] = 0x70;
            Octets.putInt32(bytes, at, (int) value);
            at += 4;
        }
    }

    private void optionalUint(byte[] bytes, long value) {
        if (value < 0) {
            bytes[at++] = 0x40;
        } else {
            uint(bytes, value);
        }
    }

    private void unset(byte[] bytes, int fields) {
        for (int field = 0; field < fields; field++) {
            bytes[at++] = 0x40;
        }
    }

    private void bool(byte[] bytes, boolean value) {
        bytes[at++] = (byte) (value ? 0x41 : 0x42);
    }

    private void binary8(byte[] bytes, byte[] value) {
        bytes[at++] = (byte) 0xa0;
        bytes[at++] = (byte) value.length;
        System.arraycopy(value, 0, bytes, at, value.length);
        at += value.length;
    }

    private void state(byte[] bytes, byte @Nullable [] encoded) {
        if (encoded == null) {
            bytes[at++] = 0x40;
        } else {
            System.arraycopy(encoded, 0, bytes, at, encoded.length);
            at += encoded.length;
        }
    }
}
