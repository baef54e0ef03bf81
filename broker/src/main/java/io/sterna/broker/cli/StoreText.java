package io.sterna.broker.cli;

import io.sterna.broker.partition.NodeKind;
import io.sterna.store.LogOperation.NodeCreated;
import io.sterna.store.StoreReport;
import io.sterna.store.StoreReport.FileKind;
import io.sterna.store.StoreReport.FileUse;
import io.sterna.store.StoreReport.NodeUse;
import io.sterna.store.StoreReport.Space;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** What the commands about a store print. */
final class StoreText {
    private static final int NAME_COLUMNS = 48;

    private StoreText() {}

    static String verified(String directory, StoreReport report) {
        StringBuilder text = new StringBuilder();
        text.append(directory).append(": ").append(contents(report)).append('\n');
        if (report.isIntact()) {
            return text.append("Intact: everything could be read, and all checksums are right.\n")
                    .toString();
        }
        text.append(damages(report));
        text.append("\nWhat to do: keep a copy of the directory, then\n  bin/sterna store repair --data ")
                .append(directory)
                .append(
                        "\nsays what will be lost, and with --yes brings the store back to one without damage. A damaged"
                                + " message is never delivered, repaired or not.\n");
        return text.toString();
    }

    /** What a repair is about. */
    static String toRepair(String directory, StoreReport report) {
        long kept = report.space().messages() - report.unreadable();
        return directory + ": " + damages(report)
                + "\nA repair gives up what says that it is lost or can't be delivered,"
                + " mends what says that nothing is lost, and keeps all else: "
                + String.format(Locale.ROOT, "%,d messages; %,d are given up that are", kept, report.unreadable())
                + " in a queue but unreadable.\n";
    }

    static String repaired(String directory, StoreReport after, List<String> setAside) {
        StringBuilder text = new StringBuilder(directory)
                .append(": ")
                .append(contents(after))
                .append('\n');
        text.append(
                after.isIntact()
                        ? "Repaired: everything could be read again, and all checksums are right.\n"
                        : damages(after));
        if (!setAside.isEmpty()) {
            text.append("Put aside, for people to look at; delete them when they are of no use to you:\n");
            setAside.forEach(name -> text.append("  ").append(name).append('\n'));
        }
        return text.toString();
    }

    /** The damages, each with its number. */
    static String damages(StoreReport report) {
        StringBuilder text = new StringBuilder();
        text.append(
                report.damages().size() == 1
                        ? "Damaged:\n"
                        : "Damaged, " + report.damages().size() + " times:\n");
        int number = 0;
        for (String damage : report.damages()) {
            text.append("  ").append(++number).append(". ").append(damage).append('\n');
        }
        return text.toString();
    }

    static String counted(String directory, StoreReport report, long nowMillis) {
        StringBuilder text = new StringBuilder();
        text.append(directory).append(": ").append(contents(report)).append("\n\nSpace on disk:\n");
        Space space = report.space();
        line(
                text,
                "journal",
                space.journalBytes(),
                Sizes.text(space.journalInUseBytes()) + " in use, the rest is kept to be used again");
        line(
                text,
                "message files",
                space.messageFileBytes(),
                "about " + Sizes.text(Math.min(space.messageFileLiveBytes(), space.messageFileBytes()))
                        + " needed, the rest comes back by itself when it is more than twice that");
        line(
                text,
                "damaged, set aside",
                sum(report.files(), FileKind.SET_ASIDE),
                "read by nobody; delete them when they are of no use to you");
        line(text, "other files", sum(report.files(), FileKind.OTHER), "not the store's");
        text.append("\nQueues and subscriptions, by bytes:\n");
        text.append(String.format(
                Locale.ROOT, "  %-" + NAME_COLUMNS + "s %12s %12s  %s%n", "name", "messages", "bytes", "oldest"));
        report.queues().stream()
                .filter(node -> !isTopic(node))
                .sorted(Comparator.comparingLong(NodeUse::bytes).reversed().thenComparing(StoreText::name))
                .forEach(node -> text.append(String.format(
                        Locale.ROOT,
                        "  %-" + NAME_COLUMNS + "s %,12d %12s  %s%n",
                        name(node),
                        node.messages(),
                        Sizes.text(node.bytes()),
                        age(node, nowMillis))));
        if (!report.isIntact()) {
            text.append("\nSomething is damaged, and not all could be counted: bin/sterna store verify says what.\n");
        }
        return text.toString();
    }

    private static String contents(StoreReport report) {
        long topics = report.queues().stream().filter(StoreText::isTopic).count();
        long queues = report.queues().size() - topics;
        long bytes = report.files().stream().mapToLong(FileUse::bytes).sum();
        return String.format(
                Locale.ROOT,
                "%,d messages of %s in %,d queues and subscriptions, %,d topics; %,d files of %s",
                report.space().messages(),
                Sizes.text(report.space().messageBytes()),
                queues,
                topics,
                report.files().size(),
                Sizes.text(bytes));
    }

    private static void line(StringBuilder text, String what, long bytes, String note) {
        if (bytes > 0) {
            text.append(String.format(Locale.ROOT, "  %-20s %12s  %s%n", what, Sizes.text(bytes), note));
        }
    }

    private static long sum(List<FileUse> files, FileKind kind) {
        return files.stream()
                .filter(file -> file.kind() == kind)
                .mapToLong(FileUse::bytes)
                .sum();
    }

    private static boolean isTopic(NodeUse use) {
        return use.node().filter(node -> NodeKind.isTopic(node.kind())).isPresent();
    }

    private static String name(NodeUse use) {
        return use.node().map(NodeCreated::address).orElse("(name lost, id " + use.id() + ")");
    }

    private static String age(NodeUse use, long nowMillis) {
        if (use.oldestMillis().isEmpty()) {
            return use.messages() == 0 ? "" : "unknown";
        }
        Instant made = Instant.ofEpochMilli(use.oldestMillis().get()).truncatedTo(ChronoUnit.SECONDS);
        long hours = Math.max(0, nowMillis - made.toEpochMilli()) / 3_600_000;
        return made + (hours < 24 ? "" : " (" + hours / 24 + (hours < 48 ? " day)" : " days)"));
    }
}
