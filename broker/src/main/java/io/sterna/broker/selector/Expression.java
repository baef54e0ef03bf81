package io.sterna.broker.selector;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The syntax tree of a selector. What is a condition and what is a value, the parser has checked as far as it can be known. */
sealed interface Expression {

    /** An Integer, Long, Float, Double, String or Boolean. */
    record Literal(Object value) implements Expression {}

    /** A header field or a property. */
    record Identifier(String name) implements Expression {}

    /** The unary minus; a plus leaves nothing behind. */
    record Negation(Expression operand) implements Expression {}

    record Arithmetic(Operation operation, Expression left, Expression right) implements Expression {}

    record Comparison(Relation relation, Expression left, Expression right) implements Expression {}

    record Not(Expression condition) implements Expression {}

    /** Flat, so that a thousand conditions are not a thousand levels. */
    record And(List<Expression> conditions) implements Expression {
        public And {
            conditions = List.copyOf(conditions);
        }
    }

    record Or(List<Expression> conditions) implements Expression {
        public Or {
            conditions = List.copyOf(conditions);
        }
    }

    record Between(Expression value, Expression low, Expression high, boolean negated) implements Expression {}

    record In(Identifier identifier, Set<String> values, boolean negated) implements Expression {
        public In {
            values = Set.copyOf(values);
        }
    }

    record Like(Identifier identifier, String pattern, Optional<Integer> escape, boolean negated)
            implements Expression {}

    record IsNull(Identifier identifier, boolean negated) implements Expression {}

    /** What {@link Arithmetic} does. */
    enum Operation {
        ADD,
        SUBTRACT,
        MULTIPLY,
        DIVIDE
    }

    /** What {@link Comparison} asks. */
    enum Relation {
        EQUAL,
        NOT_EQUAL,
        LESS,
        LESS_OR_EQUAL,
        GREATER,
        GREATER_OR_EQUAL
    }

    /** What can be said of a value before any message is there. */
    enum Type {
        NUMBER,
        STRING,
        CONDITION,
        /** Of an identifier. */
        ANY
    }

    /** This expression's type. */
    default Type type() {
        if (this instanceof Literal literal) {
            return literal.value() instanceof Number
                    ? Type.NUMBER
                    : literal.value() instanceof String ? Type.STRING : Type.CONDITION;
        } else if (this instanceof Identifier) {
            return Type.ANY;
        }
        return this instanceof Negation || this instanceof Arithmetic ? Type.NUMBER : Type.CONDITION;
    }
}
