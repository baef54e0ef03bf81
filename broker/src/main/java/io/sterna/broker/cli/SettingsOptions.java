package io.sterna.broker.cli;

import io.sterna.broker.config.ConfigSources;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** How all commands are told the settings. */
final class SettingsOptions {
    @Option(names = "--config", paramLabel = "FILE", description = "Read settings from this HOCON file.")
    private Optional<Path> configFile = Optional.empty();

    @Option(names = "--data", paramLabel = "DIR", description = "The data directory (data.dir; default ./data).")
    private Optional<String> dataDirectory = Optional.empty();

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Set any key; may be repeated, the last wins. The value is taken as it stands; the items of a"
                    + " list are separated by commas.")
    private List<String> settings = new ArrayList<>();

    /** All of them, with those that other options of a command give, as {@code key=value}. */
    ConfigSources sources(List<String> more) {
        List<String> all = new ArrayList<>(settings);
        dataDirectory.ifPresent(value -> all.add("data.dir=" + value));
        all.addAll(more);
        return new ConfigSources(configFile, System.getenv(), all);
    }
}
