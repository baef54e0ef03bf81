package io.sterna.broker.selector;

import io.sterna.broker.selector.Token.Kind;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Cuts a selector into words. Owned by one thread. */
final class Lexer {
    private static final Map<String, Kind> KEYWORDS = Map.ofEntries(
            Map.entry("NOT", Kind.NOT),
            Map.entry("AND", Kind.AND),
            Map.entry("OR", Kind.OR),
            Map.entry("BETWEEN", Kind.BETWEEN),
            Map.entry("LIKE", Kind.LIKE),
            Map.entry("IN", Kind.IN),
            Map.entry("IS", Kind.IS),
            Map.entry("ESCAPE", Kind.ESCAPE),
            Map.entry("NULL", Kind.NULL),
            Map.entry("TRUE", Kind.TRUE),
            Map.entry("FALSE", Kind.FALSE));

    private final String text;
    private int at;

    Lexer(String text) {
        this.text = text;
    }

    /** The next word; {@link Kind#END} again and again at the end. */
    Token next() throws InvalidSelectorException {
        while (at < text.length() && isWhitespace(text.charAt(at))) {
            at++;
        }
        if (at == text.length()) {
            return new Token(Kind.END, "", at);
        }
        char c = text.charAt(at);
        if (c == '\'') {
            return quoted(Kind.STRING, '\'');
        } else if (c == '"') {
            return quoted(Kind.IDENTIFIER, '"');
        } else if (isDigit(at) || (c == '.' && isDigit(at + 1))) {
            return number();
        } else if (Character.isJavaIdentifierStart(text.codePointAt(at))) {
            return word();
        }
        return symbol(c);
    }

    /** §3.8.1.1: as in Java; its line terminators are CR and LF. */
    private static boolean isWhitespace(char c) {
        return c == ' ' || c == '\t' || c == '\f' || c == '\r' || c == '\n';
    }

    /** Only ASCII digits make numbers in Java. */
    private boolean isDigit(int index) {
        return index < text.length() && text.charAt(index) >= '0' && text.charAt(index) <= '9';
    }

    /**
     * A string; or, as in SQL-92 and in other brokers, an identifier with characters that Java's have not: {@code
     * "order-id"}.
     */
    private Token quoted(Kind kind, char quote) throws InvalidSelectorException {
        int start = at;
        StringBuilder content = new StringBuilder();
        at++;
        while (true) {
            int end = text.indexOf(quote, at);
            if (end < 0) {
                String closed = kind == Kind.STRING ? "string is never closed" : "quoted identifier is never closed";
                throw new InvalidSelectorException(start, closed + "; the last " + quote + " is missing");
            }
            content.append(text, at, end);
            at = end + 1;
            if (at == text.length() || text.charAt(at) != quote) {
                break;
            }
            content.append(quote);
            at++;
        }
        if (kind == Kind.IDENTIFIER && content.isEmpty()) {
            throw new InvalidSelectorException(start, "a quoted identifier must not be empty");
        }
        return new Token(kind, content.toString(), start);
    }

    /** All that runs on from a digit; whether it is a number is seen later. A sign belongs to it only after an exponent. */
    private Token number() {
        int start = at;
        boolean hexadecimal = text.startsWith("0x", at) || text.startsWith("0X", at);
        while (at < text.length()) {
            char c = text.charAt(at);
            boolean sign = (c == '+' || c == '-') && isExponent(text.charAt(at - 1), hexadecimal) && at > start;
            if (!sign && c != '.' && !Character.isJavaIdentifierPart(text.codePointAt(at))) {
                break;
            }
            at += Character.charCount(text.codePointAt(at));
        }
        return new Token(Kind.NUMBER, text.substring(start, at), start);
    }

    private static boolean isExponent(char c, boolean hexadecimal) {
        return hexadecimal ? c == 'p' || c == 'P' : c == 'e' || c == 'E';
    }

    private Token word() {
        int start = at;
        while (at < text.length() && Character.isJavaIdentifierPart(text.codePointAt(at))) {
            at += Character.charCount(text.codePointAt(at));
        }
        String word = text.substring(start, at);
        Optional<Kind> keyword = Optional.ofNullable(KEYWORDS.get(word.toUpperCase(Locale.ROOT)));
        return new Token(keyword.orElse(Kind.IDENTIFIER), word, start);
    }

    private Token symbol(char c) throws InvalidSelectorException {
        Kind kind =
                switch (c) {
                    case '(' -> Kind.LEFT_PARENTHESIS;
                    case ')' -> Kind.RIGHT_PARENTHESIS;
                    case ',' -> Kind.COMMA;
                    case '=' -> Kind.EQUAL;
                    case '+' -> Kind.PLUS;
                    case '-' -> Kind.MINUS;
                    case '*' -> Kind.STAR;
                    case '/' -> Kind.SLASH;
                    case '<' -> isNext('=') ? Kind.LESS_OR_EQUAL : isNext('>') ? Kind.NOT_EQUAL : Kind.LESS;
                    case '>' -> isNext('=') ? Kind.GREATER_OR_EQUAL : Kind.GREATER;
                    case '!' -> throw new InvalidSelectorException(at, "'!' is no operator; 'not equal' is <>");
                    default -> throw new InvalidSelectorException(at, "unexpected character " + shown());
                };
        int start = at;
        at += kind == Kind.LESS_OR_EQUAL || kind == Kind.NOT_EQUAL || kind == Kind.GREATER_OR_EQUAL ? 2 : 1;
        return new Token(kind, text.substring(start, at), start);
    }

    private boolean isNext(char c) {
        return at + 1 < text.length() && text.charAt(at + 1) == c;
    }

    private String shown() {
        int c = text.codePointAt(at);
        return Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE
                ? String.format("U+%04X", c)
                : "'" + Character.toString(c) + "'";
    }
}
