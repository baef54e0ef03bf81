package io.sterna.broker.partition;

import io.sterna.broker.config.PolicyTarget;

/** What nodes there are. */
public enum NodeKind {
    /** Each message goes to one consumer. */
    QUEUE(1, "queue"),

    /** Each message goes to every subscription. */
    TOPIC(2, "topic"),

    /** A queue that a topic feeds. */
    SUBSCRIPTION(3, "subscription");

    private final int number;
    private final String text;

    NodeKind(int number, String text) {
        this.number = number;
        this.text = text;
    }

    /** How the store's records name it; part of the format of the data directory. */
    int number() {
        return number;
    }

    /** Whether the store's records name topics by this number. */
    public static boolean isTopic(int number) {
        return TOPIC.number == number;
    }

    static NodeKind of(int number) {
        for (NodeKind kind : values()) {
            if (kind.number == number) {
                return kind;
            }
        }
        throw new IllegalArgumentException("the store has a node of the unknown kind " + number);
    }

    /** Which settings a node of this kind at that address may have; those of a subscription are its topic's. */
    public PolicyTarget policyTarget(String address) {
        if (this == TOPIC) {
            return PolicyTarget.TOPIC;
        }
        return Addresses.isDeadLetterQueue(address) ? PolicyTarget.DEAD_LETTERS : PolicyTarget.QUEUE;
    }

    @Override
    public String toString() {
        return text;
    }
}
