package io.sterna.store;

/** Another process, or another store of this one, has the data directory open. */
public final class DirectoryInUseException extends StoreException {
    private static final long serialVersionUID = 1;

    public DirectoryInUseException(String message) {
        super(message);
    }
}
