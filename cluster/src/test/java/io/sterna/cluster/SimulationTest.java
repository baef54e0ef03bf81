package io.sterna.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Replicas and coordinators on virtual time, with a network, disks and a table that fail. After every event: one accepting
 * owner for each epoch, nothing committed is lost, no record has two histories, order is kept; in the end all are in sync. A
 * failing seed is printed with what happened; it is run alone with {@code -Dsterna.firstSeed=SEED -Dsterna.seeds=1} in the
 * long test, and becomes a test with a name.
 */
final class SimulationTest {
    private static final int SEEDS = 200;

    @Test
    void shouldLoseNothingWhateverFails() {
        List<SimWorld.Result> results = LongStream.rangeClosed(1, SEEDS)
                .parallel()
                .mapToObj(seed -> SimWorld.run(seed, new Bug()))
                .toList();

        // It would also be fulfilled if nothing happened.
        assertThat(results.stream().mapToInt(SimWorld.Result::committed).sum()).isGreaterThan(100 * SEEDS);
        assertThat(results.stream().mapToInt(SimWorld.Result::epochs).sum()).isGreaterThan(5 * SEEDS);
        assertThat(results.stream().mapToInt(SimWorld.Result::catchUps).sum()).isGreaterThan(2 * SEEDS);
        assertThat(results.stream().mapToInt(SimWorld.Result::tablesLost).sum()).isGreaterThan(SEEDS / 4);
    }

    @Test
    @Tag("long")
    void shouldLoseNothingWhateverFailsVeryOften() {
        long first = Long.getLong("sterna.firstSeed", SEEDS + 1);
        long count = Long.getLong("sterna.seeds", 40_000);

        LongStream.range(first, first + count).parallel().forEach(seed -> SimWorld.run(seed, new Bug()));
    }

    @Test
    void shouldHappenInTheSameWayWithTheSameSeed() {
        assertThat(SimWorld.run(7, new Bug())).isEqualTo(SimWorld.run(7, new Bug()));
    }
}
