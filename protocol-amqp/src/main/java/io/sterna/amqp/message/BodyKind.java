package io.sterna.amqp.message;

/** What the body of a message is made of (AMQP 1.0 §3.2). */
public enum BodyKind {
    /** No body section at all. */
    NONE,
    /** One or more data sections. */
    DATA,
    /** One or more amqp-sequence sections. */
    SEQUENCE,
    /** A single amqp-value section. */
    VALUE
}
