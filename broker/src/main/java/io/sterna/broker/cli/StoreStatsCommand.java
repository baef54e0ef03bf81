package io.sterna.broker.cli;

import io.sterna.amqp.codec.DecodeException;
import io.sterna.amqp.message.MessageSections;
import io.sterna.amqp.message.PropertiesField;
import io.sterna.store.StoreReport;
import java.nio.file.Path;
import picocli.CommandLine.Command;

/** {@code sterna store stats}. */
@Command(
        name = "stats",
        description = {
            "Says what takes the space in the data directory of a stopped node.",
            "%nChanges nothing. Lists the files by kind, what of them is needed, and each queue and subscription with its"
                    + " messages, their bytes, and when the oldest was made, as far as its producer said so.%n"
        },
        footer = {
            "%nExamples:",
            "  bin/sterna store stats",
            "  bin/sterna store stats --data /var/lib/sterna",
            "%nExit codes: 0 done; 1 could not read; 2 wrong usage or configuration; 3 data directory in use: stop the"
                    + " broker first; 4 something is damaged: bin/sterna store verify says what."
        })
final class StoreStatsCommand extends StoreWork {
    @Override
    ExitCode work(Path directory) throws StartException {
        StoreReport report = quietly(() -> inspector(directory).count(StoreStatsCommand::madeAtMillis));
        System.out.print(StoreText.counted(named(directory), report, System.currentTimeMillis()));
        return said(report);
    }

    /** What its producer says, 0 when it says nothing or is of a format of its own. */
    private static long madeAtMillis(byte[] message) {
        try {
            return MessageSections.scan(message)
                    .property(PropertiesField.CREATION_TIME)
                    .filter(Long.class::isInstance)
                    .map(Long.class::cast)
                    .orElse(0L);
        } catch (DecodeException e) {
            return 0;
        }
    }
}
