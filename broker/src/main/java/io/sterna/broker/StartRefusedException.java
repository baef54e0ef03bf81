package io.sterna.broker;

/** The broker does not start, for a reason that its operator can mend; the message says it in a sentence. */
public final class StartRefusedException extends Exception {
    private static final long serialVersionUID = 1;

    private final boolean misconfigured;

    /** @param misconfigured whether the configuration is not for this data directory, and not something of the machine */
    public StartRefusedException(String message, boolean misconfigured) {
        super(message);
        this.misconfigured = misconfigured;
    }

    public boolean misconfigured() {
        return misconfigured;
    }
}
