package io.sterna.amqp.net;

import io.netty.buffer.ByteBuf;

/**
 * The frames of a WebSocket, RFC 6455 §5.2: a server's are not masked. Those written here are messages of one frame.
 *
 * <pre>
 *       +0            +1
 *  +-------------+-------------+- - - - - - - - - - -+- - - - - - - - - -+
 *  |F 000 OPCODE |M   LENGTH   | 2 or 8 more octets, |  4 octets of mask |  payload …
 *  +-------------+-------------+  LENGTH 126 or 127 -+- - - - -if M is 1-+
 * </pre>
 */
final class WebSocketFrames {
    static final int CONTINUATION = 0;
    static final int TEXT = 1;
    static final int BINARY = 2;
    static final int CLOSE = 8;
    static final int PING = 9;
    static final int PONG = 10;

    /** In the first octet: the message ends with this frame. */
    static final int FINAL = 0x80;

    static final int RESERVED = 0x70;

    /** In the second octet: a mask follows the length. */
    static final int MASKED = 0x80;

    /** §5.5: the longest payload of a ping, pong or close. */
    static final int MAX_CONTROL_BYTES = 125;

    /** Instead of a length: it follows in so many octets. */
    static final int LENGTH_IN_2 = 126;

    static final int LENGTH_IN_8 = 127;

    /** Qpid JMS takes frames below 64 KiB. */
    static final int MAX_PAYLOAD_BYTES = 32 * 1024;

    static final int MAX_HEADER_BYTES = 4;

    private WebSocketFrames() {}

    /** Writes {@code length} octets as binary frames. */
    static void writeBinary(ByteBuf out, byte[] bytes, int length) {
        for (int from = 0; from < length; from += MAX_PAYLOAD_BYTES) {
            write(out, BINARY, bytes, from, Math.min(MAX_PAYLOAD_BYTES, length - from));
        }
    }

    /** How much room {@link #writeBinary} needs at most. */
    static int binaryBytes(int length) {
        return length + (length / MAX_PAYLOAD_BYTES + 1) * MAX_HEADER_BYTES;
    }

    static void write(ByteBuf out, int opcode, byte[] payload, int offset, int length) {
        out.writeByte(FINAL | opcode);
        if (length < LENGTH_IN_2) {
            out.writeByte(length);
        } else {
            out.writeByte(LENGTH_IN_2).writeShort(length);
        }
        out.writeBytes(payload, offset, length);
    }
}
