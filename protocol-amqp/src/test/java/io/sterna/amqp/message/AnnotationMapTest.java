package io.sterna.amqp.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sterna.amqp.codec.DecodeException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** AMQP 1.0 §3.2.10. */
class AnnotationMapTest {
    private static final HexFormat HEX = HexFormat.of();

    @Test
    void shouldEncodeWhenBuilt() {
        AnnotationMap map = AnnotationMap.builder()
                .putString("s", "v")
                .putLong("l", -1)
                .putUbyte("u", 255)
                .build();

        assertThat(hex(map)).isEqualTo("c11106a30173a10176a3016c55ffa3017550ff");
        assertThat(map.isEmpty()).isFalse();
    }

    @Test
    void shouldBeEmptyWhenNothingIsPut() {
        assertThat(AnnotationMap.EMPTY.isEmpty()).isTrue();
        assertThat(hex(AnnotationMap.EMPTY)).isEqualTo("c10100");
    }

    @ParameterizedTest
    @CsvSource({
        // base, additional, merged
        "c10100, c10100, c10100",
        "c10502a3016141, c10100, c10502a3016141",
        "c10100, c10502a3016141, c10502a3016141",
        "c10904a3016141a3016241, c10502a3016142, c10904a3016142a3016241",
        "c10502a3016141, c10502a3016241, c10904a3016141a3016241",
        // The same key in another encoding; a ulong is no symbol.
        "c10502a3016141, c10802b3000000016142, c10802b3000000016142",
        "c10402530141, c10b0280000000000000000142, c10b0280000000000000000142",
        "c10402536141, c10502a3016142, c10804536141a3016142",
        "d10000000800000002a3016141, c10100, c10502a3016141",
    })
    void shouldMerge(String base, String additional, String merged) throws Exception {
        AnnotationMap result = decode(base).mergedWith(decode(additional));

        assertThat(hex(result)).isEqualTo(merged);
        assertThat(decode(merged).encoded().toByteArray())
                .isEqualTo(result.encoded().toByteArray());
    }

    @ParameterizedTest
    @CsvSource({
        "'', value missing",
        "40, annotations must be a map",
        "c00100, annotations must be a map",
        "c1010040, bytes left over",
        "c10502a1016141, key of an annotation must be a symbol or a ulong",
        "c1030350ff, exceeds",
    })
    void shouldRefuseWhenNotAnnotations(String hex, String reason) {
        assertThatThrownBy(() -> decode(hex))
                .isInstanceOf(DecodeException.class)
                .hasMessageContaining(reason);
    }

    @ParameterizedTest
    @CsvSource({
        "51ff, -1",
        "54ff, -1",
        "55ff, -1",
        "61fffe, -2",
        "71fffffffe, -2",
        "81fffffffffffffffe, -2",
        "830000018bcfe56800, 1700000000000",
        "50ff, 255",
        "60ffff, 65535",
        "43, 0",
        "52ff, 255",
        "70ffffffff, 4294967295",
        "44, 0",
        "53ff, 255",
        "8000000000ffffffff, 4294967295",
    })
    void shouldFindAWholeNumberWhateverItsEncoding(String value, long number) throws Exception {
        String items = "a3026b31" + "a10178" + "a3016b" + value;
        AnnotationMap map = decode("c1%02x04%s".formatted(1 + items.length() / 2, items));

        assertThat(map.integer("k")).hasValue(number);
        assertThat(map.integer("k1")).isEmpty();
        assertThat(map.integer("1")).isEmpty();
        assertThat(map.integer("absent")).isEmpty();
    }

    private static AnnotationMap decode(String hex) throws DecodeException {
        return AnnotationMap.decode(HEX.parseHex(hex));
    }

    private static String hex(AnnotationMap map) {
        return HEX.formatHex(map.encoded().toByteArray());
    }
}
