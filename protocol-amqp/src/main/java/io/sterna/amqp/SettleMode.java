package io.sterna.amqp;

/** Settlement policies of links (AMQP 1.0 §2.8.2, §2.8.3). */
public final class SettleMode {
    private SettleMode() {}

    /** The sender's; the ordinal is the value on the wire. */
    public enum Sender {
        UNSETTLED,
        SETTLED,
        MIXED
    }

    /** The receiver's; the ordinal is the value on the wire. */
    public enum Receiver {
        FIRST,
        SECOND
    }
}
