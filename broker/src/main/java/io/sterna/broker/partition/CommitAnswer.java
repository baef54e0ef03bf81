package io.sterna.broker.partition;

import io.sterna.amqp.AmqpError;

/** Hears what became of a commit. Called on a partition's loop, once; only hands over and returns. */
public interface CommitAnswer {

    /** All of it has happened and can't be lost any more. */
    void onCommitted();

    /**
     * Nothing of it has happened or will.
     *
     * @param reason for the client
     */
    void onRefused(AmqpError reason);

    /** A partition does not serve any more; whether all of it or nothing has happened is known after a restart. */
    void onStopped(String reason);
}
