package io.sterna.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProcFilesTest {

    private static final String STAT_TAIL = " S 1 4711 4711 0 -1 4194304 24113 0 12 0 1234 66 7 8 20 0 41 0 173822 999";

    @Test
    void shouldAddUserAndSystemTimeOfTheProcessItself() {
        assertThat(ProcFiles.cpuMicros("4711 (java)" + STAT_TAIL)).hasValue((1234 + 66) * 10_000L);
    }

    @Test
    void shouldFindTimesWhenTheCommandsNameHoldsBlanksAndParentheses() {
        assertThat(ProcFiles.cpuMicros("4711 (a (b) 1 2 3) c)" + STAT_TAIL)).hasValue((1234 + 66) * 10_000L);
    }

    @Test
    void shouldHaveNoTimesWhenTheTextIsSomethingElse() {
        assertThat(ProcFiles.cpuMicros("")).isEmpty();
        assertThat(ProcFiles.cpuMicros("4711 (java) S 1 2 3")).isEmpty();
        assertThat(ProcFiles.cpuMicros("4711 (java)" + STAT_TAIL.replace("1234", "many")))
                .isEmpty();
    }

    @Test
    void shouldReadResidentMemory() {
        assertThat(ProcFiles.rssKib("Name:\tjava\nVmHWM:\t  200000 kB\nVmRSS:\t  188416 kB\nRssAnon:\t 1 kB\n"))
                .hasValue(188_416);
    }

    @Test
    void shouldHaveNoResidentMemoryWhenTheProcessIsAZombie() {
        assertThat(ProcFiles.rssKib("Name:\tjava\nState:\tZ (zombie)\n")).isEmpty();
    }

    @Test
    void shouldReadHowManyThreadsThereAre() {
        assertThat(ProcFiles.threads("VmRSS:\t  188416 kB\nThreads:\t41\nSigQ:\t0/1\n"))
                .hasValue(41);
        assertThat(ProcFiles.threads("State:\tZ (zombie)\n")).isEmpty();
    }

    @Test
    void shouldReadTheTotalOfAClassHistogram() {
        String histogram =
                """
                4711:
                 num     #instances         #bytes  class name (module)
                -------------------------------------------------------
                   1:         20000        1600000  [B (java.base@17)
                Total        123456        7890123
                """;
        assertThat(ProcFiles.histogramBytes(histogram)).hasValue(7_890_123);
        assertThat(ProcFiles.histogramBytes("4711: no such process\n")).isEmpty();
    }
}
