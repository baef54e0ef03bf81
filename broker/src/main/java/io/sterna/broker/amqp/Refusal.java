package io.sterna.broker.amqp;

import io.sterna.amqp.AmqpError;

/** A link can't be had, for the reason given. A value, not a defect: it carries no stack trace. */
final class Refusal extends Exception {
    private static final long serialVersionUID = 1;

    private final transient AmqpError error;

    Refusal(String condition, String description) {
        super(description, null, false, false);
        error = AmqpError.of(condition, description);
    }

    AmqpError error() {
        return error;
    }
}
