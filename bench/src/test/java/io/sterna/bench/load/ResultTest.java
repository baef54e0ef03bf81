package io.sterna.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ResultTest {

    @Test
    void shouldComeBackFromItsLine() {
        Result measured = new Result(
                "artemis",
                3,
                "drain",
                Map.of(Figure.MESSAGES_PER_SECOND, 15_734.25, Figure.RSS_MIB, 277.0),
                Optional.empty());

        assertThat(measured.toJson()).doesNotContain("\n");
        assertThat(Result.fromJson(measured.toJson())).isEqualTo(measured);
    }

    @Test
    void shouldCarryAProblemWithAnyText() {
        Result refused = new Result(
                "sterna", 1, "topic", Map.of(), Optional.of("not supported: \"amqp:not-implemented\" {a: b}, $x \\ µ"));

        assertThat(Result.fromJson(refused.toJson())).isEqualTo(refused);
        assertThat(refused.toText()).contains("sterna", "topic", "not supported");
    }

    @Test
    void shouldReadTheLineThatTheScriptWrites() {
        Result start = Result.fromJson(
                "{\"broker\":\"brokerj\",\"round\":2,\"scenario\":\"start\",\"readyMillis\":2512,\"rssMib\":190.05}");

        assertThat(start.figures()).containsEntry(Figure.READY_MILLIS, 2_512.0).containsEntry(Figure.RSS_MIB, 190.05);
    }

    @Test
    void shouldRefuseALineThatIsNoResult() {
        assertThatThrownBy(() -> Result.fromJson("{\"broker\":1")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Result.fromJson("{}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not a result");
    }
}
