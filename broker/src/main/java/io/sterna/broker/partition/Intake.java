package io.sterna.broker.partition;

import io.sterna.broker.config.QueuePolicy;
import io.sterna.broker.queue.MessageTraits;

/** What a node's policy makes of the messages that arrive. Owned by the partition's loop. */
final class Intake {
    private final QueuePolicy policy;
    private final Loop loop;

    Intake(QueuePolicy policy, Loop loop) {
        this.policy = policy;
        this.loop = loop;
    }

    /** What the node's queues have to know of a message that arrives now. */
    MessageTraits traits(BrokerMessage message) {
        long nowMillis = loop.nowMillis();
        MessageTraits asked = message.traits(nowMillis);
        return asked.withExpiresAtMillis(policy.timeToLive().expiresAtMillis(asked.expiresAtMillis(), nowMillis));
    }
}
