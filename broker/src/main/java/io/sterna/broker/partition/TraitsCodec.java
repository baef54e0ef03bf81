package io.sterna.broker.partition;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sterna.broker.queue.MessageTraits;
import java.nio.ByteBuffer;

/**
 * How traits are kept beside a message in the store. Nothing at all stands for {@link MessageTraits#DEFAULT}; else what
 * the flags name follows, in the order of their bits, big endian, and nothing more:
 *
 * <pre>
 * +-------+-------------+----------------+-----------------+-----------+-----------------+-----------+------------------
 * | flags | priority, 1 | expires at, 8  | deliver at, 8   | length, 4 | group-id, UTF-8 | length, 4 | last value, UTF-8
 * |       | if 0x01     | if 0x02        | if 0x04         | if 0x08   | if 0x08         | if 0x10   | if 0x10
 * +-------+-------------+----------------+-----------------+-----------+-----------------+-----------+------------------
 * </pre>
 */
final class TraitsCodec {
    private static final byte[] NOTHING = {};
    private static final int PRIORITY = 0x01;
    private static final int EXPIRES = 0x02;
    private static final int DELIVER = 0x04;
    private static final int GROUP = 0x08;
    private static final int LAST_VALUE = 0x10;
    private static final int KNOWN = PRIORITY | EXPIRES | DELIVER | GROUP | LAST_VALUE;

    private TraitsCodec() {}

    static byte[] encode(MessageTraits traits) {
        if (traits.equals(MessageTraits.DEFAULT)) {
            return NOTHING;
        }
        byte[] group = traits.groupId().getBytes(UTF_8);
        byte[] lastValue = traits.lastValue().getBytes(UTF_8);
        int flags = (traits.priority() == MessageTraits.DEFAULT_PRIORITY ? 0 : PRIORITY)
                | (traits.expiresAtMillis() == 0 ? 0 : EXPIRES)
                | (traits.deliverAtMillis() == 0 ? 0 : DELIVER)
                | (group.length == 0 ? 0 : GROUP)
                | (lastValue.length == 0 ? 0 : LAST_VALUE);
        int length = 1
                + ((flags & PRIORITY) == 0 ? 0 : 1)
                + ((flags & EXPIRES) == 0 ? 0 : Long.BYTES)
                + ((flags & DELIVER) == 0 ? 0 : Long.BYTES)
                + ((flags & GROUP) == 0 ? 0 : Integer.BYTES + group.length)
                + ((flags & LAST_VALUE) == 0 ? 0 : Integer.BYTES + lastValue.length);
        ByteBuffer out = ByteBuffer.allocate(length).put((byte) flags);
        if ((flags & PRIORITY) != 0) {
            out.put((byte) traits.priority());
        }
        if ((flags & EXPIRES) != 0) {
            out.putLong(traits.expiresAtMillis());
        }
        if ((flags & DELIVER) != 0) {
            out.putLong(traits.deliverAtMillis());
        }
        if ((flags & GROUP) != 0) {
            out.putInt(group.length).put(group);
        }
        if ((flags & LAST_VALUE) != 0) {
            out.putInt(lastValue.length).put(lastValue);
        }
        return out.array();
    }

    /** @throws IllegalArgumentException when these are not bytes that {@link #encode} gave */
    static MessageTraits decode(byte[] encoded) {
        if (encoded.length == 0) {
            return MessageTraits.DEFAULT;
        }
        ByteBuffer in = ByteBuffer.wrap(encoded);
        int flags = in.get();
        if ((flags & ~KNOWN) != 0) {
            throw new IllegalArgumentException("unknown flags " + flags);
        }
        int priority = (flags & PRIORITY) == 0
                ? MessageTraits.DEFAULT_PRIORITY
                : take(in, 1).get();
        long expiresAtMillis = (flags & EXPIRES) == 0 ? 0 : take(in, Long.BYTES).getLong();
        long deliverAtMillis = (flags & DELIVER) == 0 ? 0 : take(in, Long.BYTES).getLong();
        String groupId = (flags & GROUP) == 0 ? "" : takeText(in);
        String lastValue = (flags & LAST_VALUE) == 0 ? "" : takeText(in);
        if (in.hasRemaining()) {
            throw new IllegalArgumentException(in.remaining() + " bytes too many");
        }
        return new MessageTraits(priority, expiresAtMillis, deliverAtMillis, groupId, lastValue);
    }

    private static String takeText(ByteBuffer in) {
        int length = take(in, Integer.BYTES).getInt();
        return UTF_8.decode(take(in, length)).toString();
    }

    private static ByteBuffer take(ByteBuffer in, int bytes) {
        if (bytes < 0 || bytes > in.remaining()) {
            throw new IllegalArgumentException("the bytes end too soon");
        }
        ByteBuffer taken = in.slice(in.position(), bytes);
        in.position(in.position() + bytes);
        return taken;
    }
}
