package io.sterna.cluster;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.fail;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Shows that the simulation sees what it is there for: a bug counts as caught when it breaks what it has to break. */
final class PlantedBugsTest {
    private static final int SEEDS = 1_000;

    @ParameterizedTest
    @EnumSource
    void shouldBeCaughtWithinAThousandSeeds(PlantedBug planted) {
        for (long seed = 1; seed <= SEEDS; seed++) {
            if (isCaught(seed, planted)) {
                long itsSeed = seed;
                assertThatCode(() -> SimWorld.run(itsSeed, new Bug())).doesNotThrowAnyException();
                return;
            }
        }
        fail("%s was not seen with %d seeds", planted, SEEDS);
    }

    private static boolean isCaught(long seed, PlantedBug planted) {
        try {
            SimWorld.run(seed, planted.bug());
            return false;
        } catch (Violation seen) {
            return planted.breaks(seen.invariant());
        }
    }
}
