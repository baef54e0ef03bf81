package io.sterna.broker.cli;

import io.sterna.store.StoreReport;
import java.nio.file.Path;
import picocli.CommandLine.Command;

/** {@code sterna store verify}. */
@Command(
        name = "verify",
        description = {
            "Reads everything in the data directory of a stopped node and compares all checksums.",
            "%nChanges nothing. Says of each damage which file it is in and where, which queue and which messages it"
                    + " concerns, and what would become of them when a node is started on it.%n"
        },
        footer = {
            "%nExamples:",
            "  bin/sterna store verify",
            "  bin/sterna store verify --data /var/lib/sterna",
            "%nExit codes: 0 all is intact; 1 could not read; 2 wrong usage or configuration; 3 data directory in use:"
                    + " stop the broker first; 4 something is damaged."
        })
final class StoreVerifyCommand extends StoreWork {
    @Override
    ExitCode work(Path directory) throws StartException {
        StoreReport report = quietly(inspector(directory)::verify);
        System.out.print(StoreText.verified(named(directory), report));
        return said(report);
    }
}
