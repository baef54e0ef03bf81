package io.sterna.cluster.net;

/** Another node, or whoever takes itself for one, has sent what can't be read. The message says what is wrong. */
final class MalformedFrameException extends Exception {
    private static final long serialVersionUID = 1;

    MalformedFrameException(String message) {
        super(message);
    }

    MalformedFrameException(String message, Throwable cause) {
        super(message, cause);
    }
}
