package io.sterna.broker.selector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.sterna.amqp.message.MessageSections;
import java.time.Duration;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** "Jakarta Messaging providers are required to verify the syntactic correctness of a message selector" (3.1 §3.8.1.1). */
class InvalidSelectorTest {
    private static final MessageSections MESSAGE = TestMessage.of(Map.of("a", "x".repeat(10_000), "n", 1));

    private static void assertRefused(String selector) {
        assertThatThrownBy(() -> Selector.parse(selector))
                .as(selector)
                .isInstanceOf(InvalidSelectorException.class)
                .hasMessageContaining("at character");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a =",
                "= 1",
                "a = 1 AND",
                "a = 1 OR OR b = 2",
                "AND a = 1",
                "NOT",
                "a NOT 1",
                "a = 1 b = 2",
                "(a = 1",
                "a = 1)",
                "()",
                "a == 1",
                "a != 1",
                "a => 1",
                "a =< 1",
                "a >< 1",
                "a < > 1",
                "a = 'open",
                "a = 'it's'",
                "a = \"",
                "\"\" = 1",
                "a = #1",
                "a = 1; b = 2",
                "a.b = 1",
                "a-b",
                "a = 1 -- a comment",
                "a = 1 /* comment */",
                "5",
                "'a'",
                "a + 1",
                "-a",
                "NOT 5",
                "5 AND TRUE",
                "TRUE OR 'x'",
                "'a' > 'b'",
                "a > 'b'",
                "'b' <= a",
                "a > TRUE",
                "(a = 1) < 2",
                "1 < 2 < 3",
                "'a' + 1 = 2",
                "a * TRUE = 1",
                "-'a' = 1",
                "+TRUE",
                "(a = 1) + 1 = 2",
                "a = NOT b",
                "a = NULL",
                "NULL",
                "NULL IS NULL",
                "a IS",
                "a IS TRUE",
                "a IS NOT 5",
                "5 IS NULL",
                "'a' IS NULL",
                "TRUE IS NOT NULL",
                "a + 1 IS NULL",
                "a BETWEEN 1",
                "a BETWEEN 1 AND",
                "a BETWEEN 1, 2",
                "a BETWEEN 'a' AND 'b'",
                "'a' BETWEEN 1 AND 2",
                "a BETWEEN 1 AND TRUE",
                "a IN",
                "a IN ()",
                "a IN 'x'",
                "a IN ('x'",
                "a IN ('x',)",
                "a IN ('x' 'y')",
                "a IN (1, 2)",
                "a IN (b)",
                "a IN (TRUE)",
                "5 IN ('5')",
                "'x' IN ('x')",
                "a LIKE",
                "a LIKE 5",
                "a LIKE b",
                "'x' LIKE 'x'",
                "5 LIKE '5'",
                "a + 1 LIKE 'x'",
                "a LIKE 'x' ESCAPE",
                "a LIKE 'x' ESCAPE ''",
                "a LIKE 'x' ESCAPE '!!'",
                "a LIKE 'x' ESCAPE b",
                "a LIKE 'x!' ESCAPE '!'",
                "a LIKE '!x' ESCAPE '!'",
                "AND = 1",
                "BETWEEN = 1",
                "like = 1",
                "In = 1",
                "is = 1",
                "escape = 1",
                "Null = 1",
                "1a = 1",
                "a = 1b",
                "a = 5AND b = 1",
                "a = 08",
                "a = 0x",
                "a = 0xg",
                "a = 0b2",
                "a = 1_",
                "a = 1_.5",
                "a = 0x_1",
                "a = 1..2",
                "a = 1.2.3",
                "a = 1e",
                "a = 1e+",
                "a = .",
                "a = 0x1.8",
                "a = 1LL",
                "a = 1.5L",
                "a = ١",
                "a\u00a0= 1",
                "a\u000b= 1",
                "\ud800 = 1",
                "a = 1 \u0000",
            })
    void shouldRefuseWhatIsNoSelector(String selector) {
        assertRefused(selector);
    }

    /** "Numbers in the range of Java long", and double, "are supported". */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "9223372036854775808",
                "-9223372036854775809",
                "- -9223372036854775809",
                "99999999999999999999999999999999",
                "0x10000000000000000",
                "02000000000000000000000",
                "0b10000000000000000000000000000000000000000000000000000000000000000",
                "1e400",
                "-1e400",
                "1e-400",
                "4e38f",
                "1e-60f",
                "0x1p5000"
            })
    void shouldRefuseNumberWhenItIsOutOfRange(String number) {
        assertRefused("n = " + number);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "color = | expected an identifier, a literal or '(', found the end, at character 8 of the selector",
                "color = 'blue | string is never closed; the last ' is missing, at character 9 of the selector",
                "a = 1 b = 2 | expected AND, OR, an operator or the end, found identifier b, at character 7 of the selector",
                "a IN ('x', 5) | expected a string, found number 5, at character 12 of the selector",
                "a > 'b' | strings and conditions are compared with = and <> only, at character 5 of the selector",
                "a != 1 | '!' is no operator; 'not equal' is <>, at character 3 of the selector",
                "n = 08 | '08' is neither an exact nor an approximate number, at character 5 of the selector",
            })
    void shouldSayWhatIsWrongAndWhere(String selector, String message) {
        assertThatThrownBy(() -> Selector.parse(selector)).hasMessage(message);
    }

    /** Whoever nests without end is refused; the stack stays whole. */
    @ParameterizedTest
    @ValueSource(strings = {"(", "NOT ", "NOT(", "-", "+ ", "a = (", "a AND (", "(a OR NOT -(", "((a+"})
    void shouldRefuseWhenNestedTooDeep(String opening) {
        assertRefused(opening.repeat(Selector.MAX_LENGTH / opening.length()));
    }

    @Example
    void shouldRefuseWhenTooLong() {
        assertRefused("a = '" + "x".repeat(Selector.MAX_LENGTH) + "'");
        assertRefused("n = " + "9".repeat(Selector.MAX_LENGTH - 4));
        assertRefused("n = 0." + "0".repeat(Selector.MAX_LENGTH - 7) + "1");
        assertRefused("a LIKE '" + "x".repeat(Selector.MAX_PATTERN_LENGTH + 1) + "'");
        assertRefused("n = 1" + " + 1".repeat(Selector.MAX_OPERATORS));
        StringBuilder identifiers = new StringBuilder("a");
        for (int i = 0; i <= Selector.MAX_IDENTIFIERS; i++) {
            identifiers.append(" OR a").append(i);
        }
        assertRefused(identifiers.toString());
    }

    /** What is just within the limits is evaluated without trouble. */
    @Example
    void shouldEvaluateWhenJustWithinLimits() throws Exception {
        assertThat(Selector.parse("n = 1" + " + 0".repeat(Selector.MAX_OPERATORS - 1))
                        .matches(MESSAGE))
                .isTrue();
        String nested = "(".repeat(Selector.MAX_NESTING) + "n = 1" + ")".repeat(Selector.MAX_NESTING);
        assertThat(Selector.parse(nested).matches(MESSAGE)).isTrue();
        assertThat(Selector.parse("NOT ".repeat(Selector.MAX_NESTING) + "n = 1").matches(MESSAGE))
                .isTrue();
        assertThat(Selector.parse("n = 2" + " OR n = 3".repeat(999) + " OR n = 1")
                        .matches(MESSAGE))
                .isTrue();
        String manyConditions = "n" + " AND n".repeat(8_000);
        assertThat(Selector.parse(manyConditions).matches(MESSAGE)).isFalse();
    }

    /** A pattern that makes backtracking matchers work for ever. */
    @Example
    void shouldMatchInTimeWhenPatternIsHostile() throws Exception {
        Selector selector = Selector.parse("a LIKE '" + "%x".repeat(2_000) + "%y'");
        assertTimeoutPreemptively(Duration.ofSeconds(20), () -> assertThat(selector.matches(MESSAGE))
                .isFalse());
    }

    /** Any text gives a selector or a refusal, and any selector an answer. */
    @Property(tries = 20_000)
    void shouldAcceptOrRefuseWhenTextIsArbitrary(@ForAll("texts") String text) {
        try {
            Selector.parse(text).matches(MESSAGE);
        } catch (InvalidSelectorException refused) {
            assertThat(refused.position()).isBetween(0, text.length());
        }
    }

    @Provide
    Arbitrary<String> texts() {
        Arbitrary<String> words = Arbitraries.of(
                "a",
                "n",
                "NOT",
                "AND",
                "OR",
                "BETWEEN",
                "LIKE",
                "IN",
                "IS",
                "ESCAPE",
                "NULL",
                "TRUE",
                "FALSE",
                "(",
                ")",
                ",",
                "=",
                "<>",
                "<",
                "<=",
                ">",
                ">=",
                "+",
                "-",
                "*",
                "/",
                "'x'",
                "'%'",
                "'",
                "\"",
                "1",
                "0x1",
                "1.",
                ".5",
                "1e5",
                "9223372036854775808",
                "!",
                "JMSType",
                "\u0000",
                "é",
                "💥");
        return Arbitraries.oneOf(
                words.list().ofMaxSize(12).map(list -> String.join(" ", list)),
                words.list().ofMaxSize(6).map(list -> String.join("", list)),
                Arbitraries.strings().ofMaxLength(30));
    }
}
