package io.sterna.broker.cli;

import io.sterna.store.StoreConfig;
import io.sterna.store.StoreRepair;
import io.sterna.store.StoreReport;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code sterna store repair}. */
@Command(
        name = "repair",
        description = {
            "Brings the damaged data directory of a stopped node to one without damage.",
            "%nWithout --yes it only says what is damaged and what that costs, and changes nothing. With it, everything that"
                    + " can be read is kept, what can't is given up, nothing is made up, and each damaged file is put"
                    + " aside as damaged-… in the same directory. That takes room for one copy of the messages.%n"
        },
        footer = {
            "%nExamples:",
            "  bin/sterna store repair",
            "  bin/sterna store repair --data /var/lib/sterna --yes",
            "%nExit codes: 0 all is intact (now); 1 could not read or write; 2 wrong usage or configuration; 3 data"
                    + " directory in use: stop the broker first; 4 something is damaged, and nothing was changed."
        })
final class StoreRepairCommand extends StoreWork {
    @Option(names = "--yes", description = "Do it. What can't be read is lost to the broker then.")
    private boolean confirmed;

    @Override
    ExitCode work(Path directory) throws StartException {
        String path = named(directory);
        StoreReport before = quietly(inspector(directory)::verify);
        if (before.isIntact()) {
            System.out.print(StoreText.verified(path, before) + "There is nothing to repair.\n");
            return ExitCode.OK;
        }
        System.out.print(StoreText.toRepair(path, before));
        if (!confirmed) {
            System.out.print("\nNothing was changed. With --yes it is repaired.\n");
            return ExitCode.DAMAGED;
        }
        StoreRepair repair = new StoreRepair(directory, StoreConfig.defaults(), new ProgressLine());
        StoreReport after = quietly(repair::run);
        System.out.print("\n" + StoreText.repaired(path, after, quietly(repair::setAside)));
        return said(after);
    }
}
