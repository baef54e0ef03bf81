package io.sterna.broker.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import io.sterna.broker.config.ConfigException;
import io.sterna.store.DirectoryInUseException;
import io.sterna.store.StoreConfig;
import io.sterna.store.StoreException;
import io.sterna.store.StoreInspector;
import io.sterna.store.StoreReport;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.slf4j.ILoggerFactory;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Mixin;

/** What all commands about a data directory have in common: where it is, and how to look at it. */
abstract class StoreWork implements Callable<Integer> {
    @Mixin
    private SettingsOptions settings = new SettingsOptions();

    /** Something to do with a store, which may fail. */
    interface Step<T> {
        T apply() throws StoreException;
    }

    @Override
    public final Integer call() throws ConfigException, StartException {
        return work(settings.sources(List.of()).load().data().directory()).code();
    }

    /** Does it, and prints what was found. */
    abstract ExitCode work(Path directory) throws StartException;

    static StoreInspector inspector(Path directory) {
        return new StoreInspector(directory, StoreConfig.defaults(), new ProgressLine());
    }

    static String named(Path directory) {
        return directory.toAbsolutePath().toString();
    }

    static ExitCode said(StoreReport report) {
        return report.isIntact() ? ExitCode.OK : ExitCode.DAMAGED;
    }

    /** Does it with the log switched off, since the command says itself what was found. */
    static <T> T quietly(Step<T> step) throws StartException {
        log(Level.OFF);
        try {
            return step.apply();
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
