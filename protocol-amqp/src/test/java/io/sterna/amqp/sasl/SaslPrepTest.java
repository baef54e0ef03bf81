package io.sterna.amqp.sasl;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 4013; the first test has the examples of its §3. */
class SaslPrepTest {
    @Test
    void shouldPrepareAsTheRfcDoes() {
        assertThat(SaslPrep.prepare("I\u00adX")).contains("IX");
        assertThat(SaslPrep.prepare("user")).contains("user");
        assertThat(SaslPrep.prepare("USER")).contains("USER");
        assertThat(SaslPrep.prepare("\u00aa")).contains("a");
        assertThat(SaslPrep.prepare("\u2168")).contains("IX");
        assertThat(SaslPrep.prepare("\u0007")).isEmpty();
        assertThat(SaslPrep.prepare("\u06271")).isEmpty();
    }

    @Test
    void shouldTreatLookAlikesAlikeWhenPreparing() {
        assertThat(SaslPrep.prepare("a\u00a0b")).contains("a b");
        assertThat(SaslPrep.prepare("a\u3000b")).contains("a b");
        assertThat(SaslPrep.prepare("e\u0301")).contains("\u00e9");
        assertThat(SaslPrep.prepare("\u0627\u0628")).contains("\u0627\u0628");
        assertThat(SaslPrep.prepare("p\u00e4ss w\u00f6rd \ud83d\ude00")).contains("p\u00e4ss w\u00f6rd \ud83d\ude00");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\u00ad",
                "\u0000",
                "a\nb",
                "\u0080",
                "\u2028",
                "\u202e",
                "\ue000",
                "\ud800",
                "\ufffd",
                "\uffff",
                "\u2ff0",
                "\u0627a\u0628",
                "\udb40\udc01",
                "\u0378"
            })
    void shouldRefuseWhenProhibited(String text) {
        assertThat(SaslPrep.prepare(text)).isEmpty();
    }
}
