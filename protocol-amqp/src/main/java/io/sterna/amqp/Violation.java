package io.sterna.amqp;

/** The peer did something that the specification forbids. Carries no stack trace: the cause lies with the peer. */
final class Violation extends Exception {
    private static final long serialVersionUID = 1;

    /** How much dies of it. */
    enum Scope {
        LINK,
        SESSION,
        CONNECTION
    }

    private final Scope scope;
    private final transient AmqpError error;

    private Violation(Scope scope, AmqpError error) {
        super(error.toString(), null, false, false);
        this.scope = scope;
        this.error = error;
    }

    static Violation link(String condition, String description) {
        return new Violation(Scope.LINK, AmqpError.of(condition, description));
    }

    static Violation session(String condition, String description) {
        return new Violation(Scope.SESSION, AmqpError.of(condition, description));
    }

    static Violation connection(String condition, String description) {
        return new Violation(Scope.CONNECTION, AmqpError.of(condition, description));
    }

    Scope scope() {
        return scope;
    }

    AmqpError error() {
        return error;
    }
}
