package io.sterna.broker.amqp;

import io.sterna.amqp.AmqpError;
import java.util.Optional;

/** Whether new connections are let in. Any thread. */
public final class Admission {
    private volatile Optional<AmqpError> refusal = Optional.empty();

    /** From now on connections are opened and closed at once, for this reason. */
    public void refuse(AmqpError reason) {
        refusal = Optional.of(reason);
    }

    Optional<AmqpError> refusal() {
        return refusal;
    }
}
