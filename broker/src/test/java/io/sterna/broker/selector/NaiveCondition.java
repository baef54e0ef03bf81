package io.sterna.broker.selector;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A random condition with its text and a meaning of its own: conditions are Optional booleans, numbers are computed by
 * Java's own operators after a promotion that is chosen by rank, patterns are regular expressions.
 *
 * @param text as a selector has it
 * @param meaning of the values of properties by their names; empty for unknown
 */
record NaiveCondition(String text, Function<Map<String, Object>, Optional<Boolean>> meaning) {
    private static final List<String> NAMES = List.of("a", "b", "c", "d");
    private static final List<String> STRINGS = List.of("", "x", "xy", "x%", "x_y", "yx", "é'");

    private record Operand(String text, Function<Map<String, Object>, @Nullable Object> meaning) {}

    private static <T> T any(Random random, List<T> list) {
        return list.get(random.nextInt(list.size()));
    }

    static @Nullable Object randomValue(Random random) {
        return switch (random.nextInt(9)) {
            case 0 -> random.nextBoolean();
            case 1 -> (byte) random.nextInt(-3, 4);
            case 2 -> (short) random.nextInt(-3, 4);
            case 3 -> random.nextInt(-3, 4);
            case 4 -> (long) random.nextInt(-3, 4);
            case 5 -> random.nextInt(-6, 7) / 2f;
            case 6 -> random.nextInt(-6, 7) / 2d;
            case 7 -> null;
            default -> any(random, STRINGS);
        };
    }

    static NaiveCondition random(Random random, int depth) {
        if (depth == 0 || random.nextInt(3) == 0) {
            return simple(random, depth);
        }
        NaiveCondition left = random(random, depth - 1);
        NaiveCondition right = random(random, depth - 1);
        return switch (random.nextInt(3)) {
            case 0 ->
                new NaiveCondition(
                        "NOT (" + left.text + ")",
                        values -> left.meaning.apply(values).map(it -> !it));
            case 1 ->
                new NaiveCondition("(" + left.text + ") AND (" + right.text + ")", values -> {
                    Optional<Boolean> l = left.meaning.apply(values);
                    Optional<Boolean> r = right.meaning.apply(values);
                    boolean isFalse = l.equals(Optional.of(false)) || r.equals(Optional.of(false));
                    return isFalse
                            ? Optional.of(false)
                            : l.isEmpty() || r.isEmpty() ? Optional.empty() : Optional.of(true);
                });
            default ->
                new NaiveCondition("(" + left.text + ") OR (" + right.text + ")", values -> {
                    Optional<Boolean> l = left.meaning.apply(values);
                    Optional<Boolean> r = right.meaning.apply(values);
                    boolean isTrue = l.equals(Optional.of(true)) || r.equals(Optional.of(true));
                    return isTrue
                            ? Optional.of(true)
                            : l.isEmpty() || r.isEmpty() ? Optional.empty() : Optional.of(false);
                });
        };
    }

    private static NaiveCondition simple(Random random, int depth) {
        String name = any(random, NAMES);
        String not = random.nextBoolean() ? " NOT" : "";
        return switch (random.nextInt(6)) {
            case 0 ->
                new NaiveCondition(
                        name, values -> values.get(name) instanceof Boolean it ? Optional.of(it) : Optional.empty());
            case 1 ->
                new NaiveCondition(
                        name + " IS" + not + " NULL",
                        values -> Optional.of((values.get(name) == null) == not.isEmpty()));
            case 2 -> in(random, name, not);
            case 3 -> like(random, name, not);
            case 4 -> between(random, depth, not);
            default -> comparison(random, depth);
        };
    }

    private static NaiveCondition in(Random random, String name, String not) {
        List<String> strings = IntStream.rangeClosed(0, random.nextInt(3))
                .mapToObj(i -> any(random, STRINGS))
                .toList();
        String list = strings.stream().map(NaiveCondition::quoted).collect(Collectors.joining(", "));
        return new NaiveCondition(name + not + " IN (" + list + ")", values -> Optional.ofNullable(values.get(name))
                .map(it -> strings.contains(it) == not.isEmpty()));
    }

    private static NaiveCondition like(Random random, String name, String not) {
        String pattern = any(random, List.of("%", "_", "x%", "%x", "x_y", "x!_y", "x!%", "%y%", "", "__", "é''"));
        String regex = pattern.replace("''", "'")
                .replace("!_", "\u0001")
                .replace("!%", "\u0002")
                .replace("_", ".")
                .replace("%", ".*")
                .replace("\u0001", "_")
                .replace("\u0002", "%");
        return new NaiveCondition(
                name + not + " LIKE '" + pattern + "' ESCAPE '!'", values -> Optional.ofNullable(values.get(name))
                        .map(it -> (it instanceof String text && Pattern.matches(regex, text)) == not.isEmpty()));
    }

    private static NaiveCondition between(Random random, int depth, String not) {
        Operand value = number(random, depth);
        Operand low = number(random, depth);
        Operand high = number(random, depth);
        return new NaiveCondition(
                value.text + not + " BETWEEN " + low.text + " AND " + high.text,
                not.isEmpty()
                        ? new NaiveCondition("", values -> compare(">=", value, low, values))
                                .and(values -> compare("<=", value, high, values))
                        : new NaiveCondition("", values -> compare("<", value, low, values))
                                .or(values -> compare(">", value, high, values)));
    }

