package io.sterna.broker.cli;

import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code sterna version}. */
@Command(
        name = "version",
        description = "Prints the version of Sterna and of the Java that runs it.",
        footer = {"%nExample:", "  bin/sterna version"})
final class VersionCommand implements Callable<Integer> {
    @Override
    public Integer call() {
        // The jar's manifest holds it; classes that were never packaged have none.
        String version = Optional.ofNullable(Main.class.getPackage().getImplementationVersion())
                .orElse("(not packaged)");
        System.out.println("sterna " + version + ", Java " + Runtime.version());
        return ExitCode.OK.code();
    }
}
