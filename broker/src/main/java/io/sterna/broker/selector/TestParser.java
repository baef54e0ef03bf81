package io.sterna.broker.selector;

import io.sterna.broker.selector.Expression.Identifier;
import io.sterna.broker.selector.Expression.In;
import io.sterna.broker.selector.Expression.IsNull;
import io.sterna.broker.selector.Expression.Like;
import io.sterna.broker.selector.Token.Kind;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * The part of the grammar that begins with a keyword behind a value:
 *
 * <pre>
 * test := IS [NOT] NULL
 *       | [NOT] BETWEEN sum AND sum
 *       | [NOT] IN ( string ( , string )* )
 *       | [NOT] LIKE string [ ESCAPE string ]
 * </pre>
 */
final class TestParser {
    private final Parser words;

    TestParser(Parser words) {
        this.words = words;
    }

    /** Whether a test may begin with this word. */
    static boolean begins(Kind kind) {
        return kind == Kind.IS || kind == Kind.NOT || kind == Kind.BETWEEN || kind == Kind.IN || kind == Kind.LIKE;
    }

    /** The test of a value that was read before, and began at {@code start}. */
    Expression test(Expression value, int start) throws InvalidSelectorException {
        if (words.take(Kind.IS)) {
            boolean negated = words.take(Kind.NOT);
            words.expect(Kind.NULL);
            return new IsNull(identifier(value, "IS NULL", start), negated);
        }
        boolean negated = words.take(Kind.NOT);
        return switch (words.token().kind()) {
            case BETWEEN -> between(words.checkNumber(value, start), negated);
            case IN -> in(identifier(value, "IN", start), negated);
            case LIKE -> like(identifier(value, "LIKE", start), negated);
            default -> throw words.expected("BETWEEN, IN or LIKE");
        };
    }

    private Expression between(Expression value, boolean negated) throws InvalidSelectorException {
        words.advance();
        Expression low = bound();
        words.expect(Kind.AND);
        return new Expression.Between(value, low, bound(), negated);
    }

    private Expression bound() throws InvalidSelectorException {
        int start = words.token().position();
        return words.checkNumber(words.sum(), start);
    }

    private Expression in(Identifier identifier, boolean negated) throws InvalidSelectorException {
        words.advance();
        words.expect(Kind.LEFT_PARENTHESIS);
        Set<String> values = new HashSet<>();
        do {
            values.add(words.expect(Kind.STRING).text());
        } while (words.take(Kind.COMMA));
        words.expect(Kind.RIGHT_PARENTHESIS);
        return new In(identifier, values, negated);
    }

    private Expression like(Identifier identifier, boolean negated) throws InvalidSelectorException {
        words.advance();
        Token pattern = words.expect(Kind.STRING);
        Optional<Integer> escape = Optional.empty();
        if (words.take(Kind.ESCAPE)) {
            Token character = words.expect(Kind.STRING);
            if (character.text().codePointCount(0, character.text().length()) != 1) {
                throw new InvalidSelectorException(
                        character.position(), "the string behind ESCAPE must be one character");
            }
            escape = Optional.of(character.text().codePointAt(0));
        }
        LikePattern.check(pattern, escape);
        return new Like(identifier, pattern.text(), escape, negated);
    }

    private static Identifier identifier(Expression value, String test, int start) throws InvalidSelectorException {
        if (value instanceof Identifier identifier) {
            return identifier;
        }
        throw new InvalidSelectorException(start, "only an identifier can stand before " + test);
    }
}
