package io.sterna.broker.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/**
 * Makes a Markdown table out of the reports of the JMS suite run against several brokers: how many tests each class has
 * and each broker passes, and which ones not all of them pass. Arguments: {@code NAME=DIRECTORY} with surefire's reports,
 * for each broker. Prints to standard output.
 */
public final class ConformanceTable {

    /** What became of a test. */
    private enum Verdict {
        PASSED,
        FAILED,
        SKIPPED
    }

    private ConformanceTable() {}

    /** The program. */
    public static void main(String[] arguments) throws Exception {
        Map<String, Map<String, Map<String, Verdict>>> byBroker = new LinkedHashMap<>();
        for (String argument : arguments) {
            String[] parts = argument.split("=", 2);
            byBroker.put(parts[0], read(Path.of(parts[1])));
        }
        System.out.print(totals(byBroker) + "\n" + differences(byBroker));
    }

    /** Verdicts by test and class. */
    private static Map<String, Map<String, Verdict>> read(Path directory)
            throws IOException, ParserConfigurationException, SAXException {
        List<Path> files;
        try (Stream<Path> all = Files.list(directory)) {
            files = all.filter(file -> file.getFileName().toString().matches("TEST-.*\\.xml"))
                    .toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        Map<String, Map<String, Verdict>> byClass = new TreeMap<>();
        for (Path file : files) {
            NodeList cases = DocumentBuilderFactory.newDefaultInstance()
                    .newDocumentBuilder()
                    .parse(file.toFile())
                    .getElementsByTagName("testcase");
            for (int i = 0; i < cases.getLength(); i++) {
                Element test = (Element) cases.item(i);
                if (!test.getAttribute("classname").contains(".jms.")) {
                    continue;
                }
                String className = test.getAttribute("classname").replaceAll(".*\\.", "");
                byClass.computeIfAbsent(className, it -> new TreeMap<>()).put(test.getAttribute("name"), verdict(test));
            }
        }
        return byClass;
    }

    private static Verdict verdict(Element test) {
        if (test.getElementsByTagName("failure").getLength() > 0
                || test.getElementsByTagName("error").getLength() > 0) {
            return Verdict.FAILED;
        }
        return test.getElementsByTagName("skipped").getLength() > 0 ? Verdict.SKIPPED : Verdict.PASSED;
    }

    private static String totals(Map<String, Map<String, Map<String, Verdict>>> byBroker) {
        StringBuilder table = new StringBuilder("| class | tests |");
        byBroker.keySet().forEach(broker -> table.append(' ').append(broker).append(" fails |"));
        table.append("\n|---|---|").append("---|".repeat(byBroker.size())).append('\n');
        Map<String, Integer> failedInAll = new LinkedHashMap<>();
        int tests = 0;
        for (String className : classes(byBroker)) {
            int ofClass = byBroker.values().stream()
                    .mapToInt(it -> it.getOrDefault(className, Map.of()).size())
                    .max()
                    .orElse(0);
            tests += ofClass;
            table.append(String.format(Locale.ROOT, "| %s | %d |", className, ofClass));
            byBroker.forEach((broker, verdicts) -> {
                int failed = (int) verdicts.getOrDefault(className, Map.of()).values().stream()
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

    private static String differences(Map<String, Map<String, Map<String, Verdict>>> byBroker) {
        StringBuilder table = new StringBuilder("| class | test |");
        byBroker.keySet().forEach(broker -> table.append(' ').append(broker).append(" |"));
        table.append("\n|---|---|").append("---|".repeat(byBroker.size())).append('\n');
        for (String className : classes(byBroker)) {
            List<String> names = byBroker.values().stream()
                    .flatMap(it -> it.getOrDefault(className, Map.of()).keySet().stream())
                    .distinct()
                    .sorted()
                    .toList();
            for (String name : names) {
                List<Optional<Verdict>> verdicts = new ArrayList<>();
                byBroker.values()
                        .forEach(it -> verdicts.add(Optional.ofNullable(
                                it.getOrDefault(className, Map.of()).get(name))));
                if (verdicts.contains(Optional.of(Verdict.FAILED))) {
                    String shown = name.replace("|", "\\|").replaceAll("\\p{Cntrl}", " ");
                    table.append("| ")
                            .append(className)
                            .append(" | ")
                            .append(shown)
                            .append(" |");
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

    private static List<String> classes(Map<String, Map<String, Map<String, Verdict>>> byBroker) {
        return byBroker.values().stream()
                .flatMap(it -> it.keySet().stream())
                .distinct()
                .sorted()
                .toList();
    }
}
