package io.sterna.store;

/** The store cannot do what was asked. The message names the file, what is affected, and what to do. */
public class StoreException extends Exception {
    private static final long serialVersionUID = 1;

    public StoreException(String message) {
        super(message);
    }

    public StoreException(String message, Throwable cause) {
        super(message, cause);
    }
}
