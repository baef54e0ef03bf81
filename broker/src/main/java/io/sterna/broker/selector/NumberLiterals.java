package io.sterna.broker.selector;

import java.math.BigInteger;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Numbers as Java writes them (Jakarta Messaging 3.1 §3.8.1.1; The Java Language Specification §3.10.1 and §3.10.2), with
 * one difference: an exact one without {@code L} that is too large for an int is a long, since the range of long has to be
 * had without it. So {@code 0xFFFFFFFF} is 4294967295, as in other brokers.
 */
final class NumberLiterals {
    // No pattern repeats a group, which would take a stack in proportion to the text.
    private static final Pattern DECIMAL = Pattern.compile("0|[1-9][0-9]*");
    private static final Pattern OCTAL = Pattern.compile("0[0-7]+");
    private static final Pattern HEXADECIMAL = Pattern.compile("0[xX][0-9a-fA-F]+");
    private static final Pattern BINARY = Pattern.compile("0[bB][01]+");
    private static final Pattern FLOATING =
            Pattern.compile("(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)(?:[eE][+-]?[0-9]+)?[fFdD]?");
    private static final Pattern HEXADECIMAL_FLOATING =
            Pattern.compile("0[xX](?:[0-9a-fA-F]+\\.?[0-9a-fA-F]*|\\.[0-9a-fA-F]+)[pP][+-]?[0-9]+[fFdD]?");
    private static final Pattern NOT_ZERO = Pattern.compile("[1-9a-fA-F]");

    private NumberLiterals() {}

    /**
     * The value of a number.
     *
     * @param negative whether a minus stands before it, and is taken along: only so the lowest int and long can be written
     */
    static Number parse(Token token, boolean negative) throws InvalidSelectorException {
        String text = withoutUnderscores(token);
        String digits = text.endsWith("L") || text.endsWith("l") ? text.substring(0, text.length() - 1) : text;
        boolean isLong = digits.length() < text.length();
        if (DECIMAL.matcher(digits).matches()) {
            return decimal(token, digits, isLong, negative);
        } else if (HEXADECIMAL.matcher(digits).matches()) {
            return bits(token, new BigInteger(digits.substring(2), 16), isLong, negative);
        } else if (BINARY.matcher(digits).matches()) {
            return bits(token, new BigInteger(digits.substring(2), 2), isLong, negative);
        } else if (OCTAL.matcher(digits).matches()) {
            return bits(token, new BigInteger(digits, 8), isLong, negative);
        } else if (HEXADECIMAL_FLOATING.matcher(text).matches()
                || (FLOATING.matcher(text).matches() && !isExact(text))) {
            return floating(token, text, negative);
        }
        throw new InvalidSelectorException(
                token.position(), "'" + shortened(token) + "' is neither an exact nor an approximate number");
    }

    /** Digits alone are no approximate number: 08 is a mistake. */
    private static boolean isExact(String text) {
        return text.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    /** An underscore stands between digits only. */
    private static String withoutUnderscores(Token token) throws InvalidSelectorException {
        String text = token.text();
        if (text.indexOf('_') < 0) {
            return text;
        }
        int radix = text.startsWith("0x") || text.startsWith("0X") ? 16 : 10;
        for (int at = 0; at < text.length(); at++) {
            boolean right = text.charAt(at) != '_'
                    || (at > 0
                            && at + 1 < text.length()
                            && isDigit(text.charAt(at - 1), radix)
                            && isDigit(text.charAt(at + 1), radix));
            if (!right) {
                throw new InvalidSelectorException(token.position() + at, "'_' in a number stands between digits");
            }
        }
        return text.replace("_", "");
    }

    private static boolean isDigit(char c, int radix) {
        return c == '_' || (c < 0x80 && Character.digit(c, radix) >= 0);
    }

    private static Number decimal(Token token, String digits, boolean isLong, boolean negative)
            throws InvalidSelectorException {
        BigInteger magnitude = new BigInteger(digits);
        BigInteger value = negative ? magnitude.negate() : magnitude;
        if (value.bitLength() >= Long.SIZE) {
            throw tooLarge(token, "long");
        }
        return narrowed(value.longValue(), isLong);
    }

    /** A number by its bits, of which there may be 64. */
    private static Number bits(Token token, BigInteger bits, boolean isLong, boolean negative)
            throws InvalidSelectorException {
        if (bits.bitLength() > Long.SIZE) {
            throw tooLarge(token, "long");
        }
        long value = bits.longValue();
        boolean fitsInt = bits.bitLength() < Integer.SIZE;
        return narrowed(negative ? -value : value, isLong || !fitsInt);
    }

    private static Number narrowed(long value, boolean isLong) {
        return isLong || value != (int) value ? (Number) value : (Number) (int) value;
    }

    private static Number floating(Token token, String text, boolean negative) throws InvalidSelectorException {
        String lower = text.toLowerCase(Locale.ROOT);
        boolean hexadecimal = lower.startsWith("0x");
        boolean isFloat = lower.endsWith("f");
        double value = isFloat ? Float.parseFloat(text) : Double.parseDouble(text);
        if (Double.isInfinite(value)) {
            throw tooLarge(token, isFloat ? "float" : "double");
        }
        String mantissa = hexadecimal ? lower.substring(2, lower.indexOf('p')) : lower.split("[efd]", 2)[0];
        if (value == 0 && NOT_ZERO.matcher(mantissa).find()) {
            throw new InvalidSelectorException(
                    token.position(), "number " + shortened(token) + " is too small to be told from zero");
        }
        double signed = negative ? -value : value;
        return isFloat ? (Number) (float) signed : (Number) signed;
    }

    private static InvalidSelectorException tooLarge(Token token, String type) {
        return new InvalidSelectorException(
                token.position(), "number " + shortened(token) + " is beyond the range of " + type);
    }

    private static String shortened(Token token) {
        return token.text().length() > 40 ? token.text().substring(0, 40) + "…" : token.text();
    }
}
