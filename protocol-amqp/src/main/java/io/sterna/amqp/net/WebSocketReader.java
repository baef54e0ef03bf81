package io.sterna.amqp.net;

/**
 * Reads what a WebSocket's client sends (RFC 6455 §5). Payloads are handed on as they come, in pieces, so that a frame or
 * message of any length costs no memory: where they end means nothing to AMQP.
 */
final class WebSocketReader {
    static final int NORMAL = 1000;
    static final int PROTOCOL_ERROR = 1002;
    static final int UNSUPPORTED_DATA = 1003;

    private static final int MASK_BYTES = 4;
    private static final int MAX_HEADER_BYTES = 14;

    /** Takes what was read. */
    interface Sink {
        /** Some octets of a message; the array belongs to the caller. */
        void onData(byte[] bytes, int offset, int length);

        void onPing(byte[] payload);

        /** The client closes, for this reason of RFC 6455 §7.4; nothing follows. */
        void onClose(int code);

        /** The client does what is not allowed here. After {@link #PROTOCOL_ERROR} nothing more is read. */
        void onViolation(int code, String reason);
    }

    private final Sink sink;
    private final byte[] header = new byte[MAX_HEADER_BYTES];
    private int headerLength;

    /** Octets of the frame's payload that are still to come; a header is due when negative. */
    private long remaining = -1;

    private int maskPosition;
    private byte[] control = new byte[0];
    private int controlLength;
    private boolean withinMessage;
    private boolean ended;

    WebSocketReader(Sink sink) {
        this.sink = sink;
    }

    /** Whether nothing more is read: the client has closed, or what it sends makes no sense. */
    boolean ended() {
        return ended;
    }

    /** Takes bytes off the stream, and takes their masks off. */
    void receive(byte[] bytes, int offset, int end) {
        int position = offset;
        while (position < end && !ended) {
            position = remaining < 0 ? onHeader(bytes[position], position) : onPayload(bytes, position, end);
        }
    }

    private int onHeader(byte octet, int position) {
        header[headerLength++] = octet;
        if (headerLength == 2) {
            checkStart();
        }
        if (!ended && headerLength >= 2 && headerLength == headerBytes()) {
            begin();
        }
        return position + 1;
    }

    private void checkStart() {
        if ((header[0] & WebSocketFrames.RESERVED) != 0) {
            fail("a reserved bit of a frame is set, and no extension was agreed on");
        } else if ((header[1] & WebSocketFrames.MASKED) == 0) {
            fail("a client's frames have to be masked");
        } else if (isControl() && (!isFinal() || shortLength() > WebSocketFrames.MAX_CONTROL_BYTES)) {
            fail("a control frame is one frame of at most 125 octets");
        } else {
            checkOpcode();
        }
    }

    private void checkOpcode() {
        switch (opcode()) {
            case WebSocketFrames.CLOSE, WebSocketFrames.PING, WebSocketFrames.PONG -> {}
            case WebSocketFrames.BINARY -> checkOrder(false);
            case WebSocketFrames.CONTINUATION -> checkOrder(true);
            // What follows can still be read, so that the client may close in order.
            case WebSocketFrames.TEXT -> sink.onViolation(UNSUPPORTED_DATA, "AMQP is sent in binary messages");
            default -> fail("a frame of type " + opcode() + " came");
        }
    }

    private void checkOrder(boolean continuation) {
        if (continuation != withinMessage) {
            fail(continuation ? "there is no message to continue" : "a message began within another");
        }
    }

    private void begin() {
        remaining = length();
        if (remaining < 0) {
            fail("the length of a frame is not written as it has to be");
            return;
        }
        maskPosition = 0;
        if (isControl()) {
            control = new byte[(int) remaining];
            controlLength = 0;
        }
        if (remaining == 0) {
            end();
        }
    }

    private int onPayload(byte[] bytes, int position, int end) {
        int count = (int) Math.min(remaining, end - position);
        unmask(bytes, position, position + count);
        remaining -= count;
        if (isControl()) {
            System.arraycopy(bytes, position, control, controlLength, count);
            controlLength += count;
        } else {
            sink.onData(bytes, position, count);
        }
        if (remaining == 0) {
            end();
        }
        return position + count;
    }

    private void unmask(byte[] bytes, int from, int to) {
        int mask = headerBytes() - MASK_BYTES;
        int position = maskPosition;
        for (int i = from; i < to; i++) {
            bytes[i] ^= header[mask + (position++ & 3)];
        }
        maskPosition = position & 3;
    }

    private void end() {
        remaining = -1;
        headerLength = 0;
        switch (opcode()) {
            case WebSocketFrames.CLOSE -> onClose();
            case WebSocketFrames.PING -> sink.onPing(control);
            case WebSocketFrames.PONG -> {} // of no interest: AMQP has its own idle time-out
            default -> withinMessage = !isFinal();
        }
    }

    /** §7.4: the reason is two octets, in ranges, or missing. */
    private void onClose() {
        int code = closeCode();
        boolean defined = (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
        if (defined || (code >= 3000 && code <= 4999)) {
            ended = true;
            sink.onClose(code);
        } else {
            fail("a close frame gives a reason that must not be sent");
        }
    }

    private int closeCode() {
        return switch (control.length) {
            case 0 -> NORMAL;
            case 1 -> 0;
            default -> (at(control, 0) << 8) | at(control, 1);
        };
    }

    private void fail(String reason) {
        ended = true;
        sink.onViolation(PROTOCOL_ERROR, reason);
    }

    private int opcode() {
        return header[0] & 0xf;
    }

    private boolean isControl() {
        return opcode() >= WebSocketFrames.CLOSE;
    }

    private boolean isFinal() {
        return (header[0] & WebSocketFrames.FINAL) != 0;
    }

    private int shortLength() {
        return header[1] & ~WebSocketFrames.MASKED & 0xff;
    }

    private int headerBytes() {
        return switch (shortLength()) {
            case WebSocketFrames.LENGTH_IN_2 -> 2 + 2 + MASK_BYTES;
            case WebSocketFrames.LENGTH_IN_8 -> 2 + 8 + MASK_BYTES;
            default -> 2 + MASK_BYTES;
        };
    }

    /** The payload's length; -1 when it is not written in as few octets as can hold it, or uses the highest bit. */
    private long length() {
        long length = 0;
        for (int i = 2; i < headerBytes() - MASK_BYTES; i++) {
            length = (length << 8) | at(header, i);
        }
        return switch (shortLength()) {
            case WebSocketFrames.LENGTH_IN_2 -> length < WebSocketFrames.LENGTH_IN_2 ? -1 : length;
            case WebSocketFrames.LENGTH_IN_8 -> length < 1 << 16 ? -1 : length;
            default -> shortLength();
        };
    }

    private static int at(byte[] bytes, int index) {
        return bytes[index] & 0xff;
    }
}
