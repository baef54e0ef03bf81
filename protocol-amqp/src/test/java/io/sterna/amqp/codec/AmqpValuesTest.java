package io.sterna.amqp.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** AMQP 1.0 part 1, and what no decoder behind us must ever be given. */
class AmqpValuesTest {
    private static final HexFormat HEX = HexFormat.of();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "40",
                "41",
                "42",
                "43",
                "44",
                "45",
                "5600",
                "5601",
                "50ff",
                "5180",
                "52ff",
                "53ff",
                "54ff",
                "55ff",
                "60ffff",
                "61ffff",
                "70ffffffff",
                "71ffffffff",
                "72ffffffff",
                "730010ffff",
                "74ffffffff",
                "80ffffffffffffffff",
                "81ffffffffffffffff",
                "82ffffffffffffffff",
                "83ffffffffffffffff",
                "84ffffffffffffffff",
                "94ffffffffffffffffffffffffffffffff",
                "98ffffffffffffffffffffffffffffffff",
                "a000",
                "a002ffff",
                "b000000002ffff",
                "a103616263",
                "b100000003616263",
                "a303616263",
                "b300000003616263",
                "a102c3a9",
                "a103e282ac",
                "a104f09f9880",
                "c00100",
                "c003024041",
                "d0000000050000000140",
                "c10100",
                "c103024140",
                "d10000000400000000",
                "c10502a3016b45",
                "e0020050",
                "e0040250ffff",
                "f00000000500000000a1",
                "e00603a101610000",
                "e00602c001000100",
                "e0070200531f50ffff",
                "00531040",
                "00a3016140",
                "00530100530240",
                "0000531f4041"
            })
    void shouldAcceptWhenWellFormed(String hex) throws Exception {
        byte[] bytes = HEX.parseHex(hex);

        assertThat(AmqpValues.validate(bytes, 0, bytes.length)).isEqualTo(bytes.length);
        assertThat(AmqpValues.skip(bytes, 0, bytes.length)).isEqualTo(bytes.length);
    }

    @ParameterizedTest
    @CsvSource({
        "01, unknown format code 0x01",
        "4f, unknown format code 0x4f",
        "ff00, unknown format code 0xff",
        "5602, boolean is neither 0 nor 1",
        "50, needs 1 bytes, has 0",
        "80ffffffffffffff, needs 8 bytes, has 7",
        "b0000000, cut off within its size",
        "a1036162, size 3 exceeds the 2 bytes",
        "b0ffffffff00, size 4294967295 exceeds",
        "b08000000000, size 2147483648 exceeds",
        "a102c328, not UTF-8",
        "a102c0af, not UTF-8",
        "a103eda080, not UTF-8",
        "a104f4908080, not UTF-8",
        "a101c3, not UTF-8",
        "a101ff, not UTF-8",
        "a103e28228, not UTF-8",
        "a301e9, not ASCII",
        "c000, no room for the count",
        "d0000000030000, exceeds",
        "d000000003000000, no room for the count",
        "c00102, count 2 exceeds the 0 bytes",
        "d000000004ffffffff, count 4294967295 exceeds",
        "c0020240, count 2 exceeds the 1 bytes",
        "c003014041, 1 bytes left over",
        "c0020150, needs 1 bytes, has 0",
        "c1020140, odd count of 1",
        "c103024041, map key must be a scalar",
        "c103024541, map key must be a scalar",
        "c10502c0010041, map key must be a scalar",
        "c1060200531f4041, map key must be a scalar",
        "e0020240, array of 2 elements that have no bytes",
        "f000000005ffffffff45, array of 4294967295 elements that have no bytes",
        "f000000008ffffffff00534041, elements that have no bytes",
        "e0030250ff, array of 2 elements of 1 bytes in 1 bytes",
        "f000000005ffffffff98, array of 4294967295 elements of 16 bytes",
        "f000000006ffffffffa100, count 4294967295 exceeds",
        "e00501a1016162, 1 bytes left over",
        "e0040256ff01, boolean is neither",
        "e00100, value missing",
        "00, value missing",
        "0053, needs 1 bytes",
        "005310, value missing",
        "00531000, value missing"
    })
    void shouldRefuseWhenMalformed(String hex, String reason) {
        byte[] bytes = HEX.parseHex(hex);

        assertThatThrownBy(() -> AmqpValues.validate(bytes, 0, bytes.length))
                .isInstanceOf(DecodeException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void shouldNameTheOffsetWhenMalformed() {
        byte[] bytes = HEX.parseHex("ffffc00602530156024040");

        assertThatThrownBy(() -> AmqpValues.validate(bytes, 2, bytes.length))
                .isInstanceOfSatisfying(
                        DecodeException.class, e -> assertThat(e.offset()).isEqualTo(8))
                .hasMessage("boolean is neither 0 nor 1 at offset 8");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 31, 32, 33, 100_000})
    void shouldLimitTheDepthWhenValuesAreNested(int depth) throws Exception {
        assertDepth(depth, nestedLists(depth));
        assertDepth(depth, nestedInDescriptors(depth));
        assertDepth(depth, describedAgainAndAgain(depth));
        assertDepth(depth, nestedArrays(depth));
    }

    @Test
    void shouldRefuseWhenManyMapKeysHaveTheSameHash() throws Exception {
        byte[] colliding = map(65, i -> {
            byte[] key = new byte[14];
            for (int bit = 0; bit < 7; bit++) {
                key[2 * bit] = (byte) ((i >> bit & 1) == 0 ? 'A' : 'B');
                key[2 * bit + 1] = (byte) ((i >> bit & 1) == 0 ? 'a' : 'B');
            }
            return key;
        });
        byte[] counters = map(
                60_000, i -> new byte[] {0, 0, 0, 0, (byte) (i >> 24), (byte) (i >> 16), (byte) (i >> 8), (byte) i});

        assertThatThrownBy(() -> AmqpValues.validate(colliding, 0, colliding.length))
                .isInstanceOf(DecodeException.class)
                .hasMessageContaining("more than 64 keys of the same hash");
        assertThat(AmqpValues.validate(counters, 0, counters.length)).isEqualTo(counters.length);
    }

    private static byte[] map(int keys, IntFunction<byte[]> key) {
        AmqpWriter writer = new AmqpWriter(0);
        int map = writer.beginMap();
        for (int i = 0; i < keys; i++) {
            writer.writeBinary(key.apply(i)).writeNull();
        }
        return writer.endMap(map, 2 * keys).toByteArray();
    }

    /** Each level: 00, then a descriptor that is itself described; the value null behind each. */
    private static byte[] nestedInDescriptors(int depth) {
        byte[] bytes = new byte[2 * depth + 1];
        Arrays.fill(bytes, depth, bytes.length, (byte) 0x40);
        return bytes;
    }

    private static byte[] describedAgainAndAgain(int depth) {
        byte[] bytes = new byte[2 * depth + 1];
        for (int i = 0; i < depth; i++) {
            bytes[2 * i + 1] = 0x44;
        }
        bytes[2 * depth] = 0x40;
        return bytes;
    }

    private static byte[] nestedLists(int depth) {
        byte[] bytes = new byte[9 * depth + 1];
        for (int i = 0; i < depth; i++) {
            bytes[9 * i] = (byte) 0xd0;
            BigEndian.putInt(bytes, 9 * i + 1, bytes.length - 9 * i - 5);
            BigEndian.putInt(bytes, 9 * i + 5, 1);
        }
        bytes[9 * depth] = 0x40;
        return bytes;
    }

    /** An array of one array of one array …, the innermost of no ubyte. */
    private static byte[] nestedArrays(int depth) {
        byte[] bytes = new byte[9 * depth + 1];
        for (int i = 0; i < depth; i++) {
            bytes[9 * i] = (byte) 0xf0;
            BigEndian.putInt(bytes, 9 * i + 1, bytes.length - 9 * i - 5);
            BigEndian.putInt(bytes, 9 * i + 5, i == depth - 1 ? 0 : 1);
        }
        bytes[9 * depth] = 0x50;
        return bytes;
    }

    private static void assertDepth(int depth, byte[] bytes) throws DecodeException {
        if (depth <= AmqpValues.MAX_DEPTH) {
            assertThat(AmqpValues.validate(bytes, 0, bytes.length)).isEqualTo(bytes.length);
        } else {
            assertThatThrownBy(() -> AmqpValues.validate(bytes, 0, bytes.length))
                    .isInstanceOf(DecodeException.class)
                    .hasMessageContaining("nested more than 32 deep");
        }
    }

    @Test
    void shouldReadPrimitivesWhenOfTheRightType() throws Exception {
        assertThat(AmqpValues.readBoolean(HEX.parseHex("5601"), 0, 2)).isTrue();
        assertThat(AmqpValues.readBoolean(HEX.parseHex("42"), 0, 1)).isFalse();
        assertThat(AmqpValues.readUbyte(HEX.parseHex("50ff"), 0, 2)).isEqualTo(255);
        assertThat(AmqpValues.readUshort(HEX.parseHex("60fffe"), 0, 3)).isEqualTo(65534);
        assertThat(AmqpValues.readUint(HEX.parseHex("70fffffffe"), 0, 5)).isEqualTo(4294967294L);
        assertThat(AmqpValues.readUlong(HEX.parseHex("80ffffffffffffffff"), 0, 9))
                .isEqualTo(-1);
        assertThat(AmqpValues.readUlong(HEX.parseHex("53ff"), 0, 2)).isEqualTo(255);
        assertThat(AmqpValues.readTimestampMillis(HEX.parseHex("83ffffffffffffffff"), 0, 9))
                .isEqualTo(-1);
        assertThat(AmqpValues.readString(HEX.parseHex("a103e282ac"), 0, 5)).isEqualTo("\u20ac");
        assertThat(AmqpValues.readSymbol(HEX.parseHex("b3000000026869"), 0, 7)).isEqualTo("hi");
        assertThat(AmqpValues.readBinary(HEX.parseHex("a002cafe"), 0, 4)).containsExactly(0xca, 0xfe);
        assertThat(AmqpValues.count(HEX.parseHex("c003024041"), 0, 5)).isEqualTo(2);
        assertThat(AmqpValues.itemsOffset(HEX.parseHex("c003024041"), 0)).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "40", "50", "53", "a102ff", "a101ff", "b3ffffffff", "c0", "c00105", "5607", "005340"})
    void shouldRefuseToReadWhenOfAnotherTypeOrCutOff(String hex) {
        byte[] bytes = HEX.parseHex(hex);

        for (Reader reader : READERS) {
            assertThatThrownBy(() -> reader.read(bytes, 0, bytes.length)).isInstanceOf(DecodeException.class);
        }
    }

    private static final List<Reader> READERS = List.of(
            AmqpValues::readBoolean,
            AmqpValues::readUbyte,
            AmqpValues::readUshort,
            AmqpValues::readUint,
            AmqpValues::readUlong,
            AmqpValues::readTimestampMillis,
            AmqpValues::readString,
            AmqpValues::readSymbol,
            AmqpValues::readBinary,
            AmqpValues::count);

    private interface Reader {
        Object read(byte[] bytes, int offset, int limit) throws DecodeException;
    }
}
