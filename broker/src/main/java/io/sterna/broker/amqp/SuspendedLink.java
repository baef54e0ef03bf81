package io.sterna.broker.amqp;

import io.sterna.amqp.Terminus;

/** What is left of a link whose terminus outlives it (AMQP 1.0 §2.6.1): until it is resumed or expires. */
sealed interface SuspendedLink permits SuspendedSource, SuspendedTarget {

    /** The terminus as it was granted. */
    Terminus.Node terminus();

    /** How much memory it keeps, about. */
    long bytes();

    /** It has expired: what it holds unsettled is settled. Any thread. */
    void discard();
}
