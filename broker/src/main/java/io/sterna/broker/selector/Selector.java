package io.sterna.broker.selector;

import io.sterna.amqp.message.MessageSections;

/** A message selector, ready to be asked (Jakarta Messaging 3.1 §3.8). Immutable; any thread. */
public final class Selector {
    /** The longest selector, in chars. */
    public static final int MAX_LENGTH = 64 * 1024;

    /** How deep parentheses, NOT and signs may lie in each other. */
    static final int MAX_NESTING = 200;

    /** How many arithmetic and comparison operators there may be; as deep as they can lie in each other. */
    static final int MAX_OPERATORS = 2_000;

    /** How many different identifiers there may be; each costs a comparison with each property of a message. */
    static final int MAX_IDENTIFIERS = 250;

    /** The longest pattern of a LIKE, in characters: matching takes time in proportion to pattern times value. */
    static final int MAX_PATTERN_LENGTH = 4 * 1024;

    private final String text;
    private final Compiler.Compiled compiled;

    private Selector(String text, Compiler.Compiled compiled) {
        this.text = text;
        this.compiled = compiled;
    }

    /**
     * Reads a selector.
     *
     * @param text not blank: an empty selector is none (§3.8.1.1), which is for the caller to see
     * @throws InvalidSelectorException when it is not one; says where and why
     */
    public static Selector parse(String text) throws InvalidSelectorException {
        return new Selector(text, Compiler.compile(Parser.parse(text)));
    }

    /** What was parsed. */
    public String text() {
        return text;
    }

    /** Whether the condition is true for a message: neither false nor unknown. Never throws. */
    public boolean matches(MessageSections message) {
        return compiled.condition().in(new Subject(message, compiled)) == Truth.TRUE;
    }

    @Override
    public String toString() {
        return text;
    }
}
