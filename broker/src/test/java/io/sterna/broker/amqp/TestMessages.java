package io.sterna.broker.amqp;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Messages whose body is a number. */
final class TestMessages {
    private static final byte[] DURABLE_HEADER = {0x00, 0x53, 0x70, (byte) 0xc0, 0x02, 0x01, 0x41};

    private TestMessages() {}

    static byte[] durable(int number) {
        return message(number, true, "", 0);
    }

    static byte[] volatileOne(int number) {
        return message(number, false, "", 0);
    }

    static byte[] prioritized(int number, int priority) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(new byte[] {0x00, 0x53, 0x70, (byte) 0xc0, 4, 2, 0x41, 0x50, (byte) priority});
        bytes.writeBytes(message(number, false, "", 0));
        return bytes.toByteArray();
    }

    /** Durable, with a time to live. */
    static byte[] mortal(int number, int ttlMillis) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(new byte[] {0x00, 0x53, 0x70, (byte) 0xc0, 8, 3, 0x41, 0x40, 0x70});
        bytes.writeBytes(ByteBuffer.allocate(4).putInt(ttlMillis).array());
        bytes.writeBytes(message(number, false, "", 0));
        return bytes.toByteArray();
    }

    /** With an address in its properties, and a body of at least so many bytes. */
    static byte[] message(int number, boolean durable, String to, int bodyBytes) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        if (durable) {
            bytes.writeBytes(DURABLE_HEADER);
        }
        if (!to.isEmpty()) {
            byte[] address = to.getBytes(StandardCharsets.UTF_8);
            bytes.writeBytes(new byte[] {0x00, 0x53, 0x73, (byte) 0xc0, (byte) (address.length + 5), 3, 0x40, 0x40});
            bytes.writeBytes(new byte[] {(byte) 0xa1, (byte) address.length});
            bytes.writeBytes(address);
        }
        int length = Math.max(Integer.BYTES, bodyBytes);
        bytes.writeBytes(new byte[] {0x00, 0x53, 0x75, (byte) 0xb0});
        bytes.writeBytes(ByteBuffer.allocate(4).putInt(length).array());
        bytes.writeBytes(ByteBuffer.allocate(length).putInt(length - 4, number).array());
        return bytes.toByteArray();
    }

    /** The number at the end of a message. */
    static int number(byte[] message) {
        return ByteBuffer.wrap(message).getInt(message.length - Integer.BYTES);
    }
}
