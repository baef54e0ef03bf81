package io.sterna.broker.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressPatternTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    #           | anything            | true
                    #           | two.words           | true
                    orders      | orders              | true
                    orders      | orders.new          | false
                    orders      | order               | false
                    *           | orders              | true
                    *           | orders.new          | false
                    orders.*    | orders.new          | true
                    orders.*    | orders              | false
                    orders.*    | orders.new.today    | false
                    orders.#    | orders              | true
                    orders.#    | orders.new.today    | true
                    orders.#    | ordersnew           | false
                    *.new       | orders.new          | true
                    #.new       | new                 | true
                    #.new       | a.new.b.new         | true
                    #.new       | a.new.b             | false
                    a.#.b.#.c   | a.b.c               | true
                    a.#.b.#.c   | a.x.b.b.y.c         | true
                    a.#.b.#.c   | a.x.c.b             | false
                    #.#         | a                   | true
                    a.#.*       | a                   | false
                    a.#.*       | a.b                 | true
                    """)
    void shouldMatchWordByWord(String pattern, String address, boolean expected) {
        assertThat(AddressPattern.parse(pattern).orElseThrow().matches(address)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "a..b", "orders.", "ord*", "#a", "a.b#"})
    void shouldRefuseWhenAWordIsEmptyOrOnlyPartlyAWildcard(String pattern) {
        assertThat(AddressPattern.parse(pattern)).isEmpty();
    }

    @Test
    void shouldAnswerFastWhenManyWildcardsDoNotMatch() {
        String pattern = "#.a.".repeat(30) + "b";
        assertThat(AddressPattern.parse(pattern).orElseThrow().matches("a.".repeat(1000) + "a"))
                .isFalse();
    }
}