    private Function<Map<String, Object>, Optional<Boolean>> and(
            Function<Map<String, Object>, Optional<Boolean>> other) {
        return values -> {
            Optional<Boolean> l = meaning.apply(values);
            Optional<Boolean> r = other.apply(values);
            if (l.filter(it -> !it).isPresent() || r.filter(it -> !it).isPresent()) {
                return Optional.of(false);
            }
            return l.isPresent() && r.isPresent() ? Optional.of(true) : Optional.empty();
        };
    }

    private Function<Map<String, Object>, Optional<Boolean>> or(
            Function<Map<String, Object>, Optional<Boolean>> other) {
        return values -> {
            Optional<Boolean> l = meaning.apply(values);
            Optional<Boolean> r = other.apply(values);
            if (l.filter(it -> it).isPresent() || r.filter(it -> it).isPresent()) {
                return Optional.of(true);
            }
            return l.isPresent() && r.isPresent() ? Optional.of(false) : Optional.empty();
        };
    }

    private static NaiveCondition comparison(Random random, int depth) {
        if (random.nextInt(3) == 0) {
            String name = any(random, NAMES);
            String text = any(random, STRINGS);
            String relation = any(random, List.of("=", "<>"));
            Operand left = new Operand(name, values -> values.get(name));
            Operand right = new Operand(quoted(text), values -> text);
            return new NaiveCondition(
                    left.text + " " + relation + " " + right.text, values -> compare(relation, left, right, values));
        }
        String relation = any(random, List.of("=", "<>", "<", "<=", ">", ">="));
        Operand left = number(random, depth);
        Operand right = number(random, depth);
        return new NaiveCondition(
                left.text + relation + " " + right.text, values -> compare(relation, left, right, values));
    }

    private static Operand number(Random random, int depth) {
        if (depth > 0 && random.nextInt(3) == 0) {
            char operation = "+-*/".charAt(random.nextInt(4));
            Operand left = number(random, depth - 1);
            Operand right = number(random, depth - 1);
            return new Operand(
                    "(" + left.text + " " + operation + " " + right.text + ")",
                    values -> compute(operation, left.meaning.apply(values), right.meaning.apply(values)));
        }
        String name = any(random, NAMES);
        int literal = random.nextInt(-3, 4);
        return switch (random.nextInt(6)) {
            case 0 -> new Operand(Integer.toString(literal), values -> literal);
            case 1 -> new Operand(literal + "L", values -> (long) literal);
            case 2 -> new Operand(literal + ".5f", values -> Float.parseFloat(literal + ".5"));
            case 3 -> new Operand(literal + ".5", values -> Double.parseDouble(literal + ".5"));
            case 4 -> new Operand("- " + name, values -> compute('*', values.get(name), -1));
            default -> new Operand(name, values -> values.get(name));
        };
    }

    private static String quoted(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    private static int rank(Object value) {
        return value instanceof Double ? 3 : value instanceof Float ? 2 : value instanceof Long ? 1 : 0;
    }

    private static @Nullable Object compute(char operation, @Nullable Object l, @Nullable Object r) {
        if (!(l instanceof Number left) || !(r instanceof Number right)) {
            return null;
        }
        int rank = Math.max(rank(left), rank(right));
        if (rank < 2 && operation == '/' && right.longValue() == 0) {
            return null;
        }
        // Small operands: nothing overflows, and doubles hold all results but quotients exactly.
        double result =
                switch (operation) {
                    case '+' -> left.doubleValue() + right.doubleValue();
                    case '-' -> left.doubleValue() - right.doubleValue();
                    case '*' -> left.doubleValue() * right.doubleValue();
                    default -> quotient(rank, left, right);
                };
        return switch (rank) {
            case 0 -> (Object) (int) result;
            case 1 -> (Object) (long) result;
            case 2 -> (Object) (float) result;
            default -> (Object) result;
        };
    }

    private static double quotient(int rank, Number left, Number right) {
        if (rank < 2) {
            long whole = left.longValue() / right.longValue();
            return whole;
        }
        return rank == 2 ? left.floatValue() / right.floatValue() : left.doubleValue() / right.doubleValue();
    }

    private static Optional<Boolean> compare(
            String relation, Operand leftOperand, Operand rightOperand, Map<String, Object> values) {
        Object left = leftOperand.meaning.apply(values);
        Object right = rightOperand.meaning.apply(values);
        if (left == null || right == null) {
            return Optional.empty();
        }
        if (left instanceof Number l && right instanceof Number r) {
            double x = l.doubleValue();
            double y = r.doubleValue();
            return Optional.of(
                    switch (relation) {
                        case "=" -> x == y;
                        case "<>" -> x != y;
                        case "<" -> x < y;
                        case "<=" -> x <= y;
                        case ">" -> x > y;
                        default -> x >= y;
                    });
        }
        boolean comparable = left.getClass() == right.getClass() && (relation.equals("=") || relation.equals("<>"));
        return Optional.of(comparable && left.equals(right) == relation.equals("="));
    }
}
