package io.sterna.broker.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/**
 * Makes Markdown tables out of the reports of the JMS suite and of the suite of frames run against several brokers: how many
 * tests each class or section of the specification has and each broker fails, and which ones not all of them pass. Arguments:
 * {@code NAME=DIRECTORY} with surefire's reports, for each broker. Prints to standard output.
 */
public final class ConformanceTable {

    private static final Pattern SECTION = Pattern.compile("§(\\d+\\.\\d+)");

    /** The suites, by the package of their classes. */
    private enum Suite {
        JMS(".jms.", "class"),
        WIRE(".wire.", "section");

        private final String packageName;
        private final String grouped;

        Suite(String packageName, String grouped) {
            this.packageName = packageName;
            this.grouped = grouped;
        }

        /** Where a test is counted: in its class, or in the section of AMQP 1.0 that it cites first. */
        private String group(String className, String test) {
            if (this == JMS) {
                return className.replaceAll(".*\\.", "");
            }
            Matcher section = SECTION.matcher(test);
            if (!section.find()) {
                throw new IllegalArgumentException(className + " cites no section: " + test);
            }
            return "§" + section.group(1);
        }
    }

    /** What became of a test. */
    private enum Verdict {
        PASSED,
        FAILED,
        SKIPPED
    }

    private ConformanceTable() {}

    /** The program. */
    public static void main(String[] arguments) throws Exception {
        for (Suite suite : Suite.values()) {
            Map<String, Map<String, Map<String, Verdict>>> byBroker = new LinkedHashMap<>();
            for (String argument : arguments) {
                String[] parts = argument.split("=", 2);
                byBroker.put(parts[0], read(suite, Path.of(parts[1])));
            }
            System.out.print(totals(suite, byBroker) + "\n" + differences(suite, byBroker) + "\n");
        }
    }

    /** Verdicts by test and group. */
    private static Map<String, Map<String, Verdict>> read(Suite suite, Path directory)
            throws IOException, ParserConfigurationException, SAXException {
        List<Path> files;
        try (Stream<Path> all = Files.list(directory)) {
            files = all.filter(file -> file.getFileName().toString().matches("TEST-.*\\.xml"))
                    .toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        Map<String, Map<String, Verdict>> byGroup = new HashMap<>();
        for (Path file : files) {
            NodeList cases = DocumentBuilderFactory.newDefaultInstance()
                    .newDocumentBuilder()
                    .parse(file.toFile())
                    .getElementsByTagName("testcase");
            for (int i = 0; i < cases.getLength(); i++) {
                Element test = (Element) cases.item(i);
                String className = test.getAttribute("classname");
                if (className.contains(suite.packageName)) {
                    String name = test.getAttribute("name");
                    byGroup.computeIfAbsent(suite.group(className, name), it -> new TreeMap<>())
                            .put(name, verdict(test));
                }
            }
        }
        return byGroup;
    }

    private static Verdict verdict(Element test) {
        if (test.getElementsByTagName("failure").getLength() > 0
                || test.getElementsByTagName("error").getLength() > 0) {
            return Verdict.FAILED;
        }
        return test.getElementsByTagName("skipped").getLength() > 0 ? Verdict.SKIPPED : Verdict.PASSED;
    }

    private static String totals(Suite suite, Map<String, Map<String, Map<String, Verdict>>> byBroker) {
        StringBuilder table = new StringBuilder("| " + suite.grouped + " | tests |");
        byBroker.keySet().forEach(broker -> table.append(' ').append(broker).append(" fails |"));
        table.append("\n|---|---|").append("---|".repeat(byBroker.size())).append('\n');
        Map<String, Integer> failedInAll = new LinkedHashMap<>();
        int tests = 0;
        for (String group : groups(byBroker)) {
            int ofGroup = byBroker.values().stream()
                    .mapToInt(it -> it.getOrDefault(group, Map.of()).size())
                    .max()
                    .orElse(0);
            tests += ofGroup;
            table.append(String.format(Locale.ROOT, "| %s | %d |", group, ofGroup));
            byBroker.forEach((broker, verdicts) -> {
                int failed = (int) verdicts.getOrDefault(group, Map.of()).values().stream()
                        .filter(Verdict.FAILED::equals)
                        .count();
                failedInAll.merge(broker, failed, Integer::sum);
                table.append(failed == 0 ? " |" : " " + failed + " |");
            });
            table.append('\n');
        }
        table.append("| **all** | **").append(tests).append("** |");
        failedInAll
                .values()
                .forEach(failed -> table.append(" **").append(failed).append("** |"));
        return table.append('\n').toString();
    }

    private static String differences(Suite suite, Map<String, Map<String, Map<String, Verdict>>> byBroker) {
        StringBuilder table = new StringBuilder("| " + suite.grouped + " | test |");
        byBroker.keySet().forEach(broker -> table.append(' ').append(broker).append(" |"));
        table.append("\n|---|---|").append("---|".repeat(byBroker.size())).append('\n');
        for (String group : groups(byBroker)) {
            List<String> names = byBroker.values().stream()
                    .flatMap(it -> it.getOrDefault(group, Map.of()).keySet().stream())
                    .distinct()
                    .sorted()
                    .toList();
            for (String name : names) {
                List<Optional<Verdict>> verdicts = new ArrayList<>();
                byBroker.values()
                        .forEach(it -> verdicts.add(Optional.ofNullable(
                                it.getOrDefault(group, Map.of()).get(name))));
                if (verdicts.contains(Optional.of(Verdict.FAILED))) {
                    String shown = name.replace("|", "\\|").replaceAll("\\p{Cntrl}", " ");
                    table.append("| ").append(group).append(" | ").append(shown).append(" |");
                    verdicts.forEach(it -> table.append(' ')
                            .append(it.map(ConformanceTable::shown).orElse("–"))
                            .append(" |"));
                    table.append('\n');
                }
            }
        }
        return table.toString();
    }

    private static String shown(Verdict verdict) {
        return switch (verdict) {
            case PASSED -> "passes";
            case FAILED -> "**fails**";
            case SKIPPED -> "–";
        };
    }

    private static List<String> groups(Map<String, Map<String, Map<String, Verdict>>> byBroker) {
        return byBroker.values().stream()
                .flatMap(it -> it.keySet().stream())
                .distinct()
                .sorted()
                .toList();
    }
}
