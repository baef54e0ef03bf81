package io.sterna.amqp;

import java.util.Map;
import java.util.Optional;

/**
 * An error as it goes over the wire (AMQP 1.0 §2.8.14).
 *
 * @param condition one of {@link ErrorCondition}, or another symbol that the peer sent
 * @param description what happened and what to do, for a person; may be empty when the peer gave none
 * @param info further details by name; values as in {@link AmqpTypes}
 */
public record AmqpError(String condition, String description, Map<String, Object> info) {
    private static final int BRIEF_CHARS = 100;

    public AmqpError {
        info = Map.copyOf(info);
    }

    public static AmqpError of(String condition, String description) {
        return new AmqpError(condition, description, Map.of());
    }

    /** As much of it as fits into the smallest frame. */
    AmqpError brief() {
        int end = Math.min(description.length(), BRIEF_CHARS);
        if (end > 0 && Character.isHighSurrogate(description.charAt(end - 1))) {
            end--;
        }
        return new AmqpError(condition, description.substring(0, end), Map.of());
    }

    @Override
    public String toString() {
        return description.isEmpty() ? condition : condition + " (" + description + ")";
    }

    /** For a log line: the error, or that there was none. */
    public static String describe(Optional<AmqpError> error) {
        return error.map(AmqpError::toString).orElse("no error");
    }
}
