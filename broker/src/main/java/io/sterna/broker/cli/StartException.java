package io.sterna.broker.cli;

/** The node cannot start, for a reason that the operator can act on. The message is one line. */
final class StartException extends Exception {
    private static final long serialVersionUID = 1;

    private final ExitCode exitCode;

    StartException(ExitCode exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    ExitCode exitCode() {
        return exitCode;
    }
}
