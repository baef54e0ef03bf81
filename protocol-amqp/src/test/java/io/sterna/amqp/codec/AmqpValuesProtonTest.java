package io.sterna.amqp.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnknownDescribedType;
import org.apache.qpid.proton.amqp.UnsignedByte;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.UnsignedLong;
import org.apache.qpid.proton.amqp.UnsignedShort;
import org.apache.qpid.proton.codec.AMQPDefinedTypes;
import org.apache.qpid.proton.codec.DecoderImpl;
import org.apache.qpid.proton.codec.EncoderImpl;

/** Our walker against Proton-J's codec: they agree on what is valid, and what we let through never upsets it. */
class AmqpValuesProtonTest {
    private final DecoderImpl decoder = new DecoderImpl();
    private final EncoderImpl encoder = new EncoderImpl(decoder);

    AmqpValuesProtonTest() {
        AMQPDefinedTypes.registerAllTypes(decoder, encoder);
    }

    @Property(tries = 2000)
    void shouldFindTheEndWhenProtonEncodedTheValue(@ForAll long seed) throws Exception {
        byte[] bytes = encode(value(new Random(seed), 4));

        assertThat(AmqpValues.validate(bytes, 0, bytes.length)).isEqualTo(bytes.length);
        assertThat(AmqpValues.skip(bytes, 0, bytes.length)).isEqualTo(bytes.length);
    }

    @Property(tries = 5000)
    void shouldLetOnlyHarmlessBytesThroughWhenMutated(@ForAll long seed) {
        Random random = new Random(seed);
        byte[] bytes = encode(value(random, 4));
        for (int mutations = 1 + random.nextInt(3); mutations > 0; mutations--) {
            bytes[random.nextInt(bytes.length)] =
                    (byte) (random.nextBoolean() ? random.nextInt() : interesting(random));
        }
        assertHarmless(bytes);
    }

    @Property(tries = 5000)
    void shouldLetOnlyHarmlessBytesThroughWhenRandom(@ForAll @Size(max = 200) byte[] bytes) {
        assertHarmless(bytes);
    }

    /** What passes is decoded to its end, or refused by Proton-J in its own words, and by nothing worse. */
    private void assertHarmless(byte[] bytes) {
        int end;
        try {
            end = AmqpValues.validate(bytes, 0, bytes.length);
        } catch (DecodeException e) {
            assertThat(e.offset()).isBetween(0, bytes.length);
            return;
        }
        decoder.setByteBuffer(ByteBuffer.wrap(bytes));
        try {
            decoder.readObject();
            assertThat(decoder.getByteBuffer().position()).isEqualTo(end);
        } catch (org.apache.qpid.proton.codec.DecodeException e) {
            assertThat(e).hasMessageNotContaining("incorrectly encoded");
        }
    }

    private byte[] encode(Object value) {
        ByteBuffer buffer = ByteBuffer.allocate(1 << 20);
        encoder.setByteBuffer(buffer);
        encoder.writeObject(value);
        byte[] bytes = new byte[buffer.position()];
        buffer.flip().get(bytes);
        return bytes;
    }

    private static int interesting(Random random) {
        int[] codes = {0x00, 0x40, 0x45, 0x53, 0xa1, 0xa3, 0xb1, 0xc0, 0xc1, 0xd0, 0xd1, 0xe0, 0xf0, 0xff};
        return codes[random.nextInt(codes.length)];
    }

    @SuppressWarnings("JavaUtilDate") // Proton-J's class for timestamps.
    private static Object value(Random random, int depth) {
        return switch (random.nextInt(depth == 0 ? 16 : 21)) {
            case 0 -> random.nextBoolean();
            case 1 -> UnsignedByte.valueOf((byte) random.nextInt());
            case 2 -> UnsignedShort.valueOf((short) random.nextInt());
            case 3 -> UnsignedInteger.valueOf(random.nextInt(1000));
            case 4 -> UnsignedLong.valueOf(random.nextInt(1000));
            case 5 -> (byte) random.nextInt();
            case 6 -> (short) random.nextInt();
            case 7 -> random.nextInt(1000) - 500;
            case 8 -> random.nextLong() >> random.nextInt(64);
            case 9 -> random.nextFloat();
            case 10 -> random.nextDouble();
            case 11 -> new Date(random.nextLong());
            case 12 -> new UUID(random.nextLong(), random.nextLong());
            case 13 -> new Binary(new byte[random.nextInt(400)]);
            case 14 -> text(random, 400);
            case 15 -> Symbol.valueOf("x-opt-" + random.nextInt(1000));
            case 16, 17 -> list(random, depth);
            case 18 -> map(random, depth);
            case 19 -> array(random);
            default -> new UnknownDescribedType(UnsignedLong.valueOf(0x468C00000004L), list(random, depth));
        };
    }

    private static String text(Random random, int mostCharacters) {
        StringBuilder text = new StringBuilder();
        random.ints(random.nextInt(mostCharacters), 0x20, 0x1f700)
                .filter(c -> c < 0xd800 || c > 0xdfff)
                .forEach(text::appendCodePoint);
        return text.toString();
    }

    private static List<Object> list(Random random, int depth) {
        List<Object> list = new ArrayList<>();
        for (int items = random.nextInt(8); items > 0; items--) {
            list.add(value(random, depth - 1));
        }
        return list;
    }

    private static Map<Object, Object> map(Random random, int depth) {
        Map<Object, Object> map = new LinkedHashMap<>();
        for (int items = random.nextInt(8); items > 0; items--) {
            map.put(random.nextBoolean() ? text(random, 9) : value(random, 0), value(random, depth - 1));
        }
        return map;
    }

    private static Object array(Random random) {
        int length = random.nextInt(300);
        return switch (random.nextInt(5)) {
            case 0 -> random.ints(length).boxed().toArray(Integer[]::new);
            case 1 -> random.longs(length).boxed().toArray(Long[]::new);
            case 2 -> {
                Boolean[] booleans = new Boolean[length];
                Arrays.setAll(booleans, i -> i % 3 == 0);
                yield booleans;
            }
            case 3 -> {
                Symbol[] symbols = new Symbol[length];
                Arrays.setAll(symbols, i -> Symbol.valueOf("s" + i));
                yield symbols;
            }
            default -> {
                String[] strings = new String[length];
                Arrays.setAll(strings, i -> "s" + i);
                yield strings;
            }
        };
    }
}
