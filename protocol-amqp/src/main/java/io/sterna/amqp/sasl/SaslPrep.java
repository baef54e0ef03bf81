package io.sterna.amqp.sasl;

import java.text.Normalizer;
import java.util.Optional;

/**
 * Prepares names and passwords so that what looks the same compares the same: SASLprep (RFC 4013). Non-ASCII spaces
 * become spaces, characters that are commonly mapped to nothing are dropped, the rest goes through NFKC; the result
 * must be free of prohibited characters and must not mix writing directions (RFC 3454 §6).
 *
 * <p>The RFC works on Unicode 3.2. This works on the Unicode of the Java runtime: a character assigned since is
 * accepted and normalised as it is today, and unassigned ones are refused, as for stored strings.
 */
final class SaslPrep {
    private SaslPrep() {}

    /** The prepared text, unless it is prohibited or nothing remains of it. */
    static Optional<String> prepare(String text) {
        String prepared = isPlainAscii(text) ? text : Normalizer.normalize(map(text), Normalizer.Form.NFKC);
        boolean right = !prepared.isEmpty()
                && prepared.codePoints().noneMatch(SaslPrep::isProhibited)
                && isOneDirection(prepared);
        return right ? Optional.of(prepared) : Optional.empty();
    }

    private static boolean isPlainAscii(String text) {
        return text.chars().allMatch(c -> c < 0x80);
    }

    private static String map(String text) {
        StringBuilder mapped = new StringBuilder(text.length());
        text.codePoints().filter(c -> !isMappedToNothing(c)).forEach(c -> mapped.appendCodePoint(isSpace(c) ? ' ' : c));
        return mapped.toString();
    }

    /** RFC 3454, table C.1.2, without U+200B, which table B.1 takes away. */
    private static boolean isSpace(int c) {
        return c != ' ' && Character.getType(c) == Character.SPACE_SEPARATOR;
    }

    /** RFC 3454, table B.1. */
    private static boolean isMappedToNothing(int c) {
        return c == 0x00ad
                || c == 0x034f
                || c == 0x1806
                || (c >= 0x180b && c <= 0x180d)
                || (c >= 0x200b && c <= 0x200d)
                || c == 0x2060
                || (c >= 0xfe00 && c <= 0xfe0f)
                || c == 0xfeff;
    }

    /** RFC 3454, tables C.1.2 and C.2.1 to C.9. */
    private static boolean isProhibited(int c) {
        return switch (Character.getType(c)) {
            // Controls, private use, surrogates, line and paragraph separators, what has no character (yet).
            case Character.CONTROL,
                    Character.PRIVATE_USE,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.UNASSIGNED,
                    // Format controls: direction marks, joiners, interlinear annotations, tags.
                    Character.FORMAT -> true;
            default ->
                isSpace(c)
                        // Inappropriate for plain text, for canonical representation; deprecated.
                        || c == 0xfffc
                        || c == 0xfffd
                        || (c >= 0x2ff0 && c <= 0x2ffb)
                        || c == 0x0340
                        || c == 0x0341;
        };
    }

    /** RFC 3454 §6: with any right-to-left character, no left-to-right one, and right-to-left at both ends. */
    private static boolean isOneDirection(String text) {
        if (text.codePoints().noneMatch(SaslPrep::isRightToLeft)) {
            return true;
        }
        return text.codePoints()
                        .noneMatch(c -> Character.getDirectionality(c) == Character.DIRECTIONALITY_LEFT_TO_RIGHT)
                && isRightToLeft(text.codePointAt(0))
                && isRightToLeft(text.codePointBefore(text.length()));
    }

    private static boolean isRightToLeft(int c) {
        byte direction = Character.getDirectionality(c);
        return direction == Character.DIRECTIONALITY_RIGHT_TO_LEFT
                || direction == Character.DIRECTIONALITY_RIGHT_TO_LEFT_ARABIC;
    }
}
