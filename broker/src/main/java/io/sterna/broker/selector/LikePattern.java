package io.sterna.broker.selector;

import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The pattern of a LIKE. Matching takes time in proportion to the pattern's length times the value's at worst, whatever
 * both are, and no stack. Immutable; any thread.
 */
final class LikePattern {
    private static final int ANY_CHARACTER = -1;
    private static final int ANY_SEQUENCE = -2;

    /** Code points and the two above. */
    private final int[] elements;

    private LikePattern(int[] elements) {
        this.elements = elements;
    }

    /** A pattern that {@link #check} has accepted. */
    static LikePattern of(String pattern, Optional<Integer> escape) {
        int[] characters = pattern.codePoints().toArray();
        IntStream.Builder elements = IntStream.builder();
        int escapeCharacter = escape.orElse(ANY_CHARACTER);
        for (int at = 0; at < characters.length; at++) {
            int c = characters[at];
            if (c == escapeCharacter) {
                at++;
                elements.add(characters[at]);
            } else {
                elements.add(c == '_' ? ANY_CHARACTER : c == '%' ? ANY_SEQUENCE : c);
            }
        }
        return new LikePattern(elements.build().toArray());
    }

    /**
     * §3.8.1.1: the escape character takes the special meaning from {@code _} and {@code %}. Before anything else but
     * itself it is a mistake, as in SQL-92 §8.5.
     */
    static void check(Token pattern, Optional<Integer> escape) throws InvalidSelectorException {
        int[] characters = pattern.text().codePoints().toArray();
        if (characters.length > Selector.MAX_PATTERN_LENGTH) {
            throw new InvalidSelectorException(
                    pattern.position(), "a pattern has at most " + Selector.MAX_PATTERN_LENGTH + " characters");
        }
        if (escape.isEmpty()) {
            return;
        }
        int escapeCharacter = escape.get();
        for (int at = 0; at < characters.length; at++) {
            if (characters[at] == escapeCharacter) {
                at++;
                boolean right = at < characters.length
                        && (characters[at] == '_' || characters[at] == '%' || characters[at] == escapeCharacter);
                if (!right) {
                    throw new InvalidSelectorException(
                            pattern.position(),
                            "the escape character "
                                    + Character.toString(escapeCharacter)
                                    + " must stand before _, % or itself in the pattern");
                }
            }
        }
    }

    /** Whether a value is like the pattern, which describes all of it. */
    boolean matches(String value) {
        int at = 0;
        int element = 0;
        // The last % passed, and where the value goes on after what it stands for so far.
        int sequence = -1;
        int resume = 0;
        while (at < value.length()) {
            int c = value.codePointAt(at);
            if (element < elements.length && elements[element] == ANY_SEQUENCE) {
                sequence = element++;
                resume = at;
            } else if (element < elements.length && (elements[element] == c || elements[element] == ANY_CHARACTER)) {
                element++;
                at += Character.charCount(c);
            } else if (sequence >= 0) {
                element = sequence + 1;
                resume += Character.charCount(value.codePointAt(resume));
                at = resume;
            } else {
                return false;
            }
        }
        while (element < elements.length && elements[element] == ANY_SEQUENCE) {
            element++;
        }
        return element == elements.length;
    }
}
