package io.sterna.broker.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Matches addresses word by word, words being separated by dots: {@code *} stands for one word, {@code #} for any
 * number of words, also none.
 *
 * @param words the pattern's words
 */
public record AddressPattern(List<String> words) {
    static final String SYNTAX = "words with dots between them, where * stands for one word and # for any number,"
            + " as in \"orders.*.new\" or \"orders.#\"";
    private static final String ONE_WORD = "*";
    private static final String ANY_WORDS = "#";

    public AddressPattern {
        words = List.copyOf(words);
    }

    /** Empty when {@code text} is no pattern: it has an empty word, or a word that only partly is a wildcard. */
    public static Optional<AddressPattern> parse(String text) {
        List<String> words = words(text);
        boolean wellFormed = words.stream()
                .allMatch(word -> word.equals(ONE_WORD)
                        || word.equals(ANY_WORDS)
                        || (!word.isEmpty() && !word.contains(ONE_WORD) && !word.contains(ANY_WORDS)));
        return wellFormed ? Optional.of(new AddressPattern(words)) : Optional.empty();
    }

    static List<AddressPattern> readAll(Section section, String name, List<String> preset) throws ConfigException {
        List<AddressPattern> patterns = new ArrayList<>();
        for (String pattern : section.texts(name, preset)) {
            patterns.add(parse(pattern).orElseThrow(() -> section.refused(name, pattern, SYNTAX)));
        }
        return patterns;
    }

    static boolean anyMatches(List<AddressPattern> patterns, String address) {
        return patterns.stream().anyMatch(pattern -> pattern.matches(address));
    }

    public boolean matches(String address) {
        return matches(words, words(address));
    }

    private static boolean matches(List<String> pattern, List<String> address) {
        int wordAt = 0;
        int patternAt = 0;
        int anyAt = -1;
        int resumeAt = 0;
        // The classic wildcard walk: on a mismatch the latest # takes one word more. Linear in memory, no recursion.
        while (wordAt < address.size()) {
            String expected = patternAt < pattern.size() ? pattern.get(patternAt) : "";
            if (expected.equals(ANY_WORDS)) {
                anyAt = patternAt++;
                resumeAt = wordAt;
            } else if (patternAt < pattern.size()
                    && (expected.equals(ONE_WORD) || expected.equals(address.get(wordAt)))) {
                patternAt++;
                wordAt++;
            } else if (anyAt >= 0) {
                patternAt = anyAt + 1;
                wordAt = ++resumeAt;
            } else {
                return false;
            }
        }
        return pattern.subList(patternAt, pattern.size()).stream().allMatch(ANY_WORDS::equals);
    }

    private static List<String> words(String text) {
        return List.of(text.split("\\.", -1));
    }

    @Override
    public String toString() {
        return String.join(".", words);
    }
}
