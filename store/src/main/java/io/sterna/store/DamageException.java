package io.sterna.store;

/** Something that was stored can't be told any more, however often it is read. */
final class DamageException extends StoreException {
    private static final long serialVersionUID = 1;

    DamageException(String message) {
        super(message);
    }

    DamageException(String message, Throwable cause) {
        super(message, cause);
    }
}
