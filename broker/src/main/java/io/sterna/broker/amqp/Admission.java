package io.sterna.broker.amqp;

import io.sterna.amqp.AmqpError;
import java.util.Optional;

/** Whether new connections are let in. Any thread. */
public final class Admission {
    private volatile Optional<AmqpError> refusal = Optional.empty();
    private volatile Optional<AmqpError> hold = Optional.empty();

    /** From now on connections are opened and closed at once, for this reason. */
    public void refuse(AmqpError reason) {
        refusal = Optional.of(reason);
    }

    /** As {@link #refuse}, until it is called again with nothing. */
    public void hold(Optional<AmqpError> reason) {
        hold = reason;
    }

    Optional<AmqpError> refusal() {
        return refusal.or(() -> hold);
    }
}
