package io.sterna.amqp;

/**
 * One side of a connection, session or link. Legal: {@code UNOPENED → OPEN} with open, begin or attach, and
 * {@code OPEN → CLOSED} with close, end or detach. The states of AMQP 1.0 §2.4.6 and §2.5.5 are pairs of these, ours and
 * the peer's; DISCARDING is ours {@code CLOSED} with the peer's {@code OPEN}.
 */
enum EndpointState {
    UNOPENED,
    OPEN,
    CLOSED;

    EndpointState transitionTo(EndpointState next) {
        if ((this == UNOPENED && next != OPEN) || (this == OPEN && next != CLOSED) || this == CLOSED) {
            throw new IllegalStateException(this + " does not become " + next);
        }
        return next;
    }
}
