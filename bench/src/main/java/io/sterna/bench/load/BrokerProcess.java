package io.sterna.bench.load;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;

/** A broker's process on this machine with all that it has started. Any thread. */
final class BrokerProcess implements BrokerProbe {

    private static final long HISTOGRAM_SECONDS = 60;

    private final ProcessHandle handle;

    private BrokerProcess(ProcessHandle handle) {
        this.handle = handle;
    }

    /** @throws IllegalArgumentException when no such process runs */
    static BrokerProcess of(long pid) {
        return new BrokerProcess(ProcessHandle.of(pid)
                .filter(ProcessHandle::isAlive)
                .orElseThrow(() -> new IllegalArgumentException("no process with the id " + pid + " is running")));
    }

    @Override
    public OptionalDouble cpuMicros() {
        return sum("stat", ProcFiles::cpuMicros);
    }

    @Override
    public OptionalDouble rssKib() {
        return sum("status", ProcFiles::rssKib);
    }

    @Override
    public OptionalDouble liveHeapKib() {
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        if (!Files.isExecutable(jcmd)) {
            return OptionalDouble.empty();
        }
        try {
            Path out = Files.createTempFile("histogram", ".txt");
            try {
                Process process = new ProcessBuilder(jcmd.toString(), Long.toString(handle.pid()), "GC.class_histogram")
                        .redirectErrorStream(true)
                        .redirectOutput(out.toFile())
                        .start();
                if (!process.waitFor(HISTOGRAM_SECONDS, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                    return OptionalDouble.empty();
                }
                OptionalLong bytes = ProcFiles.histogramBytes(Files.readString(out, StandardCharsets.UTF_8));
                return bytes.isPresent() ? OptionalDouble.of(bytes.getAsLong() / 1024.0) : OptionalDouble.empty();
            } finally {
                Files.delete(out);
            }
        } catch (IOException e) {
            return OptionalDouble.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return OptionalDouble.empty();
        }
    }

    /** Threads, those of the JVM included. */
    OptionalDouble threads() {
        return sum("status", ProcFiles::threads);
    }

    /** File handles that the process itself has open now: files, sockets, pipes. */
    OptionalDouble openFiles() {
        try (Stream<Path> files = Files.list(Path.of("/proc", Long.toString(handle.pid()), "fd"))) {
            return OptionalDouble.of((double) files.count());
        } catch (IOException e) {
            return OptionalDouble.empty();
        }
    }

    private OptionalDouble sum(String file, Function<String, OptionalLong> parser) {
        try (Stream<ProcessHandle> tree = Stream.concat(Stream.of(handle), handle.descendants())) {
            long[] values = tree.map(process -> read(process, file).map(parser).orElse(OptionalLong.empty()))
                    .flatMapToLong(OptionalLong::stream)
                    .toArray();
            return values.length == 0
                    ? OptionalDouble.empty()
                    : OptionalDouble.of((double) Arrays.stream(values).sum());
        }
    }

    /** Empty when the process has ended meanwhile, or on a system without {@code /proc}. */
    private static Optional<String> read(ProcessHandle process, String file) {
        try {
            return Optional.of(Files.readString(
                    Path.of("/proc", Long.toString(process.pid()), file), StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
