package io.sterna.amqp.sasl;

/** Why a SASL exchange failed (AMQP 1.0 §5.3.3.6). */
public enum SaslFailure {
    /** The credentials are not right. */
    AUTH(1),
    /** The system failed. */
    SYS(2),
    /** The system failed and will go on failing until someone repairs it. */
    SYS_PERM(3),
    /** The system failed for now; another attempt may succeed. */
    SYS_TEMP(4);

    private final int code;

    SaslFailure(int code) {
        this.code = code;
    }

    /** The code of the outcome frame. */
    public int code() {
        return code;
    }
}
