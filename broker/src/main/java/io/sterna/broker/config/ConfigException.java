package io.sterna.broker.config;

/** The configuration cannot be used. The message is one line for the operator: the key, what was found, what is allowed. */
public final class ConfigException extends Exception {
    private static final long serialVersionUID = 1;

    public ConfigException(String message) {
        super(message);
    }
}
