package io.sterna.cluster;

/** What messages belong to, and rise under: a queue with those that were enqueued in it, or a topic with what was published. */
public record MessageOwner(boolean ofTopic, long id) implements Comparable<MessageOwner> {

    public static MessageOwner queue(long queueId) {
        return new MessageOwner(false, queueId);
    }

    public static MessageOwner topic(long topicId) {
        return new MessageOwner(true, topicId);
    }

    @Override
    public int compareTo(MessageOwner other) {
        return ofTopic == other.ofTopic ? Long.compare(id, other.id) : Boolean.compare(ofTopic, other.ofTopic);
    }
}
