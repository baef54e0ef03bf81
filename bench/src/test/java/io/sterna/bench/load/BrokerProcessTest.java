package io.sterna.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class BrokerProcessTest {

    @Test
    void shouldSeeItsOwnProcess() {
        assumeTrue(Files.isReadable(Path.of("/proc/self/stat")));
        BrokerProcess self = BrokerProcess.of(ProcessHandle.current().pid());

        assertThat(self.cpuMicros().orElseThrow()).isPositive();
        assertThat(self.rssKib().orElseThrow()).isGreaterThan(10_000);
        assertThat(self.threads().orElseThrow()).isGreaterThan(1);
        assertThat(self.openFiles().orElseThrow()).isGreaterThan(2);
        assertThat(self.liveHeapKib().orElseThrow()).isGreaterThan(100);
    }

    @Test
    void shouldRefuseAProcessThatDoesNotRun() {
        assertThatThrownBy(() -> BrokerProcess.of(Long.MAX_VALUE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no process with the id");
    }

    @Test
    void shouldAddUpWhatIsKnownOfSeveralProcesses() {
        assumeTrue(Files.isReadable(Path.of("/proc/self/stat")));
        BrokerProcess self = BrokerProcess.of(ProcessHandle.current().pid());

        assertThat(BrokerProbe.sum(List.of(self, BrokerProbe.NONE, self))
                        .rssKib()
                        .orElseThrow())
                .isGreaterThan(1.5 * self.rssKib().orElseThrow());
        assertThat(BrokerProbe.NONE.rssKib()).isEmpty();
    }
}
