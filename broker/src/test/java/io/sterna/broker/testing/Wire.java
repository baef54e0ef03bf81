package io.sterna.broker.testing;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;

/** AMQP octets made by hand, right and wrong ones (AMQP 1.0 §1.6, §2.2, §2.3). */
public final class Wire {
    public static final byte[] AMQP_HEADER = octets('A', 'M', 'Q', 'P', 0, 1, 0, 0);
    public static final byte[] SASL_HEADER = octets('A', 'M', 'Q', 'P', 3, 1, 0, 0);
    public static final byte[] NULL = octets(0x40);

    public static final int OPEN = 0x10;
    public static final int BEGIN = 0x11;
    public static final int ATTACH = 0x12;
    public static final int FLOW = 0x13;
    public static final int TRANSFER = 0x14;
    public static final int DISPOSITION = 0x15;
    public static final int DETACH = 0x16;
    public static final int END = 0x17;
    public static final int CLOSE = 0x18;

    private Wire() {}

    public static byte[] octets(int... octets) {
        ByteBuffer all = ByteBuffer.allocate(octets.length);
        for (int octet : octets) {
            all.put((byte) octet);
        }
        return all.array();
    }

    public static byte[] join(byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        ByteBuffer all = ByteBuffer.allocate(length);
        for (byte[] part : parts) {
            all.put(part);
        }
        return all.array();
    }

    /** A frame on this channel whose size says what it holds. */
    public static byte[] frame(int channel, byte[] body) {
        byte[] header = frameHeader(8 + body.length, 2, 0);
        return join(ByteBuffer.wrap(header).putShort(6, (short) channel).array(), body);
    }

    /** A frame on channel 0 whose size says what it holds. */
    public static byte[] frame(byte[] body) {
        return join(frameHeader(8 + body.length, 2, 0), body);
    }

    /** The first eight octets of a frame, with any size, data offset and type. */
    public static byte[] frameHeader(int size, int dataOffset, int type) {
        return ByteBuffer.allocate(8)
                .putInt(size)
                .put((byte) dataOffset)
                .put((byte) type)
                .putShort((short) 0)
                .array();
    }

    /** A described list: a performative, a terminus, or a section. */
    public static byte[] described(int code, byte[]... fields) {
        return join(new byte[] {0x00, 0x53, (byte) code}, list(fields));
    }

    public static byte[] list(byte[]... fields) {
        return compound(0xd0, fields.length, fields);
    }

    public static byte[] map(byte[]... keysAndValues) {
        return compound(0xd1, keysAndValues.length, keysAndValues);
    }

    /** A list8, map8 or array8. */
    public static byte[] small(int constructor, int count, byte[]... content) {
        byte[] joined = join(content);
        return join(octets(constructor, joined.length + 1, count), joined);
    }

    /** A list32, map32 or array32 with any count. */
    public static byte[] compound(int constructor, int count, byte[]... content) {
        byte[] joined = join(content);
        return ByteBuffer.allocate(9 + joined.length)
                .put((byte) constructor)
                .putInt(4 + joined.length)
                .putInt(count)
                .put(joined)
                .array();
    }

    /** A binary32, string32 or symbol32 whose size may lie. */
    public static byte[] variable(int constructor, int size, byte[] content) {
        return ByteBuffer.allocate(5 + content.length)
                .put((byte) constructor)
                .putInt(size)
                .put(content)
                .array();
    }

    public static byte[] string(String text) {
        byte[] octets = text.getBytes(UTF_8);
        return variable(0xb1, octets.length, octets);
    }

    public static byte[] symbol(String text) {
        byte[] octets = text.getBytes(US_ASCII);
        return variable(0xb3, octets.length, octets);
    }

    public static byte[] uint(int value) {
        return ByteBuffer.allocate(5).put((byte) 0x70).putInt(value).array();
    }

    public static byte[] ushort(int value) {
        return ByteBuffer.allocate(3).put((byte) 0x60).putShort((short) value).array();
    }

    public static byte[] ubyte(int value) {
        return new byte[] {0x50, (byte) value};
    }

    public static byte[] ulong(long value) {
        return ByteBuffer.allocate(9).put((byte) 0x80).putLong(value).array();
    }

    public static byte[] binary(byte[] octets) {
        return variable(0xb0, octets.length, octets);
    }

    public static byte[] bool(boolean value) {
        return new byte[] {(byte) (value ? 0x41 : 0x42)};
    }

    /** An open with an idle time-out that is never reached, so that a test has not to send empty frames. */
    public static byte[] open(String containerId) {
        return frame(described(OPEN, string(containerId), NULL, uint(65_536), ushort(10), NULL));
    }

    public static byte[] begin() {
        return frame(described(BEGIN, NULL, uint(0), uint(100), uint(100), uint(10)));
    }

    /** A sending link to the address. */
    public static byte[] attachSender(String name, String address) {
        return frame(described(
                ATTACH,
                string(name),
                uint(0),
                bool(false),
                NULL,
                NULL,
                described(0x28, string("here")),
                described(0x29, string(address)),
                NULL,
                NULL,
                uint(0)));
    }

    /** One message on handle 0, in one frame. */
    public static byte[] transfer(int deliveryId, byte[] message) {
        byte[] tag = ByteBuffer.allocate(6)
                .put((byte) 0xa0)
                .put((byte) 4)
                .putInt(deliveryId)
                .array();
        return frame(join(described(TRANSFER, uint(0), uint(deliveryId), tag, uint(0), bool(false)), message));
    }
}
