package io.sterna.broker.selector;

import io.sterna.amqp.message.FoundValues;
import io.sterna.amqp.message.KeyLookup;
import io.sterna.broker.selector.Expression.And;
import io.sterna.broker.selector.Expression.Arithmetic;
import io.sterna.broker.selector.Expression.Between;
import io.sterna.broker.selector.Expression.Comparison;
import io.sterna.broker.selector.Expression.Identifier;
import io.sterna.broker.selector.Expression.In;
import io.sterna.broker.selector.Expression.IsNull;
import io.sterna.broker.selector.Expression.Like;
import io.sterna.broker.selector.Expression.Literal;
import io.sterna.broker.selector.Expression.Negation;
import io.sterna.broker.selector.Expression.Not;
import io.sterna.broker.selector.Expression.Operation;
import io.sterna.broker.selector.Expression.Or;
import io.sterna.broker.selector.Expression.Relation;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Makes a condition out of a syntax tree. Owned by one thread; what it makes is immutable. */
final class Compiler {
    /** As in Artemis: an identifier that begins so, quoted as a rule, is a message-annotation's. */
    private static final String ANNOTATION_PREFIX = "m.";

    private final List<String> propertyNames = new ArrayList<>();
    private final List<String> annotationNames = new ArrayList<>();

    /** Part of a selector that is true, false or unknown. */
    @FunctionalInterface
    interface Condition {
        Truth in(Subject subject);
    }

    /** Part of a selector that has a value: a Number, String, Boolean, something that can't be compared, or null for NULL. */
    @FunctionalInterface
    interface Value {
        @Nullable
        Object in(Subject subject);
    }

    /**
     * A condition and the names that it looks up.
     *
     * @param propertyNames of application-properties
     * @param annotationNames of message-annotations
     */
    record Compiled(Condition condition, KeyLookup propertyNames, KeyLookup annotationNames) {}

    private Compiler() {}

    static Compiled compile(Expression expression) {
        Compiler compiler = new Compiler();
        Condition condition = compiler.condition(expression);
        return new Compiled(condition, KeyLookup.of(compiler.propertyNames), KeyLookup.of(compiler.annotationNames));
    }

    // ---- Conditions

    private Condition condition(Expression expression) {
        if (expression instanceof And and) {
            return all(and.conditions().stream().map(this::condition).toArray(Condition[]::new));
        } else if (expression instanceof Or or) {
            return any(or.conditions().stream().map(this::condition).toArray(Condition[]::new));
        } else if (expression instanceof Not not) {
            Condition condition = condition(not.condition());
            return subject -> condition.in(subject).not();
        } else if (expression instanceof Comparison comparison) {
            return comparison(comparison);
        } else if (expression instanceof Between between) {
            return between(between);
        } else if (expression instanceof In in) {
            Set<String> values = in.values();
            return text(in.identifier(), values::contains, in.negated());
        } else if (expression instanceof Like like) {
            LikePattern pattern = LikePattern.of(like.pattern(), like.escape());
            return text(like.identifier(), pattern::matches, like.negated());
        } else if (expression instanceof IsNull isNull) {
            Value value = value(isNull.identifier());
            boolean negated = isNull.negated();
            return subject -> Truth.of((value.in(subject) == null) != negated);
        }
        // A boolean literal, or an identifier, which is unknown as a condition unless it is a boolean.
        Value value = value(expression);
        return subject -> value.in(subject) instanceof Boolean truth ? Truth.of(truth) : Truth.UNKNOWN;
    }

    private static Condition all(Condition[] conditions) {
        return subject -> {
            Truth result = Truth.TRUE;
            for (Condition condition : conditions) {
                result = result.and(condition.in(subject));
                if (result == Truth.FALSE) {
                    return result;
                }
            }
            return result;
        };
    }

    private static Condition any(Condition[] conditions) {
        return subject -> {
            Truth result = Truth.FALSE;
            for (Condition condition : conditions) {
                result = result.or(condition.in(subject));
                if (result == Truth.TRUE) {
                    return result;
                }
            }
            return result;
        };
    }

