package io.sterna.broker.queue;

/** When a delivery is settled. */
public enum SettleMode {
    /** The consumer says what became of each message; until then it is acquired. */
    BY_CONSUMER,
    /** A message leaves the queue when it is handed over (AMQP 1.0 §2.8.2, snd-settle-mode settled). */
    ON_DELIVERY
}
