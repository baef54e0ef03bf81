package io.sterna.broker.cli;

/** How the process ends; scripts and supervisors rely on these. */
enum ExitCode {
    /** Done, or stopped by a signal after draining. */
    OK(0),
    /** Could not start, for instance because a port is taken; or a fault of the program. */
    FAILED(1),
    /** Wrong usage or configuration. */
    USAGE(2),
    /** Another process uses the data directory. */
    DATA_IN_USE(3),
    /** Something in the data directory is damaged. */
    DAMAGED(4);

    private final int code;

    ExitCode(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }
}
