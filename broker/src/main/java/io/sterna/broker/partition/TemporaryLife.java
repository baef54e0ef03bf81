package io.sterna.broker.partition;

/**
 * When a node goes that was made for a link (AMQP 1.0 §3.5.10 to §3.5.13): not before that link is gone, and then as
 * soon as nothing keeps it. Owned by the node's loop once the node is made.
 */
public final class TemporaryLife {
    private final boolean keptByLinks;
    private final boolean keptByMessages;
    private boolean creatorLeft;

    /**
     * Makes the rule, on any thread.
     *
     * @param keptByLinks whether it stays while it has other links
     * @param keptByMessages whether it stays while it has messages
     */
    public TemporaryLife(boolean keptByLinks, boolean keptByMessages) {
        this.keptByLinks = keptByLinks;
        this.keptByMessages = keptByMessages;
    }

    boolean keptByMessages() {
        return keptByMessages;
    }

    void onCreatorLeft() {
        creatorLeft = true;
    }

    boolean isOver(int links, int messages) {
        return creatorLeft && !(keptByLinks && links > 0) && !(keptByMessages && messages > 0);
    }
}
