package io.sterna.broker.selector;

/** A selector that is not one (Jakarta Messaging 3.1 §3.8.1.1). The message is for the person who wrote it. */
public final class InvalidSelectorException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int position;

    InvalidSelectorException(int position, String problem) {
        super(problem + ", at character " + (position + 1) + " of the selector");
        this.position = position;
    }

    /** Where the trouble is: chars from the selector's start. */
    public int position() {
        return position;
    }
}
