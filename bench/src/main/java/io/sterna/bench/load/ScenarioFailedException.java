package io.sterna.bench.load;

/** A scenario that the broker takes part in came to no figure: a time-out, a lost message, a failed send. */
final class ScenarioFailedException extends Exception {

    private static final long serialVersionUID = 1;

    ScenarioFailedException(String message) {
        super(message);
    }

    ScenarioFailedException(String message, Throwable cause) {
        super(message, cause);
    }
}
