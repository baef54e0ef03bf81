package io.sterna.amqp.sasl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.SecureRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PasswordHashTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final String GOOD = PasswordHash.create("pencil", RANDOM).toString();

    @Test
    void shouldVerifyOnlyTheRightPassword() {
        PasswordHash hash =
                PasswordHash.parse(PasswordHash.create("p\u00e4ss", RANDOM).toString());

        assertThat(hash.verify("p\u00e4ss")).isTrue();
        assertThat(hash.verify("pa\u0308ss")).isTrue();
        assertThat(hash.verify("pass")).isFalse();
        assertThat(hash.verify("p\u00e4ss\u0000")).isFalse();
        assertThat(hash.verify("")).isFalse();
    }

    @Test
    void shouldBePrintableAndParsedBackWhenCreated() {
        assertThat(GOOD).matches("\\$scram\\$1\\$8192(\\$[A-Za-z0-9+/=:]+){3}");
        assertThat(PasswordHash.parse(GOOD)).hasToString(GOOD);
    }

    @Test
    void shouldHaveAnotherSaltWhenCreatedAgain() {
        assertThat(PasswordHash.create("pencil", RANDOM).toString()).isNotEqualTo(GOOD);
    }

    @Test
    void shouldRefuseToCreateWhenNoClientCouldSendThePassword() {
        assertThatThrownBy(() -> PasswordHash.create("", RANDOM)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> PasswordHash.create("a\u0007b", RANDOM))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("a\u0007b");
    }

    static Stream<String> malformed() {
        String[] parts = GOOD.split("\\$", -1);
        String tail = parts[4] + "$" + parts[5] + "$" + parts[6];
        return Stream.of(
                "",
                "secret",
                "$scram$2$8192$" + tail,
                "$scram$1$",
                "$scram$1$8192$" + parts[4] + "$" + parts[5],
                GOOD + "$",
                GOOD + "x",
                "$scram$1$4095$" + tail,
                "$scram$1$1000001$" + tail,
                "$scram$1$99999999999$" + tail,
                "$scram$1$-8192$" + tail,
                "$scram$1$x$" + tail,
                "$scram$1$8192$$" + parts[5] + "$" + parts[6],
                "$scram$1$8192$*$" + parts[5] + "$" + parts[6],
                "$scram$1$8192$" + "A".repeat(68) + "$" + parts[5] + "$" + parts[6],
                "$scram$1$8192$" + parts[4] + "$" + parts[6] + "$" + parts[5],
                "$scram$1$8192$" + parts[4] + "$*:*$" + parts[6],
                "$scram$1$8192$" + parts[4] + "$AAAA$" + parts[6]);
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void shouldSayWhatIsWrongWhenMalformed(String text) {
        assertThatThrownBy(() -> PasswordHash.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("password hash")
                .hasMessageNotContaining("secret");
    }
}
