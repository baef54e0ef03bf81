package io.sterna.broker.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import io.sterna.broker.config.ConfigException;
import io.sterna.broker.config.ConfigSources;
import io.sterna.store.DirectoryInUseException;
import io.sterna.store.StoreConfig;
import io.sterna.store.StoreException;
import io.sterna.store.StoreInspector;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.ILoggerFactory;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Option;

/** Where the data directory is, told as to {@code sterna run}; and what all commands about it have in common. */
final class StoreOptions {
    @Option(names = "--config", paramLabel = "FILE", description = "Read settings from this HOCON file.")
    private Optional<Path> configFile = Optional.empty();

    @Option(names = "--data", paramLabel = "DIR", description = "The data directory (data.dir; default ./data).")
    private Optional<String> dataDirectory = Optional.empty();

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Set any key, as for run; of them data.dir counts here.")
    private List<String> settings = new ArrayList<>();

    /** Something to do with a store, which may fail. */
    interface StoreWork<T> {
        T apply() throws StoreException;
    }

    Path directory() throws ConfigException {
        List<String> all = new ArrayList<>(settings);
        dataDirectory.ifPresent(value -> all.add("data.dir=" + value));
        return new ConfigSources(configFile, System.getenv(), all).load().data().directory();
    }

    StoreInspector inspector() throws ConfigException {
        return new StoreInspector(directory(), StoreConfig.defaults(), new ProgressLine());
    }

    /** Does it with the log switched off, since the command says itself what was found. */
    static <T> T quietly(StoreWork<T> work) throws StartException {
        log(Level.OFF);
        try {
            return work.apply();
        } catch (DirectoryInUseException e) {
            throw new StartException(ExitCode.DATA_IN_USE, e.getMessage());
        } catch (StoreException e) {
            throw new StartException(ExitCode.FAILED, e.getMessage());
        } finally {
            log(Level.INFO);
        }
    }

    private static void log(Level level) {
        ILoggerFactory loggers = LoggerFactory.getILoggerFactory();
        if (loggers instanceof LoggerContext context) {
            context.getLogger("io.sterna.store").setLevel(level);
        }
    }
}
