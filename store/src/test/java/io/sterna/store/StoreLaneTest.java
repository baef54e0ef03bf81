package io.sterna.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a lane's listener hears when the store fails, in whichever order the store's threads come. */
final class StoreLaneTest {
    private final List<String> heard = new ArrayList<>();
    private Runnable meanwhile = () -> {};
    private final StoreLane lane = new StoreLane(
            DurableStore.open(new CrashDisk(), new StoreConfig(16 << 10, 4, 4 << 10, 1 << 10, 4 << 10, 1)),
            new LaneListener() {
                @Override
                public void onDurable(long position) {
                    heard.add("durable " + position);
                    meanwhile.run();
                    heard.add("end of " + position);
                }

                @Override
                public void onFailed(StoreException cause) {
                    heard.add(cause.getMessage());
                }
            },
            Map.of());

    @Test
    void shouldReportNothingDurableWhenFailed() {
        lane.taken();
        lane.maybeReport();
        lane.taken();
        lane.fail(new StoreException("failed"));
        lane.maybeReport();
        assertThat(heard).containsExactly("durable 1", "end of 1", "failed");
    }

    @Test
    void shouldTellFailureOnceAndLastWhenItComesDuringAReport() {
        meanwhile = () -> lane.fail(new StoreException("failed"));
        lane.taken();
        lane.maybeReport();
        lane.taken();
        lane.maybeReport();
        lane.fail(new StoreException("failed again"));
        assertThat(heard).containsExactly("durable 1", "end of 1", "failed");
    }
}
