package io.sterna.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class SuccessionTest {
    private static final PartitionView VIEW = new PartitionView(3, 7, "a", List.of("a", "b", "c"));
    private static final Map<String, Position> ENDS =
            Map.of("b", new Position(7, 10), "c", new Position(7, 11), "d", new Position(7, 12));

    private final Succession succession = new Succession(new SafetyRules());

    @Test
    void shouldChooseTheLongestLogOfThoseInSyncAndLeaveTheDeadOut() {
        assertThat(succession.next(VIEW, List.of("b", "c", "d"), ENDS))
                .contains(new PartitionView(3, 8, "c", List.of("b", "c")));
    }

    @Test
    void shouldChooseNobodyWhoIsNotInSync() {
        assertThat(succession.next(VIEW, List.of("d"), ENDS)).isEmpty();
    }

    @Test
    void shouldLeaveAnOwnerThatLives() {
        assertThat(succession.next(VIEW, List.of("a", "d"), ENDS)).isEmpty();
    }
}
