package io.sterna.broker.selector;

import io.sterna.broker.selector.Expression.Arithmetic;
import io.sterna.broker.selector.Expression.Comparison;
import io.sterna.broker.selector.Expression.Identifier;
import io.sterna.broker.selector.Expression.Literal;
import io.sterna.broker.selector.Expression.Negation;
import io.sterna.broker.selector.Expression.Operation;
import io.sterna.broker.selector.Expression.Relation;
import io.sterna.broker.selector.Token.Kind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Reads a selector by recursive descent. The grammar, each line binding tighter than the one above:
 *
 * <pre>
 * disjunction := conjunction ( OR conjunction )*
 * conjunction := negation ( AND negation )*
 * negation    := NOT negation | comparison
 * comparison  := sum ( ( = | &lt;> | &lt; | &lt;= | > | >= ) sum | test )*          tests are in TestParser
 * sum         := product ( ( + | - ) product )*
 * product     := signed ( ( * | / ) signed )*
 * signed      := ( + | - ) signed | literal | identifier | ( disjunction )
 * </pre>
 *
 * Owned by one thread.
 */
final class Parser {
    private final Lexer lexer;
    private final Set<String> identifiers = new HashSet<>();
    private Token token;
    private int nesting;
    private int operators;

    private Parser(String text) throws InvalidSelectorException {
        if (text.length() > Selector.MAX_LENGTH) {
            throw new InvalidSelectorException(
                    Selector.MAX_LENGTH, "a selector has at most " + Selector.MAX_LENGTH + " characters");
        }
        lexer = new Lexer(text);
        token = lexer.next();
    }

    static Expression parse(String text) throws InvalidSelectorException {
        Parser parser = new Parser(text);
        int start = parser.token.position();
        Expression condition = parser.disjunction();
        parser.checkCondition(condition, start);
        if (parser.token.kind() != Kind.END) {
            throw parser.expected("AND, OR, an operator or the end");
        }
        return condition;
    }

    // ---- Conditions

    private Expression disjunction() throws InvalidSelectorException {
        int start = token.position();
        Expression first = conjunction();
        if (token.kind() != Kind.OR) {
            return first;
        }
        List<Expression> conditions = new ArrayList<>();
        conditions.add(checkCondition(first, start));
        while (take(Kind.OR)) {
            int next = token.position();
            conditions.add(checkCondition(conjunction(), next));
        }
        return new Expression.Or(conditions);
    }

    private Expression conjunction() throws InvalidSelectorException {
        int start = token.position();
        Expression first = negation();
        if (token.kind() != Kind.AND) {
            return first;
        }
        List<Expression> conditions = new ArrayList<>();
        conditions.add(checkCondition(first, start));
        while (take(Kind.AND)) {
            int next = token.position();
            conditions.add(checkCondition(negation(), next));
        }
        return new Expression.And(conditions);
    }

    private Expression negation() throws InvalidSelectorException {
        if (!take(Kind.NOT)) {
            return comparison();
        }
        int start = token.position();
        deeper();
        Expression condition = checkCondition(negation(), start);
        nesting--;
        return new Expression.Not(condition);
    }

    private Expression comparison() throws InvalidSelectorException {
        int start = token.position();
        Expression left = sum();
        while (true) {
            Relation relation =
                    switch (token.kind()) {
                        case EQUAL -> Relation.EQUAL;
                        case NOT_EQUAL -> Relation.NOT_EQUAL;
                        case LESS -> Relation.LESS;
                        case LESS_OR_EQUAL -> Relation.LESS_OR_EQUAL;
                        case GREATER -> Relation.GREATER;
                        case GREATER_OR_EQUAL -> Relation.GREATER_OR_EQUAL;
                        default -> null;
                    };
            if (relation != null) {
                left = compared(relation, left, start);
            } else if (TestParser.begins(token.kind())) {
                countOperator();
                left = new TestParser(this).test(left, start);
            } else {
                return left;
            }
        }
    }

    private Expression compared(Relation relation, Expression left, int start) throws InvalidSelectorException {
        boolean ordering = relation != Relation.EQUAL && relation != Relation.NOT_EQUAL;
        if (ordering) {
            checkOrdered(left, start);
        }
        advance();
        countOperator();
        int rightAt = token.position();
        Expression right = sum();
        if (ordering) {
            checkOrdered(right, rightAt);
        }
        return new Comparison(relation, left, right);
    }

    // ---- Values

    Expression sum() throws InvalidSelectorException {
        int start = token.position();
        Expression left = product();
        while (token.kind() == Kind.PLUS || token.kind() == Kind.MINUS) {
            Operation operation = token.kind() == Kind.PLUS ? Operation.ADD : Operation.SUBTRACT;
            checkNumber(left, start);
            advance();
            countOperator();
            int rightAt = token.position();
            left = new Arithmetic(operation, left, checkNumber(product(), rightAt));
        }
        return left;
    }

