package io.sterna.cluster.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.fail;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The table with its keepers on virtual time: it is one table, whatever fails, and in the end all know of the same. */
final class TableSimulationTest {
    private static final int SEEDS = 300;
    private static final int SEEDS_FOR_A_BUG = 1_000;

    @Test
    void shouldBeOneTableWhateverFails() {
        int changes = LongStream.rangeClosed(1, SEEDS)
                .parallel()
                .mapToInt(seed -> SimTables.run(seed, new TableRules()))
                .sum();

        assertThat(changes).isGreaterThan(50 * SEEDS); // It would also be fulfilled if nothing happened.
    }

    @Test
    @Tag("long")
    void shouldBeOneTableWhateverFailsVeryOften() {
        long first = Long.getLong("sterna.firstSeed", SEEDS + 1);
        long count = Long.getLong("sterna.seeds", 50_000);

        LongStream.range(first, first + count).parallel().forEach(seed -> {
            try {
                SimTables.run(seed, new TableRules());
            } catch (SimTables.Broken broken) {
                throw new AssertionError("seed " + seed, broken);
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void shouldSeeAPlantedBugWithinAThousandSeeds(PlantedTableBug planted) {
        for (long seed = 1; seed <= SEEDS_FOR_A_BUG; seed++) {
            if (isCaught(seed, planted)) {
                long its = seed;
                assertThatCode(() -> SimTables.run(its, new TableRules())).doesNotThrowAnyException();
                return;
            }
        }
        fail("%s was not seen with %d seeds", planted, SEEDS_FOR_A_BUG);
    }

    private static boolean isCaught(long seed, PlantedTableBug planted) {
        try {
            SimTables.run(seed, planted.rules());
            return false;
        } catch (SimTables.Broken | IllegalArgumentException seen) { // A state that can not be refuses itself.
            return true;
        }
    }
}
