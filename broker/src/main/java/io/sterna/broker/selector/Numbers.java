package io.sterna.broker.selector;

import io.sterna.broker.selector.Expression.Operation;
import io.sterna.broker.selector.Expression.Relation;
import org.jspecify.annotations.Nullable;

/**
 * Arithmetic and comparison with Java's numeric promotion (Jakarta Messaging 3.1 §3.8.1.1): an int stays an int, and
 * overflows as one. Numbers are Integer, Long, Float or Double; null is SQL's NULL.
 */
final class Numbers {
    private Numbers() {}

    /** The result; null when an operand is not a number, or when an exact number is divided by zero. */
    static @Nullable Number compute(Operation operation, @Nullable Object leftValue, @Nullable Object rightValue) {
        if (!(leftValue instanceof Number left) || !(rightValue instanceof Number right)) {
            return null;
        }
        if (left instanceof Double || right instanceof Double) {
            return compute(operation, left.doubleValue(), right.doubleValue());
        } else if (left instanceof Float || right instanceof Float) {
            return compute(operation, left.floatValue(), right.floatValue());
        } else if (left instanceof Long || right instanceof Long) {
            return compute(operation, left.longValue(), right.longValue());
        }
        return compute(operation, left.intValue(), right.intValue());
    }

    static @Nullable Number negate(@Nullable Object value) {
        if (value instanceof Double number) {
            return -number;
        } else if (value instanceof Float number) {
            return -number;
        } else if (value instanceof Long number) {
            return -number;
        }
        return value instanceof Integer number ? -number : null;
    }

    private static Number compute(Operation operation, double left, double right) {
        return switch (operation) {
            case ADD -> left + right;
            case SUBTRACT -> left - right;
            case MULTIPLY -> left * right;
            case DIVIDE -> left / right;
        };
    }

    private static Number compute(Operation operation, float left, float right) {
        return switch (operation) {
            case ADD -> left + right;
            case SUBTRACT -> left - right;
            case MULTIPLY -> left * right;
            case DIVIDE -> left / right;
        };
    }

    private static @Nullable Number compute(Operation operation, long left, long right) {
        return switch (operation) {
            case ADD -> left + right;
            case SUBTRACT -> left - right;
            case MULTIPLY -> left * right;
            case DIVIDE -> right == 0 ? null : (Number) (left / right);
        };
    }

    private static @Nullable Number compute(Operation operation, int left, int right) {
        return switch (operation) {
            case ADD -> left + right;
            case SUBTRACT -> left - right;
            case MULTIPLY -> left * right;
            case DIVIDE -> right == 0 ? null : (Number) (left / right);
        };
    }

    /** Compares two values of any types: unknown with NULL, false where the types are not alike. */
    static Truth compare(Relation relation, @Nullable Object left, @Nullable Object right) {
        if (left == null || right == null) {
            return Truth.UNKNOWN;
        }
        if (left instanceof Number leftNumber && right instanceof Number rightNumber) {
            return Truth.of(compareNumbers(relation, leftNumber, rightNumber));
        }
        boolean alike = (left instanceof String && right instanceof String)
                || (left instanceof Boolean && right instanceof Boolean);
        if (!alike) {
            return Truth.FALSE;
        }
        return switch (relation) {
            case EQUAL -> Truth.of(left.equals(right));
            case NOT_EQUAL -> Truth.of(!left.equals(right));
            // Strings and booleans have no order.
            case LESS, LESS_OR_EQUAL, GREATER, GREATER_OR_EQUAL -> Truth.FALSE;
        };
    }

    private static boolean compareNumbers(Relation relation, Number left, Number right) {
        if (left instanceof Double || right instanceof Double) {
            return compare(relation, left.doubleValue(), right.doubleValue());
        } else if (left instanceof Float || right instanceof Float) {
            // Each float is a double of the same value.
            return compare(relation, left.floatValue(), right.floatValue());
        }
        int order = Long.compare(left.longValue(), right.longValue());
        return compare(relation, order, 0);
    }

    private static boolean compare(Relation relation, double left, double right) {
        return switch (relation) {
            case EQUAL -> left == right;
            case NOT_EQUAL -> left != right;
            case LESS -> left < right;
            case LESS_OR_EQUAL -> left <= right;
            case GREATER -> left > right;
            case GREATER_OR_EQUAL -> left >= right;
        };
    }
}
