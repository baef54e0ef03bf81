package io.sterna.broker.selector;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.amqp.message.MessageSections;
import java.util.Locale;
import org.apache.qpid.proton.amqp.UnsignedByte;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.UnsignedLong;
import org.apache.qpid.proton.amqp.UnsignedShort;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What conditions mean: the sentences of Jakarta Messaging 3.1 §3.8.1.1 and §3.8.1.2. */
class SelectorTest {
    private static final MessageSections MESSAGE = TestMessage.create()
            .with("yes", true)
            .with("no", false)
            .with("aByte", (byte) 7)
            .with("aShort", (short) -300)
            .with("anInt", 57)
            .with("maxInt", Integer.MAX_VALUE)
            .with("aLong", 5_000_000_000L)
            .with("maxLong", Long.MAX_VALUE)
            .with("aFloat", 0.1f)
            .with("aDouble", 0.1)
            .with("infinite", Double.POSITIVE_INFINITY)
            .with("notANumber", Double.NaN)
            .with("color", "blue")
            .with("two", "2")
            .with("empty", "")
            .with("quote", "it's")
            .with("phone", "12993")
            .with("underscored", "_foo")
            .with("percent", "100%")
            .with("emoji", "a😀b")
            .with("lines", "one\ntwo")
            .with("nothing", null)
            .with("ключ", "значение")
            .with("$dollar_1", 1)
            .with("Color", "red")
            .with("aChar", 'x')
            .with("ubyte", UnsignedByte.valueOf((byte) 200))
            .with("ushort", UnsignedShort.valueOf((short) -1))
            .with("uint", UnsignedInteger.valueOf(-1))
            .with("ulong", UnsignedLong.valueOf(-1L))
            .with("uuid", java.util.UUID.fromString("6e2c3c1e-4c0c-4a53-93d6-111111111111"))
            .with("binary", new org.apache.qpid.proton.amqp.Binary(new byte[] {1}))
            .with("with-hyphen", 3)
            .sections();

    private static void assertTruth(String condition, String expected) {
        assertThat(TestMessage.truth(condition, MESSAGE))
                .as(condition)
                .isEqualTo(Truth.valueOf(expected.toUpperCase(Locale.ROOT)));
    }