    private Expression product() throws InvalidSelectorException {
        int start = token.position();
        Expression left = signed();
        while (token.kind() == Kind.STAR || token.kind() == Kind.SLASH) {
            Operation operation = token.kind() == Kind.STAR ? Operation.MULTIPLY : Operation.DIVIDE;
            checkNumber(left, start);
            advance();
            countOperator();
            int rightAt = token.position();
            left = new Arithmetic(operation, left, checkNumber(signed(), rightAt));
        }
        return left;
    }

    private Expression signed() throws InvalidSelectorException {
        boolean minus = token.kind() == Kind.MINUS;
        if (!minus && token.kind() != Kind.PLUS) {
            return primary();
        }
        advance();
        if (minus && token.kind() == Kind.NUMBER) {
            return new Literal(NumberLiterals.parse(advance(), true));
        }
        deeper();
        int start = token.position();
        Expression operand = checkNumber(signed(), start);
        nesting--;
        return minus ? new Negation(operand) : positive(operand);
    }

    /** A plus makes a number of what follows, as far as types go: {@code +flag} is no condition. */
    private static Expression positive(Expression operand) {
        return operand instanceof Identifier ? new Negation(new Negation(operand)) : operand;
    }

    private Expression primary() throws InvalidSelectorException {
        return switch (token.kind()) {
            case STRING -> new Literal(advance().text());
            case NUMBER -> new Literal(NumberLiterals.parse(advance(), false));
            case IDENTIFIER -> identifier();
            case TRUE -> literal(true);
            case FALSE -> literal(false);
            case LEFT_PARENTHESIS -> {
                advance();
                deeper();
                Expression inner = disjunction();
                nesting--;
                expect(Kind.RIGHT_PARENTHESIS);
                yield inner;
            }
            default -> throw expected("an identifier, a literal or '('");
        };
    }

    private Expression identifier() throws InvalidSelectorException {
        if (identifiers.add(token.text()) && identifiers.size() > Selector.MAX_IDENTIFIERS) {
            throw new InvalidSelectorException(
                    token.position(), "more than " + Selector.MAX_IDENTIFIERS + " different identifiers");
        }
        return new Identifier(advance().text());
    }

    private Expression literal(boolean value) throws InvalidSelectorException {
        advance();
        return new Literal(value);
    }

    // ---- Checks

    private Expression checkCondition(Expression expression, int at) throws InvalidSelectorException {
        if (expression.type() == Expression.Type.NUMBER || expression.type() == Expression.Type.STRING) {
            throw new InvalidSelectorException(at, "a condition is expected here, not a number or string");
        }
        return expression;
    }

    Expression checkNumber(Expression expression, int at) throws InvalidSelectorException {
        if (expression.type() == Expression.Type.STRING || expression.type() == Expression.Type.CONDITION) {
            throw new InvalidSelectorException(at, "a number is expected here, not a string or condition");
        }
        return expression;
    }

    /** §3.8.1.1: "String and Boolean comparison is restricted to = and &lt;>." */
    private static void checkOrdered(Expression expression, int at) throws InvalidSelectorException {
        if (expression.type() == Expression.Type.STRING || expression.type() == Expression.Type.CONDITION) {
            throw new InvalidSelectorException(at, "strings and conditions are compared with = and <> only");
        }
    }

    private void deeper() throws InvalidSelectorException {
        if (++nesting > Selector.MAX_NESTING) {
            throw new InvalidSelectorException(token.position(), "nested more than " + Selector.MAX_NESTING + " deep");
        }
    }

    private void countOperator() throws InvalidSelectorException {
        if (++operators > Selector.MAX_OPERATORS) {
            throw new InvalidSelectorException(
                    token.position(),
                    "more than " + Selector.MAX_OPERATORS + " operators; many values of one identifier go into an IN");
        }
    }

    // ---- Words

    Token token() {
        return token;
    }

    /** Goes on to the next word and returns the one passed. */
    Token advance() throws InvalidSelectorException {
        Token passed = token;
        token = lexer.next();
        return passed;
    }

    boolean take(Kind kind) throws InvalidSelectorException {
        if (token.kind() != kind) {
            return false;
        }
        advance();
        return true;
    }

    Token expect(Kind kind) throws InvalidSelectorException {
        if (token.kind() != kind) {
            throw expected(kind.toString());
        }
        return advance();
    }

    InvalidSelectorException expected(String what) {
        return new InvalidSelectorException(token.position(), "expected " + what + ", found " + token.shown());
    }
}
