package io.sterna.broker.management;

/** What was asked for makes no sense; the message says why. */
final class BadRequestException extends Exception {
    private static final long serialVersionUID = 1;

    BadRequestException(String message) {
        super(message);
    }
}
