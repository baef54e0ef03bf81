package io.sterna.amqp;

/** The error conditions of AMQP 1.0 §2.8.15 to §2.8.18 and §4.5.8. */
public final class ErrorCondition {
    public static final String INTERNAL_ERROR = "amqp:internal-error";
    public static final String NOT_FOUND = "amqp:not-found";
    public static final String UNAUTHORIZED_ACCESS = "amqp:unauthorized-access";
    public static final String DECODE_ERROR = "amqp:decode-error";
    public static final String RESOURCE_LIMIT_EXCEEDED = "amqp:resource-limit-exceeded";
    public static final String NOT_ALLOWED = "amqp:not-allowed";
    public static final String INVALID_FIELD = "amqp:invalid-field";
    public static final String NOT_IMPLEMENTED = "amqp:not-implemented";
    public static final String RESOURCE_LOCKED = "amqp:resource-locked";
    public static final String PRECONDITION_FAILED = "amqp:precondition-failed";
    public static final String RESOURCE_DELETED = "amqp:resource-deleted";
    public static final String ILLEGAL_STATE = "amqp:illegal-state";
    public static final String FRAME_SIZE_TOO_SMALL = "amqp:frame-size-too-small";
    public static final String CONNECTION_FORCED = "amqp:connection:forced";
    public static final String FRAMING_ERROR = "amqp:connection:framing-error";
    public static final String WINDOW_VIOLATION = "amqp:session:window-violation";
    public static final String ERRANT_LINK = "amqp:session:errant-link";
    public static final String HANDLE_IN_USE = "amqp:session:handle-in-use";
    public static final String UNATTACHED_HANDLE = "amqp:session:unattached-handle";
    public static final String DETACH_FORCED = "amqp:link:detach-forced";
    public static final String TRANSFER_LIMIT_EXCEEDED = "amqp:link:transfer-limit-exceeded";
    public static final String MESSAGE_SIZE_EXCEEDED = "amqp:link:message-size-exceeded";
    public static final String STOLEN = "amqp:link:stolen";

    public static final String TRANSACTION_UNKNOWN_ID = "amqp:transaction:unknown-id";
    public static final String TRANSACTION_ROLLBACK = "amqp:transaction:rollback";
    public static final String TRANSACTION_TIMEOUT = "amqp:transaction:timeout";

    private ErrorCondition() {}
}
