package io.sterna.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class SuccessionTest {
    private static final PartitionView VIEW = Views.view(3, 7, "a", "a", "b", "c");
    private static final Position SHORT = new Position(7, 10);
    private static final Position LONG = new Position(7, 11);

    private final Succession succession = new Succession(new SafetyRules());

    @Test
    void shouldChooseTheLongestLogOfThoseInSyncAndLeaveTheDeadOut() {
        assertThat(succession.next(VIEW, Map.of("b", SHORT, "c", LONG, "d", LONG), List.of("b", "c", "d")))
                .contains(Views.view(3, 8, "c", "b", "c"));
    }

    @Test
    void shouldChooseNobodyWhoIsNotInSync() {
        assertThat(succession.next(VIEW, Map.of("d", LONG), List.of("d"))).isEmpty();
    }

    @Test
    void shouldLeaveAnOwnerThatLives() {
        assertThat(succession.next(VIEW, Map.of("a", SHORT, "b", LONG), List.of("a", "b")))
                .isEmpty();
    }

    @Test
    void shouldReplaceAnOwnerThatDoesNotHearTheTableByOneThatDoesAndKeepItInSync() {
        assertThat(succession.next(VIEW, Map.of("a", LONG, "b", SHORT, "c", LONG), List.of("b")))
                .contains(Views.view(3, 8, "b", "a", "b", "c"));
        assertThat(succession.next(VIEW, Map.of("a", LONG, "b", SHORT), List.of()))
                .isEmpty();
    }
}
