package io.sterna.bench.links;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LinksCommandTest {

    @Test
    void shouldMeasureRecordsThatArrive() throws InterruptedException {
        LinksCommand.Figures figures = LinksCommand.measure(10, 1, 1);

        assertThat(figures.recordsPerSecond()).isPositive();
        assertThat(figures.cpuMicrosPerRecord()).isPositive();
    }
}