    private Condition comparison(Comparison comparison) {
        boolean equality = comparison.relation() == Relation.EQUAL;
        if (comparison.left() instanceof Identifier identifier
                && comparison.right() instanceof Literal literal
                && literal.value() instanceof String text
                && (equality || comparison.relation() == Relation.NOT_EQUAL)
                && HeaderField.named(identifier.name()).isEmpty()) {
            return equalText(identifier, text, equality);
        }
        Value left = value(comparison.left());
        Value right = value(comparison.right());
        Relation relation = comparison.relation();
        return subject -> Numbers.compare(relation, left.in(subject), right.in(subject));
    }

    /** The commonest of all conditions, {@code property = 'text'}, without making a string of the property. */
    private Condition equalText(Identifier identifier, String text, boolean equality) {
        Value value = value(identifier);
        Found found = found(identifier);
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        return subject -> {
            FoundValues values = found.values().apply(subject);
            if (values.isText(found.index())) {
                return Truth.of(values.isText(found.index(), utf8) == equality);
            }
            Object other = value.in(subject);
            // A UUID or a character may have become a string.
            return other == null
                    ? Truth.UNKNOWN
                    : other instanceof String ? Truth.of(other.equals(text) == equality) : Truth.FALSE;
        };
    }

    /** §3.8.1.1 says what it is equivalent to; NOT BETWEEN is no NOT, which shows where a value is not a number. */
    private Condition between(Between between) {
        Value value = value(between.value());
        Value low = value(between.low());
        Value high = value(between.high());
        return between.negated()
                ? subject -> {
                    Object tested = value.in(subject);
                    return Numbers.compare(Relation.LESS, tested, low.in(subject))
                            .or(Numbers.compare(Relation.GREATER, tested, high.in(subject)));
                }
                : subject -> {
                    Object tested = value.in(subject);
                    return Numbers.compare(Relation.GREATER_OR_EQUAL, tested, low.in(subject))
                            .and(Numbers.compare(Relation.LESS_OR_EQUAL, tested, high.in(subject)));
                };
    }

    /** A test of a string: unknown for NULL; what is not a string does not pass it, and so passes its negation. */
    private Condition text(Identifier identifier, Function<String, Boolean> test, boolean negated) {
        Value value = value(identifier);
        return subject -> {
            Object tested = value.in(subject);
            if (tested == null) {
                return Truth.UNKNOWN;
            }
            boolean passed = tested instanceof String text && test.apply(text);
            return Truth.of(passed != negated);
        };
    }

    // ---- Values

    private Value value(Expression expression) {
        if (expression instanceof Literal literal) {
            Object value = literal.value();
            return subject -> value;
        } else if (expression instanceof Identifier identifier) {
            return identifier(identifier);
        } else if (expression instanceof Negation negation) {
            Value operand = value(negation.operand());
            return subject -> Numbers.negate(operand.in(subject));
        } else if (expression instanceof Arithmetic arithmetic) {
            Value left = value(arithmetic.left());
            Value right = value(arithmetic.right());
            Operation operation = arithmetic.operation();
            return subject -> Numbers.compute(operation, left.in(subject), right.in(subject));
        }
        Condition condition = condition(expression);
        return subject -> switch (condition.in(subject)) {
            case TRUE -> true;
            case FALSE -> false;
            case UNKNOWN -> null;
        };
    }

    private Value identifier(Identifier identifier) {
        Optional<HeaderField> header = HeaderField.named(identifier.name());
        if (header.isPresent()) {
            HeaderField field = header.get();
            return subject -> field.in(subject.message());
        }
        Found found = found(identifier);
        return subject -> Subject.value(found.values().apply(subject), found.index());
    }

    /** Where a name is looked up. */
    private record Found(Function<Subject, FoundValues> values, int index) {}

    private Found found(Identifier identifier) {
        String name = identifier.name();
        return name.startsWith(ANNOTATION_PREFIX)
                ? new Found(Subject::annotations, index(annotationNames, name.substring(ANNOTATION_PREFIX.length())))
                : new Found(Subject::properties, index(propertyNames, name));
    }

    private static int index(List<String> names, String name) {
        int index = names.indexOf(name);
        if (index >= 0) {
            return index;
        }
        names.add(name);
        return names.size() - 1;
    }
}