    /** "A string literal is enclosed in single quotes, with an included single quote represented by doubled single quote." */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "color = 'blue' | true",
                "color = 'Blue' | false",
                "color <> 'blue' | false",
                "color <> 'red' | true",
                "'blue' = color | true",
                "quote = 'it''s' | true",
                "empty = '' | true",
                "empty = '''' | false",
                "ключ = 'значение' | true",
                "emoji = 'a😀b' | true",
                "color = 'blu' | false",
                "color = 'blues' | false",
                "color = Color | false",
                "color = color | true",
                "'a' = 'a' | true",
            })
    void shouldCompareStringsByTheirCharacters(String condition, String expected) {
        assertTruth(condition, expected);
    }

    /** "Exact numeric literals use the Java integer literal syntax", "approximate literals the floating-point literal syntax". */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "anInt = 57 | true",
                "anInt = +57 | true",
                "-anInt = -57 | true",
                "- -anInt = 57 | true",
                "anInt = 57L | true",
                "anInt = 0x39 | true",
                "anInt = 0X39l | true",
                "anInt = 071 | true",
                "anInt = 0b11_1001 | true",
                "anInt = 5_7 | true",
                "anInt = 57. | true",
                "anInt = 5.7E1 | true",
                "anInt = 570e-1d | true",
                "anInt = 57f | true",
                "anInt = 0x7.2p3 | true",
                "aDouble = .1 | true",
                "aLong = 5000000000 | true",
                "aLong = 5E9 | true",
                "maxLong = 9223372036854775807 | true",
                "maxLong = 0x7fffffffffffffff | true",
                "-maxLong - 1 = -9223372036854775808 | true",
                "-maxLong - 1 = 0x8000000000000000 | true",
                "-1 = 0xffffffffffffffff | true",
                "0xFFFFFFFF = 4294967295 | true",
                "08.5 = 8.5 | true",
                "0 = 00 | true",
            })
    void shouldReadNumbersAsJavaWritesThem(String condition, String expected) {
        assertTruth(condition, expected);
    }

    /** "The type conversion required is defined by the rules of Java numeric promotion." */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "aByte = 7 | true",
                "aByte = 7.0 | true",
                "aShort < aByte | true",
                "aFloat = 0.1f | true",
                "aFloat = aDouble | false",
                "aFloat = 0.1 | false",
                "aFloat > aDouble | true",
                "16777217 = 16777216f | true",
                "16777217 = 16777216d | false",
                "maxLong = 9223372036854775808.0 | true",
                "maxInt + 1 < 0 | true",
                "maxInt + 1L > 0 | true",
                "maxLong + 1 < 0 | true",
                "aByte + aByte = 14 | true",
                "7 / 2 = 3 | true",
                "7 / 2. = 3.5 | true",
                "-7 / 2 = -3 | true",
                "anInt * 2 - 14 = 100 | true",
                "infinite > maxLong | true",
                "-infinite < -maxLong | true",
                "infinite = infinite + 1 | true",
                "notANumber = notANumber | false",
                "notANumber <> notANumber | true",
                "notANumber < 1 | false",
                "1 / 0. > maxLong | true",
                "0.0 = -0.0 | true",
                "5 > 4 | true",
                "5 >= 5 | true",
                "5 < 5 | false",
                "5 <= 5 | true",
                "5 <> 5 | false",
            })
    void shouldPromoteNumbersAsJavaDoes(String condition, String expected) {
        assertTruth(condition, expected);
    }

    /** Nothing is defined for a division of exact numbers by zero, and Java throws; the result has no value. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"1 / 0 = 1 | unknown", "anInt / (1 - 1L) <> 2 | unknown", "1 / 0 = 1 OR yes | true"})
    void shouldNotKnowWhenExactNumberIsDividedByZero(String condition, String expected) {
        assertTruth(condition, expected);
    }

    /** "If the comparison of non-like type values is attempted, the value of the operation is false." */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "two = 2 | false",
                "two <> 2 | false",
                "two > 1 | false",
                "color = 1 | false",
                "color <> TRUE | false",
                "yes = 'true' | false",
                "yes <> 'true' | false",
                "yes = 1 | false",
                "color < Color | false",
                "color >= color | false",
                "yes > no | false",
                "two BETWEEN 1 AND 3 | false",
                "two NOT BETWEEN 3 AND 4 | false",
                "binary = 'x' | false",
                "binary <> 1 | false",
                "'a' = 1 | false",
            })
    void shouldBeFalseWhenTypesAreNotAlike(String condition, String expected) {
        assertTruth(condition, expected);
    }

    /** "A string cannot be used in an arithmetic expression." The result has no value. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"two + 1 > 2 | unknown", "-two < 0 | unknown", "yes * 2 = 2 | unknown", "+color = 'blue' | unknown"
            })
    void shouldNotKnowWhenOperandIsNoNumber(String condition, String expected) {
        assertTruth(condition, expected);
    }

    /** "Comparison or arithmetic with an unknown value always yields an unknown value." */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "absent = 1 | unknown",
                "absent <> 1 | unknown",
                "absent = 'x' | unknown",
                "absent <> 'x' | unknown",
                "absent = absent | unknown",
                "absent + 1 > 0 | unknown",
                "-absent > 0 | unknown",
                "absent | unknown",
                "NOT absent | unknown",
                "nothing = 'x' | unknown",
                "nothing > 0 | unknown",
                "absent BETWEEN 1 AND 2 | unknown",
                "absent NOT BETWEEN 1 AND 2 | unknown",
                "5 BETWEEN absent AND 4 | false",
                "5 BETWEEN absent AND 6 | unknown",
                "5 NOT BETWEEN 6 AND absent | true",
                "absent IN ('a') | unknown",
                "absent NOT IN ('a') | unknown",
                "absent LIKE '%' | unknown",
                "absent NOT LIKE '%' | unknown",
                "anInt | unknown",
                "color OR FALSE | unknown",
            })
    void shouldNotKnowWhenValueIsNull(String condition, String expected) {
        assertTruth(condition, expected);
    }

    /** "The IS NULL and IS NOT NULL operators convert an unknown value into the respective TRUE and FALSE values." */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "absent IS NULL | true",
                "absent IS NOT NULL | false",
                "nothing IS NULL | true",
                "nothing IS NOT NULL | false",
                "color IS NULL | false",
                "color IS NOT NULL | true",
                "empty IS NULL | false",
                "no IS NULL | false",
                "(color) IS NOT NULL | true",
                "binary IS NOT NULL | true",
            })
    void shouldTellNullFromValues(String condition, String expected) {
        assertTruth(condition, expected);
    }

    /** Tables 3-4 to 3-6. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "TRUE AND TRUE | true",
                "TRUE AND FALSE | false",
                "TRUE AND absent | unknown",
                "FALSE AND TRUE | false",
                "FALSE AND FALSE | false",
                "FALSE AND absent | false",
                "absent AND TRUE | unknown",
                "absent AND FALSE | false",
                "absent AND absent | unknown",
                "TRUE OR TRUE | true",
                "TRUE OR FALSE | true",
                "TRUE OR absent | true",
                "FALSE OR TRUE | true",
                "FALSE OR FALSE | false",
                "FALSE OR absent | unknown",
                "absent OR TRUE | true",
                "absent OR FALSE | unknown",
                "absent OR absent | unknown",
                "NOT TRUE | false",
                "NOT FALSE | true",
                "NOT absent | unknown",
                "NOT NOT yes | true",
                "yes | true",
                "no | false",
                "yes = TRUE | true",
                "yes <> no | true",
                "(anInt > 1) = yes | true",
                "(absent > 1) = yes | unknown",
                "anInt = 57 = yes | true",
            })
    void shouldFollowTablesOfThreeValuedLogic(String condition, String expected) {
        assertTruth(condition, expected);
    }

    /** "Logical operators in precedence order: NOT, AND, OR"; arithmetic before comparison before these. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "TRUE OR TRUE AND FALSE | true",
                "(TRUE OR TRUE) AND FALSE | false",
                "FALSE AND TRUE OR TRUE | true",
                "FALSE AND (TRUE OR TRUE) | false",
                "NOT FALSE AND FALSE | false",
                "NOT (FALSE AND FALSE) | true",
                "NOT FALSE OR TRUE | true",
                "NOT anInt = 57 | false",
                "NOT anInt > 100 AND yes | true",
                "2 + 3 * 4 = 14 | true",
                "(2 + 3) * 4 = 20 | true",
                "20 - 5 - 3 = 12 | true",
                "20 - (5 - 3) = 18 | true",
                "100 / 10 / 5 = 2 | true",
                "100 / 10 * 5 = 50 | true",
                "2 * -3 = -6 | true",
                "-2 * 3 + 10 = 4 | true",
                "1+2=3 | true",
                "anInt--57=114 | true",
                "anInt BETWEEN 50 + 7 AND 100 - 43 AND yes | true",
                "yes AND anInt NOT BETWEEN 1 AND 2 OR no | true",
            })
    void shouldBindByPrecedence(String condition, String expected) {
        assertTruth(condition, expected);
    }

    /** "age BETWEEN 15 AND 19" and its negation. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "15 BETWEEN 15 AND 19 | true",
                "19 BETWEEN 15 AND 19 | true",
                "14 BETWEEN 15 AND 19 | false",
                "20 BETWEEN 15 AND 19 | false",
                "17 BETWEEN 19 AND 15 | false",
                "15 NOT BETWEEN 15 AND 19 | false",
                "20 NOT BETWEEN 15 AND 19 | true",
                "anInt BETWEEN 56.5 AND 57.5 | true",
                "anInt + 3 BETWEEN aByte AND aLong | true",
            })
    void shouldIncludeBothEndsOfBetween(String condition, String expected) {
        assertTruth(condition, expected);
    }

    /** "identifier [NOT] IN (string-literal1, string-literal2,...)". */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "color IN ('red', 'blue') | true",
                "color IN ('red') | false",
                "color NOT IN ('red', 'blue') | false",
                "color NOT IN ('red','green') | true",
                "quote IN ('it''s', 'it''s') | true",
                "anInt IN ('57') | false",
                "anInt NOT IN ('57') | true",
                "empty IN ('') | true",
            })
    void shouldFindStringInList(String condition, String expected) {
        assertTruth(condition, expected);
    }

    /** "'_' stands for any single character; '%' stands for any sequence of characters, including the empty sequence." */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "phone LIKE '12%3' | true",
                "phone LIKE '12_3' | false",
                "phone LIKE '12__3' | true",
                "phone LIKE '%' | true",
                "phone LIKE '12993' | true",
                "phone LIKE '12993%' | true",
                "phone LIKE '%12993%' | true",
                "phone LIKE '%%9%3' | true",
                "phone LIKE '2%' | false",
                "phone LIKE '%2' | false",
                "phone LIKE '' | false",
                "empty LIKE '' | true",
                "empty LIKE '%' | true",
                "empty LIKE '_' | false",
                "phone NOT LIKE '12%3' | false",
                "phone NOT LIKE '13%' | true",
                "color LIKE 'BLUE' | false",
                "color LIKE 'bl.e' | false",
                "color LIKE '.*' | false",
                "emoji LIKE 'a_b' | true",
                "emoji LIKE '%😀%' | true",
                "lines LIKE 'one%two' | true",
                "lines LIKE 'one_two' | true",
                "anInt LIKE '57' | false",
                "anInt NOT LIKE '57' | true",
                "underscored LIKE '\\_%' ESCAPE '\\' | true",
                "color LIKE '\\_%' ESCAPE '\\' | false",
                "percent LIKE '100!%' ESCAPE '!' | true",
                "percent LIKE '1__!%' ESCAPE '!' | true",
                "phone LIKE '1299!%' ESCAPE '!' | false",
                "color NOT LIKE '%!_%' ESCAPE '!' | true",
                "quote LIKE 'it''s' | true",
                "percent LIKE '100%%' ESCAPE '%' | true",
            })
    void shouldMatchPatterns(String condition, String expected) {
        assertTruth(condition, expected);
    }

    /** "Identifiers are case sensitive", and made of Java's characters; keywords are not case sensitive. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Color = 'red' | true",
                "COLOR = 'red' | unknown",
                "$dollar_1 = 1 | true",
                "color = 'blue' and Not no aNd true | true",
                "color Is nOt null | true",
                "anInt between 1 And 100 or FALSE | true",
                "color in ('blue') | true",
                "color like 'b%' escape 'x' | true",
                "\"color\" = 'blue' | true",
                "\"with-hyphen\" = 3 | true",
            })
    void shouldKnowIdentifiersByCaseAndKeywordsWithout(String condition, String expected) {
        assertTruth(condition, expected);
    }

    /** "Whitespace is the same as that defined for Java: space, horizontal tab, form feed and line terminator." */
    @Test
    void shouldTakeAnyWhitespaceOfJava() {
        assertTruth(" \t\f\r\ncolor\n=\r'blue'\t", "true");
        assertTruth("color='blue'AND(yes)", "true");
    }

    /** What AMQP has beyond JMS counts as what is nearest to it. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ubyte = 200 | true",
                "ushort = 65535 | true",
                "uint = 4294967295 | true",
                "ulong = 18446744073709551615. | true",
                "ulong > maxLong | true",
                "aChar = 'x' | true",
                "aChar <> 'y' | true",
                "uuid = '6e2c3c1e-4c0c-4a53-93d6-111111111111' | true",
            })
    void shouldTakeOtherTypesOfAmqpForTheNearestOfJms(String condition, String expected) {
        assertTruth(condition, expected);
    }

    @Test
    void shouldKnowNothingOfMessageWithoutSections() throws Exception {
        MessageSections empty = MessageSections.scan(new byte[0]);

        assertThat(TestMessage.truth("a = 1 OR b = 'x'", empty)).isEqualTo(Truth.UNKNOWN);
        assertThat(TestMessage.truth("a IS NULL AND JMSPriority = 4", empty)).isEqualTo(Truth.TRUE);
    }

    @Test
    void shouldTakeWhatIsBeforeTheDamageWhenPropertiesAreMalformed() throws Exception {
        // application-properties, a map of 4 items: "a" → true, and then a string that does not end.
        byte[] message = {0x00, 0x53, 0x74, (byte) 0xc1, 0x07, 4, (byte) 0xa1, 1, 'a', 0x41, (byte) 0xa1, 9};

        assertThat(TestMessage.truth("a", MessageSections.scan(message))).isEqualTo(Truth.TRUE);
        assertThat(TestMessage.truth("b IS NULL", MessageSections.scan(message)))
                .isEqualTo(Truth.TRUE);
    }
}
